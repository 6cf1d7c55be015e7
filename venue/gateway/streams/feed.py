"""What one channel says of one symbol or member: numbered without a gap, the end of it remembered.

Pure. All who hear the same share a feed, so each message is made once. Whoever joins gets what he
lacks behind the number he has, or where that is not remembered any more, a snapshot.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

import msgspec

from venue.gateway.streams.messages import Channel, Numbered

HISTORY = 500
"""Messages that are remembered, and HISTORY_BYTES at most."""
HISTORY_BYTES = 128 * 1024
encode = msgspec.json.Encoder().encode


class Key(NamedTuple):
    """Of which channel; of: symbol or member, empty for all; depth: of a book, else 0."""

    channel: Channel
    of: str = ""
    depth: int = 0


class Reader(Protocol):
    """Who has joined."""

    def offer(self, feed: "Feed", payload: bytes) -> None:
        """Take a message of a feed."""


class Joined(NamedTuple):
    """What a reader is given at first. resumed: it goes on behind what he has."""

    resumed: bool
    payloads: list[bytes]


class Feed:
    """number: of the last message. is_kept: no message of it may be left out for a slow reader.

    whole: makes a snapshot with epoch and number, as things are now.
    """

    def __init__(
        self, key: Key, epoch: str, whole: Callable[[], Numbered], *, is_kept: bool, number: int = 0
    ) -> None:
        self.key = key
        self.epoch = epoch
        self.number = number
        self.is_kept = is_kept
        self._whole = whole
        self._readers: dict[Reader, None] = {}
        self._history: deque[tuple[int, bytes]] = deque()
        self._history_bytes = 0
        self._snapshot: tuple[int, bytes] | None = None

    @property
    def is_heard(self) -> bool:
        """Whether anybody has joined."""
        return bool(self._readers)

    def snapshot(self) -> bytes:
        """All of it as it is now; made once for all who ask between two messages."""
        found = self._snapshot
        if found is None or found[0] != self.number:
            found = self._snapshot = (self.number, encode(self._whole()))
        return found[1]

    def say(self, message: Numbered) -> None:
        """Say the next message; its number follows the last one's."""
        assert message.number == self.number + 1, f"{message.number} behind {self.number}"
        payload = encode(message)
        self.number = message.number
        self._snapshot = None
        self.remember(message.number, payload)
        for reader in [*self._readers]:
            reader.offer(self, payload)

    def say_whole(self) -> None:
        """Say a snapshot as the next message: what came before does not lead to it."""
        self.number += 1
        self._snapshot = None
        payload = self.snapshot()
        self.remember(self.number, payload)
        for reader in [*self._readers]:
            reader.offer(self, payload)

    def begin_again(self, number: int) -> None:
        """Go on from another number, with nothing remembered; who has joined gets a snapshot."""
        self.number = number
        self._snapshot = None
        self._history.clear()
        self._history_bytes = 0
        for reader in [*self._readers]:
            reader.offer(self, self.snapshot())

    def remember(self, number: int, payload: bytes) -> None:
        """Remember a message, for who resumes."""
        self._history.append((number, payload))
        self._history_bytes += len(payload)
        while len(self._history) > HISTORY or self._history_bytes > HISTORY_BYTES:
            self._history_bytes -= len(self._history.popleft()[1])

    def join(self, reader: Reader, epoch: str, number: int | None) -> Joined:
        """Hear it from now on. epoch, number: of the last message the reader has; None: none."""
        self._readers[reader] = None
        if epoch == self.epoch and number is not None and self._reaches(number):
            return Joined(True, [payload for at, payload in self._history if at > number])
        return Joined(False, [self.snapshot()])

    def leave(self, reader: Reader) -> None:
        """Hear it no more."""
        self._readers.pop(reader, None)

    def _reaches(self, number: int) -> bool:
        first = self._history[0][0] if self._history else self.number + 1
        return first - 1 <= number <= self.number
