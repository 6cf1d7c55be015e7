"""Clearing: every trade, deposit and withdrawal as a balanced double entry in PostgreSQL.

May know the bus and the domain. Must never book an event twice, nor an entry that does not balance.
"""
