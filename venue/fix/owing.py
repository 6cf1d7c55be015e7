"""Sessions that are owed more than leaves at once: unread reports that lost their numbers.

Knows sessions and connections; what is owed is the sequencer's. One slice a round, and none to who
does not read: else a logon of a session that was owed much would stop all others.
"""

from collections.abc import Callable, Mapping

from venue.fix.connection import Connection
from venue.fix.stage import Stage


class Owing:
    """send: send a session the next of what it is owed; whether more is to follow."""

    def __init__(self, send: Callable[[str], bool]) -> None:
        self._send = send
        self._sessions: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def begin(self, session: str) -> None:
        """A session has logged on, also once more: send the first of what it is owed."""
        self._sessions.pop(session, None)
        if self._send(session):
            self._sessions[session] = None

    def go_on(self, connections: Mapping[str, Connection], most_bytes: int) -> None:
        """Send more to one session, if so little of before waits to be read."""
        if not self._sessions:
            return
        session = next(iter(self._sessions))
        del self._sessions[session]
        connection = connections.get(session)
        if connection is None or connection.stage not in (Stage.ON, Stage.DECIDING):
            return
        has_room = connection.stage is Stage.ON and len(connection.out) < most_bytes
        if not has_room or self._send(session):
            self._sessions[session] = None  # behind the others


__all__ = ["Owing"]
