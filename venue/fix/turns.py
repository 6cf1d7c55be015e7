"""How much of a connection is read in one round: much if it is alone, little if others are active.

All that is read in a round is acted on before anybody else has a turn, so a flood costs the others
that time. A session that trades alone gets more through with fewer writes to the disk.
"""

import time

from venue.fix.connection import Connection
from venue.fix.link import READ_BYTES

ALONE_BYTES = READ_BYTES
BESIDE_OTHERS_BYTES = 2048
"""A dozen orders: a millisecond."""
_RECENT_SECONDS = 1.0


class Turns:
    """Remembers which sessions have sent something in the last second."""

    def __init__(self) -> None:
        self._recent: dict[str, float] = {}
        self._look_at = 0.0

    def bytes_of(self, connection: Connection) -> int:
        """How many bytes to read of it now."""
        now, recent = time.monotonic(), self._recent
        if connection.session:
            recent[connection.session] = now
        if now >= self._look_at:
            self._look_at = now + _RECENT_SECONDS / 4
            for session in [key for key, at in recent.items() if now - at > _RECENT_SECONDS]:
                del recent[session]
        return BESIDE_OTHERS_BYTES if len(recent) > 1 else ALONE_BYTES
