"""Connections that are closed when what was put for them has left, or a little later.

Knows connections and arrivals. Never many at a time: who was refused and does not close gives way.
"""

import time

from venue.fix.arrivals import Arrivals
from venue.fix.connection import Connection
from venue.fix.stage import Stage

LAST_WORDS_SECONDS = 2.0
MOST_LEAVING = 200
"""The oldest is closed then: what was put for it has left long ago, if its client reads at all."""


class Leaving:
    """Those that leave, in the order in which they began to."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._connections: dict[Connection, None] = {}

    def __len__(self) -> int:
        return len(self._connections)

    def add(self, connection: Connection) -> None:
        """Close it when all that was put has left."""
        connection.stage = Stage.LEAVING
        connection.until = time.monotonic() + LAST_WORDS_SECONDS
        self._connections[connection] = None

    def close_left(self, now: float) -> None:
        """Let leave what can, and close those that are done or have had their time."""
        too_many = len(self._connections) - MOST_LEAVING
        for place, connection in enumerate(list(self._connections)):
            connection.flush()
            if not connection.out and not connection.is_finished:
                connection.is_finished = True
                connection.link.finish()
            over = connection.until is not None and now > connection.until
            if over or place < too_many or connection.link.ended is not None:
                del self._connections[connection]
                self._arrivals.forget(connection)
                connection.link.close()


__all__ = ["LAST_WORDS_SECONDS", "MOST_LEAVING", "Leaving"]
