"""Clearing: every trade, deposit and withdrawal as a balanced double entry in PostgreSQL.

May know dropcopy and domain. Must never book an event twice, nor an entry that does not balance.
"""
