"""Compares the events that a stream gives with the journal's, byte for byte.

May know the journal's reader. Whoever has NATS' password can write into a stream; only trading
writes the journal.
"""

from collections import deque
from pathlib import Path

from venue.bus.agreement import JournalNotShown, StreamDisagrees
from venue.bus.subjects import STREAM
from venue.journal.reader import EventPruned, JournaledEvent, JournalReader

READ = 500


class JournalCheck:
    """A cursor over the journal beside one over the stream. To be closed."""

    def __init__(self, journal_dir: Path) -> None:
        self._reader = JournalReader(journal_dir)
        self._ahead: deque[JournaledEvent] = deque()
        self._next = 0
        self._pruned_through = 0

    def begin_after(self, event_seq: int) -> None:
        """Find the event after this one, which may take a second: a segment is read to there."""
        if event_seq == 0:
            return
        self._reader.seek(event_seq)
        try:
            if self._reader.read(1):
                self._next = event_seq + 1
        except EventPruned:
            return  # `ensure` says so

    def ensure(self, event_seq: int, payload: bytes) -> None:
        """Raise StreamDisagrees unless the journal has this event with these bytes.

        An event that retention has taken from the journal is not compared. Raises JournalNotShown.
        """
        if event_seq <= self._pruned_through:
            return
        try:
            journaled = self._journaled(event_seq)
        except EventPruned as pruned:
            self._pruned_through = pruned.first_event_seq - 1
            return
        if journaled is None:
            if self._reader.durable_event_seq() is None:
                raise JournalNotShown
            raise _forged(event_seq, "the journal does not have it")
        if journaled.payload != payload:
            raise _forged(event_seq, "the journal has another one")

    def close(self) -> None:
        """Close the journal's files."""
        self._reader.close()

    def _journaled(self, event_seq: int) -> JournaledEvent | None:
        if event_seq != self._next:
            self._ahead.clear()
            self._reader.seek(event_seq)
            self._next = event_seq
        if not self._ahead:
            self._ahead.extend(self._reader.read(READ))
        if not self._ahead:
            return None
        self._next += 1
        return self._ahead.popleft()


def _forged(event_seq: int, why: str) -> StreamDisagrees:
    return StreamDisagrees(
        f"event {event_seq} of stream {STREAM} was not written by the venue, {why}: venue dropcopy "
        "refill wipes the stream and fills it again; then change NATS' password"
    )
