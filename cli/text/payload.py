"""Codes of the trade in words, for events, market data and commands alike."""

SIDES = {"1": "buy", "2": "sell", "5": "sell short"}
