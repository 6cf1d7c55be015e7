"""The audit trail: an append-only, hash-chained copy of every event, and its verification.

May know the bus and the domain. Must never change or remove a line that it has written.
"""
