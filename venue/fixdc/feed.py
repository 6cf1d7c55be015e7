"""The journal's events as copies, in order: the newest at hand, older ones read again.

Reads only, never past the durable position. Each listener has a `Reading` of its own: who is behind
reads the journal at his own pace, with his own cursor, and nobody else waits for that.
"""

from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path

from venue.domain.codec import decode_event
from venue.domain.events import AnyEvent
from venue.fixdc.copies import COPIED_TYPES, TRADE_TYPES, Copy, copies_of
from venue.journal.reader import EventPruned, JournalReader

AT_HAND = 5_000
"""Copies that are kept for listeners at the end of the journal; at most twice as many."""
READ_AT_ONCE = 256
"""Events that are read from the journal in one go: some milliseconds."""
_AROUND = 64
_FAR = 256
"""Over so many events a look-up reads on; over more it looks for the place."""


class Feed:
    """The end of the journal, followed once for all listeners. seen: gets each event with copies.

    through: the last event followed. Every copy of an event from `first` on is at hand.
    """

    def __init__(self, directory: Path, seen: Callable[[AnyEvent], None]) -> None:
        self.directory = directory
        self.through = 0
        self.first = 1
        self._journal = JournalReader(directory)
        self._seen = seen
        self._copies: list[Copy] = []

    def begin_after(self, event_seq: int) -> None:
        """Follow the journal from the event behind this one on."""
        self._journal.seek(event_seq + 1)
        self.through, self.first = event_seq, event_seq + 1

    def poll(self) -> bool:
        """Take the next events that are on disk. Returns whether there were any.

        Raises JournalDamage, and EventPruned where retention was faster.
        """
        events = self._journal.read(READ_AT_ONCE)
        for journaled in events:
            if journaled.type in COPIED_TYPES:
                event = decode_event(journaled.payload)
                self._seen(event)
                self._copies += copies_of(event)
            self.through = journaled.event_seq
        if len(self._copies) > 2 * AT_HAND:
            self._forget(len(self._copies) - AT_HAND)
        return bool(events)

    def durable_event_seq(self) -> int | None:
        """Last event that is on disk; None where that is not known."""
        return self._journal.durable_event_seq()

    def first_event_seq(self) -> int:
        """First event that the journal still has."""
        return self._journal.first_event_seq()

    def identity(self) -> str:
        """The journal's identity."""
        return self._journal.identity()

    def at_hand(self, event_seq: int, limit: int) -> tuple[list[Copy], int]:
        """About `limit` copies behind an event, and the event through which they are all.

        An event's copies stay together. event_seq + 1 is not before `first`.
        """
        begin = bisect_left(self._copies, event_seq + 1, key=_event_seq)
        end = begin + limit
        if end >= len(self._copies):
            return self._copies[begin:], self.through
        last = self._copies[end - 1].event_seq
        end = bisect_left(self._copies, last + 1, key=_event_seq)
        return self._copies[begin:end], last

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def _forget(self, count: int) -> None:
        """Forget the oldest copies; those of one event go together."""
        last = self._copies[count - 1].event_seq
        self.first = last + 1
        del self._copies[: bisect_left(self._copies, self.first, key=_event_seq)]


class Reading:
    """One reader's way through the copies. event_seq: the last event that it has passed.

    only_trades: it passes over every other event without a look.
    """

    def __init__(self, feed: Feed, event_seq: int, *, only_trades: bool = False) -> None:
        self.event_seq = event_seq
        self._feed = feed
        self._types = TRADE_TYPES if only_trades else COPIED_TYPES
        self._older: JournalReader | None = None

    @property
    def is_at_the_end(self) -> bool:
        """Whether the feed has nothing more now."""
        return self.event_seq >= self._feed.through

    def next(self, limit: int) -> list[Copy]:
        """The next copies, about `limit`; none does not mean that it is at the end.

        Raises EventPruned where retention has removed the next event, and JournalDamage.
        """
        if self.is_at_the_end:
            return []
        if self.event_seq + 1 >= self._feed.first:
            self.close()
            copies, self.event_seq = self._feed.at_hand(self.event_seq, limit)
            return [copy for copy in copies if type(copy.event).__name__ in self._types]
        return self._from_journal(limit)

    def close(self) -> None:
        """Close the cursor of its own, if it has one."""
        if self._older is not None:
            self._older.close()
            self._older = None

    def _from_journal(self, limit: int) -> list[Copy]:
        if self._older is None:
            self._older = JournalReader(self._feed.directory)
            self._older.seek(self.event_seq + 1)
        left = self._feed.through - self.event_seq
        copies: list[Copy] = []
        for journaled in self._older.read(min(limit, left, READ_AT_ONCE)):
            if journaled.type in self._types:
                copies += copies_of(decode_event(journaled.payload))
            self.event_seq = journaled.event_seq
        return copies


class Lookup:
    """Finds single copies again; cheap where they are asked for in the order of their events."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._reading: Reading | None = None
        self._before = 0
        self._batch: dict[str, Copy] = {}

    def find(self, event_seq: int, exec_id: str) -> Copy | None:
        """The copy with this ExecID, which is of this event.

        Raises EventPruned, JournalDamage.
        """
        reading = self._reading
        if reading is None or not self._before < event_seq <= reading.event_seq + _FAR:
            self.close()
            reading, self._batch = Reading(self._feed, event_seq - 1), {}
        self._reading = reading
        try:
            while reading.event_seq < min(event_seq, self._feed.through):
                self._before = reading.event_seq
                self._batch = {copy.exec_id: copy for copy in reading.next(_AROUND)}
        except EventPruned:
            self.close()
            raise
        return self._batch.get(exec_id)

    def close(self) -> None:
        """Close the journal."""
        if self._reading is not None:
            self._reading.close()
            self._reading = None


def _event_seq(copy: Copy) -> int:
    return copy.event.event_seq


__all__ = ["Feed", "Lookup", "Reading"]
