"""How much of a connection is read in one round.

All that is read in a round is acted on before anybody else has a turn, so it is what a flood costs
the others. Where all send much, much is read: fewer writes to the disk. Where messages turn out to
be dear, such as orders that look through a long book or trade many times, a round gets fewer.
"""

import time

from venue.fix.connection import Connection
from venue.fix.link import READ_BYTES

BESIDE_QUIET_BYTES = 1024
"""Six orders, half a millisecond: somebody who sends little has to wait for it."""
LEAST_BYTES = 128
"""Less than an order."""
DEAR_SECONDS, DEAR_SECONDS_A_BYTE = 0.005, 2e-6
"""Processor time: a round that took more than both, for what was read in it, was too long, ten
times as long as with plain orders. The disk's time is nobody's doing."""
SECONDS_A_REPORT = 1e-4
"""So long the sender of a message that causes many reports leaves the turn to others, for each of
these: some three times what one costs."""
_A_BATCH_SECONDS = 0.001
_RECENT_SECONDS = 1.0
_CHEAPER_SECONDS = 0.05
"""So long after a dear round it is tried with twice as much."""


class Turns:
    """Remembers who has sent something in the last second, who has sent much, and what it cost."""

    def __init__(self) -> None:
        self._sent: dict[str, float] = {}
        self._sent_much: dict[str, float] = {}
        self._look_at = 0.0
        self._most = READ_BYTES
        self._halved = 0
        self._cheaper_at = 0.0
        self._spent: float | None = None
        self._granted = 0
        self._put_off: dict[str, float] = {}
        self._dear: dict[str, float] = {}
        """Until when less than an order is read at once, of whose messages cause many others."""

    def begin_round(self, dear: dict[str, int]) -> None:
        """Another round begins: the one before is over, with all that it has caused.

        dear: how many messages the dear ones of each session have caused; it is emptied.
        """
        if dear:
            now = time.monotonic()
            for session, caused in dear.items():
                self._put_off[session] = now + caused * SECONDS_A_REPORT
                self._dear[session] = now + _RECENT_SECONDS
            dear.clear()
        spent = time.thread_time()
        took = 0.0 if self._spent is None else spent - self._spent
        self._spent = spent
        is_dear = took > DEAR_SECONDS and took > self._granted * DEAR_SECONDS_A_BYTE
        if took > _A_BATCH_SECONDS:  # what was read before was acted on in this one
            self._granted = 0
        if is_dear:
            self._cheaper_at = time.monotonic() + _CHEAPER_SECONDS
            if BESIDE_QUIET_BYTES >> self._halved > LEAST_BYTES:
                self._halved += 1
        elif self._halved and time.monotonic() >= self._cheaper_at:
            self._cheaper_at = time.monotonic() + _CHEAPER_SECONDS
            self._halved -= 1

    def may_be_read(self, connection: Connection) -> bool:
        """Whether it is the connection's turn: it has left time to others, or there are none."""
        until = self._put_off.get(connection.session) if self._put_off else None
        if until is None:
            return True
        if time.monotonic() < until and len(self._sent) > 1:
            return False
        del self._put_off[connection.session]
        return True

    def bytes_of(self, connection: Connection) -> int:
        """How many bytes to read of it now."""
        now, session = time.monotonic(), connection.session
        is_new = bool(session) and session not in self._sent
        if session:
            self._sent[session] = now
        if is_new or now >= self._look_at:
            self._look(now)
        most = LEAST_BYTES if self._is_dear(session, now) else self._most >> self._halved
        self._granted += most
        return most

    def took(self, connection: Connection, count: int) -> None:
        """Note how many bytes of it were read: as many as it was granted are much."""
        if count >= self._most >> self._halved and connection.session:
            self._sent_much[connection.session] = time.monotonic()

    def _is_dear(self, session: str, now: float) -> bool:
        """Whether its messages have caused many others lately, while there are others to wait."""
        until = self._dear.get(session) if self._dear and len(self._sent) > 1 else None
        if until is not None and now >= until:
            del self._dear[session]
            return False
        return until is not None

    def _look(self, now: float) -> None:
        self._look_at = now + _RECENT_SECONDS / 4
        for seen in (self._sent, self._sent_much):
            for session in [key for key, at in seen.items() if now - at > _RECENT_SECONDS]:
                del seen[session]
        all_send_much = len(self._sent) <= 1 or self._sent.keys() <= self._sent_much.keys()
        self._most = READ_BYTES if all_send_much else BESIDE_QUIET_BYTES
