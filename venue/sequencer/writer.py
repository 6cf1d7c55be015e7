"""Appending batches to the journal: one write and one fdatasync each, then the durable position.

A write error is final (JournalWriteError): nothing after it counts as durable.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

from venue.fault_points import fault_point
from venue.journal.durable import DurablePosition, read_position
from venue.journal.files import sync_directory
from venue.journal.frame import build_frame
from venue.journal.identity import identify_journal
from venue.journal.record import Batch, encode_batch
from venue.journal.segment import JournalPosition, Segment, segment_name
from venue.sequencer.preparation import SegmentPreparation

_LEAST_RESERVE_BYTES = 1 << 20
_REWRITTEN_BYTES = 1 << 20
_LOOK_SECONDS = 1.0
"""How often the writer checks that the position is still shown."""


class JournalWriteError(Exception):
    """The disk did not take a batch; text says what failed. The venue stops."""


class NoRoom(JournalWriteError):
    """A start has no room for its next segment, which takes `bytes`. Nothing was written."""

    def __init__(self, text: str, bytes: int) -> None:
        super().__init__(text)
        self.bytes = bytes


class JournalWriter:
    """Writes frames behind `position` in segments of `segment_bytes`, prepared full of zeros."""

    def __init__(
        self,
        directory: Path,
        segment_bytes: int,
        position: JournalPosition,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises JournalWriteError and JournalIsCopy."""
        identify_journal(directory)
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._segment = position.segment
        self._offset = position.offset
        self._crc = position.previous_crc
        self.next_seq = position.next_seq
        self.next_event_seq = position.next_event_seq
        self._reserve = reserve_bytes(segment_bytes)
        self._descriptor = -1
        self._room = 0
        self._monotonic = monotonic
        self._look_at = 0.0
        self.sync_seconds = 0.0
        """How long the last fdatasync took."""
        self._ended_cleanly = False
        self._failure: OSError | None = None
        self._preparation = SegmentPreparation(directory, segment_bytes)
        try:
            self._open()
        except OSError as error:
            raise JournalWriteError(f"the journal cannot be written: {error}") from error

    def append(self, batch: Batch) -> None:
        """Put `batch` on disk before returning. Raises JournalWriteError."""
        records = batch.records
        events = sum([len(record.events) for record in records])
        frame, crc = build_frame(
            encode_batch(batch),
            len(records),
            events,
            self.next_seq,
            self.next_event_seq,
            self._crc,
        )
        assert not records or records[0].seq == self.next_seq
        if self._failure is not None:
            raise JournalWriteError(f"the journal could not be written before: {self._failure}")
        try:
            if self._offset + len(frame) > self._room:
                self._begin_segment(len(frame))
            fault_point("before-journal-write")
            written = os.pwrite(self._descriptor, frame, self._offset)
            if written != len(frame):
                raise OSError(f"{written} of {len(frame)} bytes were written")
            began = self._monotonic()
            fault_point("between-write-and-fsync")
            os.fdatasync(self._descriptor)
            self.sync_seconds = self._monotonic() - began
        except OSError as error:
            self._failure = error
            raise JournalWriteError(f"the journal cannot be written: {error}") from error
        self._offset += len(frame)
        self._crc = crc
        self.next_seq += len(records)
        self.next_event_seq += events
        self._ended_cleanly = batch.clean_stop
        self._durable.show(self.next_event_seq - 1, self.next_seq - 1)

    @property
    def position(self) -> JournalPosition:
        """Where the next frame will go."""
        return JournalPosition(
            self._segment, self._offset, self._crc, self.next_seq, self.next_event_seq
        )

    @property
    def room(self) -> int:
        """Bytes left in the current segment."""
        return self._room - self._offset

    @property
    def shortage(self) -> str | None:
        """Why no segment will follow this one, or None as far as is known."""
        return self._preparation.failure

    @property
    def is_on_reserve(self) -> bool:
        """Whether no segment will follow and this one has little more room than a stop needs."""
        return self.room < self._reserve and self._preparation.failure is not None

    def look_ahead(self) -> None:
        """Check how far the next segment is, and that the position is still shown."""
        self._preparation.look()
        now = self._monotonic()
        if now >= self._look_at:
            self._look_at = now + _LOOK_SECONDS
            self._durable.look()

    def close(self) -> None:
        """Close the files; everything appended is on disk already."""
        self._preparation.close()
        if self._descriptor != -1:
            os.close(self._descriptor)
        self._durable.close(clean=self._ended_cleanly)

    def _open(self) -> None:
        """Make the journal's end durable, and make sure of room before anything is promised."""
        shown_seq = read_position(self._directory)[1]
        if self._segment is not None and self._segment.is_compressed:
            self._room = self._offset  # it is full: the next frame begins a segment
        elif self._segment is not None:
            self._descriptor = os.open(self._segment.path, os.O_RDWR)
            self._room = os.fstat(self._descriptor).st_size
            unsure = 0 < shown_seq < self.next_seq - 1
            begin = 0 if unsure else max(0, self._offset - _REWRITTEN_BYTES)
            _write_again(self._descriptor, begin, self._offset)
        if self.room < self._reserve:
            try:
                self._preparation.make_now()
            except OSError as error:
                raise NoRoom(
                    f"the journal's next segment of {self._segment_bytes >> 20} MiB cannot be "
                    f"made: {error.strerror}; free some space, then start again",
                    self._segment_bytes,
                ) from error
        else:
            self._preparation.begin()
        self._durable = DurablePosition(self._directory, self.next_event_seq - 1, self.next_seq - 1)

    def _begin_segment(self, least_bytes: int) -> None:
        number = 1 if self._segment is None else self._segment.number + 1
        path = self._directory / segment_name(number, self.next_seq, self.next_event_seq)
        descriptor = self._preparation.take(path, least_bytes)
        sync_directory(self._directory)
        if self._descriptor != -1:
            os.close(self._descriptor)
        self._descriptor = descriptor
        self._room = os.fstat(descriptor).st_size
        self._offset = 0
        self._segment = Segment(number, self.next_seq, self.next_event_seq, path)
        self._preparation.begin()


def reserve_bytes(segment_bytes: int) -> int:
    """Room in a segment that is kept for stopping when no other can follow."""
    return min(max(_LEAST_RESERVE_BYTES, segment_bytes // 8), segment_bytes // 4)


def _write_again(descriptor: int, begin: int, end: int) -> None:
    """Put these bytes of a file on disk, also those that the kernel believes are there.

    After an fsync error the kernel may hold pages as clean that never reached the disk: read back
    they look whole, and another fsync leaves them out.
    """
    for offset in range(begin, end, _REWRITTEN_BYTES):
        os.pwrite(
            descriptor, os.pread(descriptor, min(_REWRITTEN_BYTES, end - offset), offset), offset
        )
    os.fsync(descriptor)
