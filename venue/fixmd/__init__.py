"""Market data over FIX: what the process fix-marketdata says at its port.

process        the process: books from NATS, the edge, the core
core           MarketDataCore: takes requests, sends what has changed
requests       MarketDataRequest(V) as it is acted on, or why it is refused
view           one way to look at one symbol's book, rendered once for all who look so
entries        texts of the entries of W and X
reader         one session: its subscriptions, and what happens when it does not read
reference      SecurityList, SecurityDefinition, SecurityStatus, TradingSessionStatus
"""
