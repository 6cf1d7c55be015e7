"""Price-time priority: who trades with whom, at what price, in what order.

Pure; knows prices in ticks and quantities in lots, nothing of members, FIX or money.
"""
