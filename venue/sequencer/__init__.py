"""The order of things: stamps commands, journals them with their events, rebuilds state at start.

The only writer of the journal. May import engine, journal and domain.
"""
