"""How much of a connection is read in one round.

All that is read in a round is acted on before anybody else has a turn, so it is what a flood costs
the others. Where all send much, much is read: fewer writes to the disk.
"""

import time

from venue.fix.connection import Connection
from venue.fix.link import READ_BYTES

BESIDE_QUIET_BYTES = 1024
"""Six orders, half a millisecond: somebody who sends little has to wait for it."""
_RECENT_SECONDS = 1.0


class Turns:
    """Remembers who has sent something in the last second, and who has sent much."""

    def __init__(self) -> None:
        self._sent: dict[str, float] = {}
        self._sent_much: dict[str, float] = {}
        self._look_at = 0.0
        self._bytes = READ_BYTES

    def bytes_of(self, connection: Connection) -> int:
        """How many bytes to read of it now."""
        now, session = time.monotonic(), connection.session
        is_new = bool(session) and session not in self._sent
        if session:
            self._sent[session] = now
        if is_new or now >= self._look_at:
            self._look(now)
        return self._bytes

    def took(self, connection: Connection, count: int) -> None:
        """Note how many bytes of it were read: as many as it was granted are much."""
        if count >= self._bytes and connection.session:
            self._sent_much[connection.session] = time.monotonic()

    def _look(self, now: float) -> None:
        self._look_at = now + _RECENT_SECONDS / 4
        for seen in (self._sent, self._sent_much):
            for session in [key for key, at in seen.items() if now - at > _RECENT_SECONDS]:
                del seen[session]
        all_send_much = len(self._sent) <= 1 or self._sent.keys() <= self._sent_much.keys()
        self._bytes = READ_BYTES if all_send_much else BESIDE_QUIET_BYTES
