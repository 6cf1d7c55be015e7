"""The audit trail: an append-only, hash-chained file of every event, with signed heads.

May know its own directories only. Must never change a line, nor cut off one that a head covers.
"""

import fcntl
import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import structlog

from venue.audit.chain import (
    Unreadable,
    decode_entry,
    encode_entry,
    list_segments,
    read_lines,
    segment_name,
    segment_number,
)
from venue.audit.heads import EMPTY_TRAIL, Head, HeadWriter
from venue.journal.compressed import SUFFIX, CompressionDamage
from venue.journal.files import sync_directory

SEGMENT_BYTES = 64 * 1024 * 1024
HEAD_ENTRIES = 10_000
LOCK_FILE = "lock"
_NS_PER_DAY = 86_400 * 1_000_000_000

_log = structlog.get_logger()


class TrailDamaged(Exception):
    """The trail does not hold what was signed. `venue audit verify` names the entry."""


class TrailInUse(Exception):
    """Another process appends to this trail."""


class AuditedEvent(NamedTuple):
    """One event as it came: its number, its time and its unchanged JSON."""

    event_seq: int
    timestamp_ns: int
    payload: bytes


class Trail:
    """Appends events. The events of a call of `append` are on disk when it returns."""

    def __init__(
        self,
        directory: Path,
        heads_directory: Path,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        head_entries: int = HEAD_ENTRIES,
    ) -> None:
        """Open or begin the trail, cutting what a crash left half-written behind the last head.

        Raises TrailDamaged or HeadsDamaged when signed entries are missing or do not check, and
        TrailInUse when another process has it open.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._head_entries = head_entries
        self._lock = _lock(directory)
        self._file: BinaryIO | None = None
        self._number = self._bytes = 0
        self._head = EMPTY_TRAIL
        try:
            self._heads = HeadWriter(directory, heads_directory)
            self._open_tail()
        except BaseException:
            self.close()
            raise

    @property
    def event_seq(self) -> int:
        """Last event_seq in the trail: the audit's position; 0 when it is empty."""
        return self._head.event_seq

    @property
    def count(self) -> int:
        """Number of entries."""
        return self._head.count

    def append(self, events: Sequence[AuditedEvent]) -> None:
        """Append events in order and bring them to disk, then sign a head if one is due.

        Raises OSError; the trail must then be opened anew, which cuts what was half-written.
        """
        if not events:
            return
        if self._file is None:
            raise ValueError("the trail is closed, or a write to it has failed")
        count, event_seq, previous = self._head.count, self._head.event_seq, self._head.hash
        lines: list[bytes] = []
        for event in events:
            assert event.event_seq == event_seq + 1, f"{event.event_seq} follows {event_seq}"
            count, event_seq = count + 1, event.event_seq
            line, previous = encode_entry(count, event_seq, event.payload, previous)
            lines.append(line)
        if self._bytes and _day(events[0].timestamp_ns) != _day(self._head.timestamp_ns):
            self._begin_segment(self._number + 1)
        self._write(b"".join(lines))
        self._head = Head(
            count=count, event_seq=event_seq, timestamp_ns=events[-1].timestamp_ns, hash=previous
        )
        if self.unsigned >= self._head_entries:
            self.sign()
        if self._bytes >= self._segment_bytes:
            self._begin_segment(self._number + 1)

    @property
    def unsigned(self) -> int:
        """Number of entries behind the last signed head."""
        assert self._heads.last is not None
        return self._head.count - self._heads.last.count

    def sign(self) -> None:
        """Sign a head over all entries, unless the last one covers them."""
        if self.unsigned:
            self._heads.write(self._head)

    def close(self) -> None:
        """Close the files and release the lock; signs nothing."""
        if self._file is not None:
            self._file.close()
            self._file = None
        os.close(self._lock)

    def _write(self, content: bytes) -> None:
        file = self._file
        assert file is not None
        # Until all is on disk the trail counts as closed: after an error nobody knows what a
        # later fsync would cover.
        self._file = None
        try:
            _write_all(file, content)
            os.fsync(file.fileno())
        except OSError:
            # Pages that failed to reach the disk may look clean now: they must not be read back
            # as if they were safe, but be written again.
            with file:
                file.truncate(self._bytes)
            raise
        self._file = file
        self._bytes += len(content)

    def _open_tail(self) -> None:
        signed = self._heads.last
        segments = list_segments(self._directory)
        if signed is None:
            if any(segment.stat().st_size for segment in segments):
                raise TrailDamaged(f"{self._directory}: a trail without any signed head")
            # Signed before the first entry, so that a trail without a head is never innocent.
            self._heads.write(EMPTY_TRAIL)
            signed = EMPTY_TRAIL
        if not segments:
            if signed.count:
                raise TrailDamaged(f"{self._directory}: all of {signed.count} entries are missing")
            self._begin_segment(1)
            return
        last = segments[-1]
        if last.suffix == SUFFIX:  # as in a backup: nothing was in the one behind it yet
            self._head, _ = _read_tail(segments, None, signed)
            self._begin_segment(segment_number(last) + 1)
            return
        self._head, self._bytes = _read_tail(segments[:-1], last, signed)
        self._number = segment_number(last)
        torn = last.stat().st_size - self._bytes
        if torn:
            os.truncate(last, self._bytes)
            _log.warning("torn_tail_cut", file=last.name, cut_bytes=torn)
        self._file = last.open("ab", buffering=0)
        # What a killed writer left may be in the page cache only; it counts from here on.
        os.fsync(self._file.fileno())

    def _begin_segment(self, number: int) -> None:
        if self._file is not None:
            self._file.close()
        self._file = (self._directory / segment_name(number)).open("ab", buffering=0)
        self._number, self._bytes = number, 0
        sync_directory(self._directory)


