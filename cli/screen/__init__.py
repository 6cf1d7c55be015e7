"""What is watched: books, events, drop copies, and the demonstration."""
