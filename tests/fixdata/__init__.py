"""The edge that market data and drop copies share: FIX sessions beside trading."""
