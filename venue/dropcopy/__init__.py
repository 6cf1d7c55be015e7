"""Drop copies: each member's executions, numbered without gaps, in a stream of its own.

May know the bus and domain. Must never leave out or repeat a number: a member counts them.
"""
