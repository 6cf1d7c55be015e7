"""Reads the journal from outside trading: events in order, never past the durable position.

Read-only. Raises JournalDamage where a durable frame does not check; it never skips one.
"""

from collections import deque
from pathlib import Path
from typing import BinaryIO, NamedTuple

from venue.journal.contents import raw_batch_of
from venue.journal.durable import PositionReader
from venue.journal.frame import FrameError
from venue.journal.identity import journal_identity
from venue.journal.record import decode_event_header
from venue.journal.segment import (
    JournalDamage,
    Segment,
    last_block,
    list_segments,
    open_segment,
    read_frame,
)


class JournaledEvent(NamedTuple):
    """An event with its bytes unchanged."""

    event_seq: int
    type: str
    symbol: str
    payload: bytes


class EventPruned(LookupError):
    """The event is not in the journal any more. first_event_seq: the first one that is."""

    def __init__(self, event_seq: int, first_event_seq: int) -> None:
        super().__init__(
            f"event {event_seq} is not in the journal any more: it begins with {first_event_seq}"
        )
        self.first_event_seq = first_event_seq


class JournalReader:
    """Cursor over the events of a journal that another process is writing."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._shown = PositionReader(directory)
        self._next = 1
        self._segment: Segment | None = None
        self._file: BinaryIO | None = None
        self._offset = 0
        self._ahead: deque[JournaledEvent] = deque()

    def seek(self, event_seq: int) -> None:
        """Make `event_seq` (1 or more) the next event to read."""
        assert event_seq >= 1
        self.close()
        self._next = event_seq

    def read(self, limit: int) -> list[JournaledEvent]:
        """At most `limit` next events that are on disk; empty when there is none yet.

        Raises EventPruned when the next one is on disk no more.
        """
        ahead = self._ahead
        if len(ahead) < limit:
            durable = self.durable_event_seq() or 0
            while len(ahead) < limit and self._next + len(ahead) <= durable:
                self._read_frame()
        events = [ahead.popleft() for _ in range(min(limit, len(ahead)))]
        self._next += len(events)
        return events

    def durable_event_seq(self) -> int | None:
        """Last event_seq that is on disk; None where that is not known."""
        shown = self._shown.read()
        return None if shown is None else shown.event_seq

    def identity(self) -> str:
        """The journal's identity; empty where it has none yet."""
        return journal_identity(self._directory)

    def first_event_seq(self) -> int:
        """First event that retention has left in the journal; 1 as long as it is whole or empty."""
        segments = list_segments(self._directory)
        return segments[0].first_event_seq if segments else 1

    def close(self) -> None:
        """Close the open segment and forget the events that were read ahead."""
        if self._file is not None:
            self._file.close()
        self._file = None
        self._segment = None
        self._offset = 0
        self._ahead.clear()

    def _read_frame(self) -> None:
        """Read the next frame; its wanted events go to `_ahead`."""
        wanted = self._next + len(self._ahead)
        if self._file is None:
            self._open(self._segment_with(wanted))
            self._offset = self._offset_before(wanted)
        assert self._file is not None and self._segment is not None
        try:
            frame = read_frame(self._file, self._segment, self._offset)
        except FrameError as error:
            raise JournalDamage(self._segment, self._offset, wanted, str(error)) from error
        if frame is None:
            self._open(self._segment_after(self._segment))
            return
        self._offset = frame.end
        if frame.header.next_event_seq <= wanted:
            return
        for record in raw_batch_of(frame).records:
            for raw in record.events:
                header = decode_event_header(raw)
                if header.event_seq >= wanted:
                    self._ahead.append(
                        JournaledEvent(header.event_seq, header.type, header.symbol, bytes(raw))
                    )

    def _open(self, segment: Segment) -> None:
        if self._file is not None:
            self._file.close()
        self._segment = segment
        self._file = open_segment(segment, buffered=False)
        self._offset = 0

    def _offset_before(self, event_seq: int) -> int:
        """Where to begin in the open segment to find an event."""
        assert self._file is not None and self._segment is not None
        try:
            frame = last_block(
                self._file, self._segment, lambda header: header.first_event_seq <= event_seq
            )
        except FrameError as error:
            raise JournalDamage(self._segment, 0, event_seq, str(error)) from error
        return 0 if frame is None else frame.offset

    def _segment_with(self, event_seq: int) -> Segment:
        segments = list_segments(self._directory)
        holding = [segment for segment in segments if segment.first_event_seq <= event_seq]
        if not holding:
            raise EventPruned(event_seq, self.first_event_seq())
        return holding[-1]

    def _segment_after(self, segment: Segment) -> Segment:
        following = [s for s in list_segments(self._directory) if s.number > segment.number]
        if following and following[0].number == segment.number + 1:
            return following[0]
        if following:  # retention was faster than this reader
            raise EventPruned(self._next + len(self._ahead), following[0].first_event_seq)
        raise JournalDamage(
            segment, self._offset, self._next, "a durable event is missing behind this place"
        )
