"""What a process has counted, as it shows it once a second: plain numbers in a page of memory.

Showing is one write into memory: it waits for no disk and no reader. Knows the operating system
only. A page that is old says that its process does not come round any more.
"""

import os
import struct
import time
import zlib
from contextlib import suppress
from pathlib import Path

import msgspec

from venue.memory_place import memory_place
from venue.tally import Spread

BEAT_SECONDS = 1.0
LATE_SECONDS = 5.0
"""A process whose page is older does not come round any more, or is starved."""
_HEAD = struct.Struct("<II")
_TRIES = 3
_NEW = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_NS_PER_SECOND = 1_000_000_000


class Counts(msgspec.Struct, frozen=True, omit_defaults=True):
    """One page. beat_ns: when it was shown (CLOCK_MONOTONIC, the machine's).

    not_ready: why the process does not do its work now; empty: it does. values: by name. by: by
    name, then by label. spreads: by name; of times, in nanoseconds.
    """

    pid: int
    beat_ns: int
    not_ready: str = ""
    values: dict[str, int] = {}
    by: dict[str, dict[str, int]] = {}
    spreads: dict[str, Spread] = {}

    def age_seconds(self, now_ns: int) -> float:
        """How long ago it was shown."""
        return max(0, now_ns - self.beat_ns) / _NS_PER_SECOND


class CountsPage:
    """A process's page. Where there is no memory for it, nobody sees it, and nothing else happens.

    is_shown False: nobody wants to see it.
    """

    def __init__(self, data_dir: Path, process: str, *, is_shown: bool = True) -> None:
        self._name, self._descriptor = "", -1
        place = memory_place(make=True) if is_shown else None
        if place is not None:
            _, directory = place
            try:
                self._name = _name(data_dir, process)
                self._descriptor = os.open(self._name, _NEW, 0o600, dir_fd=directory)
            except OSError:
                self._descriptor = -1
            finally:
                os.close(directory)
        self._due = 0.0

    @property
    def is_due(self) -> bool:
        """Whether it is to be shown again; once a second, whoever asks how often."""
        return self._descriptor != -1 and time.monotonic() >= self._due

    def show(
        self,
        not_ready: str = "",
        values: dict[str, int] | None = None,
        by: dict[str, dict[str, int]] | None = None,
        spreads: dict[str, Spread] | None = None,
    ) -> None:
        """Replace it. See Counts."""
        self._due = time.monotonic() + BEAT_SECONDS
        if self._descriptor == -1:
            return
        counts = Counts(
            os.getpid(), time.monotonic_ns(), not_ready, values or {}, by or {}, spreads or {}
        )
        content = msgspec.json.encode(counts)
        head = _HEAD.pack(len(content), zlib.crc32(content))
        with suppress(OSError):  # memory is full: readers see that the page is old
            os.pwrite(self._descriptor, head + content, 0)

    def close(self) -> None:
        """Remove it: the process ends."""
        if self._descriptor == -1:
            return
        os.close(self._descriptor)
        self._descriptor = -1
        place = memory_place()
        if place is not None:
            with suppress(OSError):
                os.unlink(self._name, dir_fd=place[1])
            os.close(place[1])


def read_counts(data_dir: Path, process: str) -> Counts | None:
    """The page of a process; None: there is none, or it was being written again and again."""
    place = memory_place()
    if place is None:
        return None
    try:
        descriptor = os.open(_name(data_dir, process), _READ, dir_fd=place[1])
    except OSError:
        return None
    finally:
        os.close(place[1])
    try:
        for _ in range(_TRIES):
            content = _whole(descriptor)
            if content is not None:
                return msgspec.json.decode(content, type=Counts)
        return None
    finally:
        os.close(descriptor)


def _whole(descriptor: int) -> bytes | None:
    """Its content, unless it was read while it was written."""
    head = os.pread(descriptor, _HEAD.size, 0)
    if len(head) < _HEAD.size:
        return None
    size, checksum = _HEAD.unpack(head)
    content = os.pread(descriptor, size, _HEAD.size)
    return content if len(content) == size and zlib.crc32(content) == checksum else None


def _name(data_dir: Path, process: str) -> str:
    """Name of a process's page: of this directory, not of another at its path. Raises OSError."""
    status = data_dir.stat()
    return f"{status.st_dev:x}-{status.st_ino:x}-{process}.counts"
