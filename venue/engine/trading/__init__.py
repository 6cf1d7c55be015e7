"""What orders do: entry, cancel, replace, and what follows in the book."""
