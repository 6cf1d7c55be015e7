"""Appending batches to the journal: one write and one fdatasync each, then the durable position.

A write error is final (JournalWriteError): nothing after it counts as durable.
"""

import os
import subprocess
import sys
from pathlib import Path

from venue.journal.durable import DurablePosition
from venue.journal.frame import build_frame
from venue.journal.record import Batch, encode_batch
from venue.journal.segment import JournalPosition, Segment, segment_name

_PREPARED = "prepared.segment"
_ZEROS = bytes(1 << 20)


class JournalWriteError(Exception):
    """The disk did not take a batch; text says what failed. The venue stops."""


class JournalWriter:
    """Writes frames behind `position` in segments of `segment_bytes`, prepared full of zeros."""

    def __init__(self, directory: Path, segment_bytes: int, position: JournalPosition) -> None:
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._segment = position.segment
        self._offset = position.offset
        self._crc = position.previous_crc
        self.next_seq = position.next_seq
        self.next_event_seq = position.next_event_seq
        self._preparing: subprocess.Popen[bytes] | None = None
        self._descriptor = -1
        self._room = 0
        self._failure: OSError | None = None
        if self._segment is not None:
            self._descriptor = os.open(self._segment.path, os.O_RDWR)
            self._room = os.fstat(self._descriptor).st_size
            os.fsync(self._descriptor)
        self._durable = DurablePosition(directory, self.next_event_seq - 1, self.next_seq - 1)
        if self._segment is None:
            _fill_with_zeros(directory / _PREPARED, segment_bytes)

    def append(self, batch: Batch) -> None:
        """Put `batch` on disk before returning. Raises JournalWriteError."""
        records = batch.records
        events = sum(len(record.events) for record in records)
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
            written = os.pwrite(self._descriptor, frame, self._offset)
            if written != len(frame):
                raise OSError(f"{written} of {len(frame)} bytes were written")
            os.fdatasync(self._descriptor)
        except OSError as error:
            self._failure = error
            raise JournalWriteError(f"the journal cannot be written: {error}") from error
        self._offset += len(frame)
        self._crc = crc
        self.next_seq += len(records)
        self.next_event_seq += events
        self._durable.show(self.next_event_seq - 1, self.next_seq - 1)

    @property
    def position(self) -> JournalPosition:
        """Where the next frame will go."""
        return JournalPosition(
            self._segment, self._offset, self._crc, self.next_seq, self.next_event_seq
        )

    def close(self) -> None:
        """Let go of the files; everything appended is on disk already."""
        self._stop_preparing()
        if self._descriptor != -1:
            os.close(self._descriptor)
        self._durable.close()

    def _begin_segment(self, least_bytes: int) -> None:
        number = 1 if self._segment is None else self._segment.number + 1
        name = segment_name(number, self.next_seq, self.next_event_seq)
        path = self._directory / name
        prepared = self._directory / _PREPARED
        self._stop_preparing()
        if prepared.exists() and prepared.stat().st_size >= least_bytes:
            prepared.rename(path)
            descriptor = os.open(path, os.O_RDWR)
        else:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            os.posix_fallocate(descriptor, 0, max(self._segment_bytes, least_bytes))
            os.fsync(descriptor)
        sync_directory(self._directory)
        if self._descriptor != -1:
            os.close(self._descriptor)
        self._descriptor = descriptor
        self._room = os.fstat(descriptor).st_size
        self._offset = 0
        self._segment = Segment(number, self.next_seq, self.next_event_seq, path)
        self._preparing = subprocess.Popen(
            [sys.executable, "-m", __name__, str(prepared), str(self._segment_bytes)],
            stdin=subprocess.DEVNULL,
        )

    def _stop_preparing(self) -> None:
        """A helper that is not done is too late: the file it was writing is not used."""
        if self._preparing is not None:
            if self._preparing.poll() is None:
                self._preparing.kill()
            self._preparing.wait()
            self._preparing = None


def sync_directory(directory: Path) -> None:
    """Make renames and new files in `directory` durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fill_with_zeros(path: Path, size: int) -> None:
    """Make `path` a file of `size` zero bytes on disk; it has its name only when it is whole."""
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    with draft.open("wb") as file:
        for begin in range(0, size, len(_ZEROS)):
            file.write(_ZEROS[: size - begin])
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


if __name__ == "__main__":
    os.nice(19)
    _fill_with_zeros(Path(sys.argv[1]), int(sys.argv[2]))
