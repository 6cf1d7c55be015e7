"""Pre-trade risk: what must hold before the book is touched, check by check. Pure."""
