"""What waits for one reader, bounded: who reads slowly is conflated, and who stays slow is let go.

Pure but for its clock. While more waits than `conflate_bytes`, nothing more is queued of feeds that
may be conflated. Once most of it is read, each of these that has changed comes whole, and it is
said how many updates were left out. Of trades, orders and whatever else is kept nothing is ever
left out: where too much of it waits, or the reader is slow for too long, he is let go.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from venue.gateway.streams.answers import Conflated
from venue.gateway.streams.feed import Feed, encode

TRY_AGAIN = 1013
"""Close code (RFC 6455 registry): try again later."""


class Bounds(NamedTuple):
    """Bytes that may wait before updates are conflated, and at all; how long one may be slow."""

    conflate_bytes: int = 256 * 1024
    most_bytes: int = 1024 * 1024
    slow_seconds: float = 30.0


class Ending(NamedTuple):
    """Why a socket is closed."""

    code: int
    reason: str


class Outbox:
    """wake: called when something waits, and at the end. straight: writes a message past the queue
    where it can be written at once, and says whether it has."""

    def __init__(
        self,
        wake: Callable[[], None],
        clock: Callable[[], float],
        bounds: Bounds = Bounds(),  # noqa: B008 - it is immutable
        straight: Callable[[bytes], bool] = lambda payload: False,
    ) -> None:
        self._wake = wake
        self._clock = clock
        self._bounds = bounds
        self._straight = straight
        self._queue: deque[bytes] = deque()
        self._bytes = 0
        self._is_sending = False
        self._missed: dict[Feed, int] = {}
        """Updates that were left out, by their feed."""
        self._slow_since: float | None = None
        self.ending: Ending | None = None

    @property
    def is_slow(self) -> bool:
        """Whether updates are conflated now."""
        return self._slow_since is not None

    @property
    def waiting_bytes(self) -> int:
        """What waits."""
        return self._bytes

    def put(self, payload: bytes) -> None:
        """Take a message that is not left out."""
        if self.ending is not None:
            return
        if not self._queue and not self._is_sending and self._straight(payload):
            return
        self._queue.append(payload)
        self._bytes += len(payload)
        if self._bytes > self._bounds.most_bytes:
            self.end(TRY_AGAIN, "SLOW_READER: too much waits for you")
        elif self._bytes > self._bounds.conflate_bytes and self._slow_since is None:
            self._slow_since = self._clock()
        self._wake()

    def offer(self, feed: Feed, payload: bytes) -> None:
        """Take a message of a feed; of one that may be conflated only while the reader keeps up."""
        if self._slow_since is None or feed.is_kept:
            self.put(payload)
        elif self.ending is None:
            self._missed[feed] = self._missed.get(feed, 0) + 1

    def forget(self, feed: Feed) -> None:
        """Nothing more of a feed is wanted."""
        self._missed.pop(feed, None)

    def next(self) -> bytes | None:
        """What is to be sent now; None: nothing. `sent` has to follow."""
        if self._slow_since is not None and self._bytes <= self._bounds.conflate_bytes // 4:
            self._catch_up()
        if not self._queue:
            return None
        payload = self._queue.popleft()
        self._bytes -= len(payload)
        self._is_sending = True
        return payload

    def sent(self) -> None:
        """What `next` has given is with the reader's machine."""
        self._is_sending = False

    def look(self) -> None:
        """End it if the reader has been slow for too long. To be called now and then."""
        since = self._slow_since
        if since is not None and self._clock() - since > self._bounds.slow_seconds:
            self.end(TRY_AGAIN, "SLOW_READER: you read too slowly")

    def end(self, code: int, reason: str) -> None:
        """Say nothing more; only the first reason counts."""
        if self.ending is None:
            self.ending = Ending(code, reason)
            self._queue.clear()
            self._missed.clear()
            self._bytes = 0
            self._wake()

    def _catch_up(self) -> None:
        """Queue snapshots of what was left out, as many as may wait; it goes on from there."""
        while self._missed and self._bytes <= self._bounds.conflate_bytes:
            feed = next(iter(self._missed))
            updates = self._missed.pop(feed)
            key = feed.key
            said = Conflated(channel=key.channel, symbol=key.of, depth=key.depth, updates=updates)
            for payload in (encode(said), feed.snapshot()):
                self._queue.append(payload)
                self._bytes += len(payload)
        self._slow_since = self._clock() if self._missed else None
