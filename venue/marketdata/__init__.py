"""Public market data: depth, best bid/offer, trades, status and statistics, made from events alone.

May know the bus, the journal's reader and the domain. Must never publish who trades.
"""