def _day(timestamp_ns: int) -> int:
    """Number of the day, UTC: each has segments of its own."""
    return timestamp_ns // _NS_PER_DAY


def _read_tail(closed: Sequence[Path], last: Path | None, signed: Head) -> tuple[Head, int]:
    """The last entry that checks, and the bytes up to its end in the last segment, if there is one.

    Raises TrailDamaged when an entry that the head `signed` covers does not check.
    """
    tail, good = EMPTY_TRAIL, 0
    # Of the segments before the last only the last line matters: they were complete and on disk
    # before the next was begun.
    if closed:
        try:
            lines = [line for _, line in deque(read_lines(closed[-1]), maxlen=1)]
        except CompressionDamage as error:
            raise TrailDamaged(f"{closed[-1]}: {error}") from error
        if not lines:
            raise TrailDamaged(f"{closed[-1]} is empty")
        tail = _head_at(lines[0], closed[-1], signed)
    for offset, line in () if last is None else read_lines(last):
        assert last is not None
        try:
            entry = _head_at(line, last, signed, after=tail)
        except TrailDamaged:
            if tail.count < signed.count:
                raise
            return tail, offset
        tail, good = entry, offset + len(line)
    if tail.count < signed.count:
        path = last or closed[-1]
        raise TrailDamaged(f"{path}: ends with entry {tail.count} of {signed.count} signed")
    return tail, good


def _head_at(line: bytes, path: Path, signed: Head, after: Head | None = None) -> Head:
    """An unsigned head over the trail up to `line`. Raises TrailDamaged."""
    try:
        if not line.endswith(b"\n"):
            raise Unreadable("the line has no end")
        entry = decode_entry(line[:-1])
    except Unreadable as error:
        place = f" after entry {after.count}" if after is not None else ""
        raise TrailDamaged(f"{path}{place}: {error}") from error
    if after is not None and (entry.n != after.count + 1 or entry.previous != after.hash):
        raise TrailDamaged(f"{path}: entry {entry.n} does not follow entry {after.count}")
    if entry.n == signed.count and entry.hash != signed.hash:
        raise TrailDamaged(f"{path}: entry {entry.n} is not the one that was signed")
    return Head(
        count=entry.n,
        event_seq=entry.event_seq,
        timestamp_ns=entry.timestamp_ns,
        hash=entry.hash,
    )


def _write_all(file: BinaryIO, content: bytes) -> None:
    """Write every byte: a raw file may take a part only, when the disk fills up."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


def _lock(directory: Path) -> int:
    descriptor = os.open(directory / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise TrailInUse(f"{directory}: another process appends to this trail") from error
    return descriptor
