"""Answers to questions about the state. Nothing here changes it."""
