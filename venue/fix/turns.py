"""How much of a connection is read in one round: much of one that is alone, little beside others.

What is read in a round is acted on before anybody else has a turn, so it is what a flood costs the
others. A session that trades alone gets through more with fewer writes to the disk. Where messages
turn out to be dear, such as orders that look through a long book, a round gets fewer of them.
"""

import time

from venue.fix.connection import Connection
from venue.fix.link import READ_BYTES

ALONE_BYTES = READ_BYTES
BESIDE_OTHERS_BYTES = 2048
"""A dozen orders: a millisecond."""
LEAST_BYTES = 128
"""Less than an order."""
DEAR_SECONDS, DEAR_SECONDS_A_BYTE = 0.005, 2e-6
"""Of the processor: a round that took more than both, for what was read in it, was too long: ten
times as long as with plain orders. The disk's time is nobody's doing."""
_A_BATCH_SECONDS = 0.001
_RECENT_SECONDS = 1.0
_CHEAPER_SECONDS = 0.05
"""So long after a dear round it is tried with twice as much."""


class Turns:
    """Remembers which sessions have sent something in the last second, and what a round cost."""

    def __init__(self) -> None:
        self._recent: dict[str, float] = {}
        self._look_at = 0.0
        self._halved = 0
        self._cheaper_at = 0.0
        self._spent: float | None = None
        self._bytes = 0

    def begin_round(self) -> None:
        """Another round begins: the one before is over, with all that it has caused."""
        spent = time.thread_time()
        took = 0.0 if self._spent is None else spent - self._spent
        self._spent = spent
        is_dear = took > DEAR_SECONDS and took > self._bytes * DEAR_SECONDS_A_BYTE
        if took > _A_BATCH_SECONDS:  # what was read before was acted on in this one
            self._bytes = 0
        if is_dear:
            self._cheaper_at = time.monotonic() + _CHEAPER_SECONDS
            if BESIDE_OTHERS_BYTES >> self._halved > LEAST_BYTES:
                self._halved += 1
        elif self._halved and time.monotonic() >= self._cheaper_at:
            self._cheaper_at = time.monotonic() + _CHEAPER_SECONDS
            self._halved -= 1

    def bytes_of(self, connection: Connection) -> int:
        """How many bytes to read of it now."""
        now, recent = time.monotonic(), self._recent
        if connection.session:
            recent[connection.session] = now
        if now >= self._look_at:
            self._look_at = now + _RECENT_SECONDS / 4
            for session in [key for key, at in recent.items() if now - at > _RECENT_SECONDS]:
                del recent[session]
        most = BESIDE_OTHERS_BYTES if len(recent) > 1 else ALONE_BYTES
        most >>= self._halved
        self._bytes += most
        return most
