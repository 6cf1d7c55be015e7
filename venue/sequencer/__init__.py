"""The order of things: stamps commands, journals them with their events, sends the reports.

The only writer of the journal. May import engine, journal and domain.
"""
