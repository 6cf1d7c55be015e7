"""What operators, risk and compliance do: the venue's state, members, sessions, limits, blocks."""
