"""The Kraken profile: Kraken's REST and WebSocket v2 in front of the same orders and books.

For clients that are written for Kraken's API, such as ccxt. It decides nothing of its own: what the
gateway knows and may is told in Kraken's words. docs/KRAKEN.md says what is served.
"""
