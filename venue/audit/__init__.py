"""The audit trail: an append-only, hash-chained copy of every event, and its verification.

May know dropcopy and the domain. Must never change or drop what it has written.
"""
