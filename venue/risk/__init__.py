"""Pre-trade risk: the checks that an order has to pass before the book is touched. Pure."""
