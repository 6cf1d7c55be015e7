"""What the engine remembers: orders, members, markets, and all of them together."""
