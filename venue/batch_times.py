"""When trading has read, written and answered its newest batches: rows in a ring of shared memory.

The journal says when a batch was begun; the rest only trading knows. A row is one copy into memory,
a batch: it waits for no disk and no reader. The ring is of one journal, and outlives its process.
"""

import mmap
import os
import struct
from pathlib import Path
from typing import NamedTuple

from venue.journal.identity import home_of, journal_identity
from venue.memory_place import memory_place

ROWS = 1 << 15
"""Of so many batches the times are kept: some 1.5 MB of memory."""
_HEAD = struct.Struct("<Q")
_ROW = struct.Struct("<QQqqqq")
_SENT = struct.Struct("<q")
_SENT_AT = _ROW.size - _SENT.size
_BYTES = _HEAD.size + ROWS * _ROW.size
_NEW = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


class BatchTimes(NamedTuple):
    """Of so many records from first_seq on; UTC nanoseconds, 0: not known.

    came: the poll began that has read the oldest message of the batch. write: its commands were
    executed. disk: it was on disk. sent: its reports had been handed to the system.
    """

    first_seq: int
    records: int
    came_ns: int
    write_ns: int
    disk_ns: int
    sent_ns: int


class TimesRing:
    """Trading's end. Where there is no memory for it, nothing is kept."""

    def __init__(self, journal_dir: Path) -> None:
        """The journal has its identity already."""
        self._map: mmap.mmap | None = None
        self._next = self._unsent = 0
        descriptor = _open(journal_dir, _NEW, make=True)
        if descriptor < 0:
            return
        try:
            if os.fstat(descriptor).st_size != _BYTES:
                os.ftruncate(descriptor, 0)
                os.ftruncate(descriptor, _BYTES)
            self._map = mmap.mmap(descriptor, _BYTES)
            self._next = self._unsent = int(_HEAD.unpack_from(self._map)[0])
        finally:
            os.close(descriptor)

    def on_disk(self, times: BatchTimes) -> None:
        """Keep a batch that is on disk, and has not been sent."""
        if self._map is not None:
            _ROW.pack_into(self._map, _place(self._next), *times)
            self._next += 1
            _HEAD.pack_into(self._map, 0, self._next)

    def sent(self, now_ns: int) -> None:
        """All that is on disk has been sent."""
        ring = self._map
        if ring is not None:
            for number in range(max(self._unsent, self._next - ROWS), self._next):
                _SENT.pack_into(ring, _place(number) + _SENT_AT, now_ns)
        self._unsent = self._next

    @property
    def has_unsent(self) -> bool:
        """Whether something on disk is not known to have been sent."""
        return self._unsent != self._next

    def close(self) -> None:
        """Trading ends; what is kept stays."""
        if self._map is not None:
            self._map.close()
            self._map = None


class TimesReader:
    """Reads what is kept, from the oldest row on, whatever else happens to it."""

    def __init__(self, journal_dir: Path) -> None:
        self._journal_dir = journal_dir
        self._next = 0

    def new(self) -> list[BatchTimes]:
        """The batches since the last call, oldest first, up to the last that was sent."""
        rows = self._rows()
        while rows and not rows[-1].sent_ns:
            rows.pop()
        self._next += len(rows)
        return rows

    def unsent(self) -> list[BatchTimes]:
        """Those behind them, which may never be sent: trading may have ended."""
        return self._rows()

    def _rows(self) -> list[BatchTimes]:
        descriptor = _open(self._journal_dir, _READ)
        if descriptor < 0:
            return []
        try:
            if os.fstat(descriptor).st_size != _BYTES:
                return []
            (end,) = _HEAD.unpack(os.pread(descriptor, _HEAD.size, 0))
            first = self._next = max(self._next, end - ROWS)
            read = [os.pread(descriptor, _ROW.size, _place(each)) for each in range(first, end)]
            (after,) = _HEAD.unpack(os.pread(descriptor, _HEAD.size, 0))
        finally:
            os.close(descriptor)
        lost = max(0, after + 1 - ROWS - first)  # replaced meanwhile, or just then
        self._next += min(lost, len(read))
        return [BatchTimes(*_ROW.unpack(row)) for row in read[lost:]]


def _place(number: int) -> int:
    return _HEAD.size + number % ROWS * _ROW.size


def _open(journal_dir: Path, flags: int, *, make: bool = False) -> int:
    """Descriptor of the ring of this journal in this directory; -1: there is none."""
    place = memory_place(make=make)
    if place is None:
        return -1
    try:
        identity = journal_identity(journal_dir)
        device = journal_dir.stat().st_dev
        name = f"{identity}-{device:x}-{home_of(journal_dir)}.times"
        return os.open(name, flags, 0o600, dir_fd=place[1]) if identity else -1
    except OSError:
        return -1
    finally:
        os.close(place[1])
