"""The events of a journal in order, beside a running venue and of a stopped one; read-only.

May know the journal's files only.
"""

from collections.abc import Iterator
from pathlib import Path

from venue.journal.contents import raw_batch_of
from venue.journal.reader import JournalReader
from venue.journal.record import decode_event_header
from venue.journal.segment import list_segments
from venue.journal.walk import JournalWalk

READ = 1_000


class JournaledEvents:
    """event_seq and bytes of each event; `next` is called with rising numbers."""

    def __init__(self, directory: Path) -> None:
        """Raises JournalDamage as soon as a frame does not check."""
        self._events = _events(directory)
        self._ahead = next(self._events, None)

    def at(self, event_seq: int) -> bytes | None:
        """Bytes of an event; None where the journal does not have it (any more)."""
        while self._ahead is not None and self._ahead[0] < event_seq:
            self._ahead = next(self._events, None)
        return self._ahead[1] if self._ahead is not None and self._ahead[0] == event_seq else None

    def has_more(self, after: int) -> int:
        """How many events the journal has behind `after`."""
        last = after
        while self._ahead is not None:
            last = max(last, self._ahead[0])
            self._ahead = next(self._events, None)
        return last - after


def _events(directory: Path) -> Iterator[tuple[int, bytes]]:
    reader = JournalReader(directory)
    try:
        if reader.durable_event_seq() is None:
            yield from _of_a_stopped_venue(directory)
            return
        reader.seek(reader.first_event_seq())
        while events := reader.read(READ):
            yield from ((event.event_seq, event.payload) for event in events)
    finally:
        reader.close()


def _of_a_stopped_venue(directory: Path) -> Iterator[tuple[int, bytes]]:
    segments = list_segments(directory)
    if segments and segments[0].number != 1:
        return  # retention has taken the first ones, and nothing says where the others begin
    for placed in JournalWalk(directory).frames():
        for record in raw_batch_of(placed).records:
            for raw in record.events:
                yield decode_event_header(raw).event_seq, bytes(raw)
