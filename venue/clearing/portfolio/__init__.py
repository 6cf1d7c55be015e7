"""Positions of members: what they hold, what it has cost, what it has earned.

    changes.py      an event as what it does to members' positions
    lots.py         the arithmetic of cost: first in first out, or average
    portfolio.py    changes folded to positions
    change_rows.py  the changes that are no trades, as rows that clearing keeps
    reading.py      the ledger's tables as of a moment, folded
    report.py       rows for people and programs, with marks and reservations

The first three are pure: integers of 10^-8, no clock, no database.
"""
