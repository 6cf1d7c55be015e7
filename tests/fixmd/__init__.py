"""Market data over FIX: what sessions of that kind ask for and get."""
