"""How far clearing is, asked of its database without what the ledger needs otherwise.

Knows the name of one table. Read-only.
"""

import psycopg
from psycopg import Error

from venue.bus.position_file import Position

__all__ = ["Error", "booked_position_at"]

_QUERY = "SELECT event_seq, journal, digest FROM clearing.position WHERE consumer = 'clearing'"


def booked_position_at(url: str, seconds: int) -> Position:
    """The last event that is booked; event_seq is 0 until clearing has begun.

    Raises psycopg.Error, also where it takes longer than so many seconds.
    """
    options = f"-c statement_timeout={1000 * seconds}"
    with psycopg.connect(url, connect_timeout=seconds, options=options) as connection:
        try:
            row = connection.execute(_QUERY).fetchone()
        except psycopg.errors.UndefinedTable:
            row = None
    return Position(0) if row is None else Position(row[0], journal=row[1], digest=row[2])
