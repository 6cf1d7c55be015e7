"""Which MsgSeqNum carried which copy: one file for each listener, appended before anything leaves.

Knows bytes only. Each record has a checksum of its own. The file outlives the process, not a loss
of power: what it lacks then is gap-filled, and sent again by the listener's place.
"""

import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import structlog

from venue.journal.files import replace

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_RECORD = struct.Struct("<QQqBB2xI")
_PLAIN = struct.Struct("<QQqBB2x")
_AT_ONCE = 256
MOST_KEPT = 1_000_000
"""Copies whose numbers are kept when there are twice as many."""
_log = structlog.get_logger("dropcopy")


class SentCopy(NamedTuple):
    """A copy that has a number. sent_ns: its SendingTime(52). which: last digit of its ExecID.

    again: it left with PossResend(97)=Y.
    """

    number: int
    event_seq: int
    sent_ns: int
    which: int
    again: bool

    @property
    def exec_id(self) -> str:
        """ExecID(17) of the copy."""
        return f"{self.event_seq}{self.which}"


class SentLog:
    """The file at `path`; numbers grow. What is torn or damaged at its end is cut off."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        self._path = path
        self._file = os.open(path, _FLAGS, 0o600)
        self._count = self._whole_records(path)
        self.last = self._record(self._count - 1) if self._count else None
        self.trim()

    def note(self, sent: Iterable[SentCopy]) -> None:
        """Append records; they are with the system on return. Raises OSError."""
        data = bytearray()
        for each in sent:
            assert self.last is None or each.number > self.last.number
            plain = _PLAIN.pack(*each)
            data += plain + zlib.crc32(plain).to_bytes(4, "little")
            self.last = each
        written = os.pwrite(self._file, data, self._count * _RECORD.size)
        if written < len(data):  # a full disk: nothing of it counts
            os.ftruncate(self._file, self._count * _RECORD.size)
            raise OSError(f"{written} of {len(data)} bytes were written")
        self._count += len(data) // _RECORD.size

    def between(self, begin: int, end: int) -> Iterator[SentCopy]:
        """The copies with these MsgSeqNums, both included, in order."""
        at = self._first_from(begin)
        while at < self._count:
            for record in self._records(at, min(_AT_ONCE, self._count - at)):
                if record.number > end:
                    return
                yield record
            at += _AT_ONCE

    def highest_event_seq(self) -> int:
        """The highest event of which a copy has left; 0: none has."""
        return max((each.event_seq for each in self._records(0, self._count)), default=0)

    def trim(self) -> None:
        """Forget the oldest numbers where there are very many. A full disk leaves them all."""
        if self._count < 2 * MOST_KEPT:
            return
        size = MOST_KEPT * _RECORD.size
        newest = os.pread(self._file, size, self._count * _RECORD.size - size)
        try:
            replace(self._path, newest)
            file = os.open(self._path, _FLAGS, 0o600)
        except OSError as error:
            _log.warning("sent_log_not_trimmed", file=self._path.name, error=str(error))
            return
        os.close(self._file)
        self._file, self._count = file, MOST_KEPT

    def forget(self) -> None:
        """Numbers begin again at 1."""
        os.ftruncate(self._file, 0)
        self._count, self.last = 0, None

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _whole_records(self, path: Path) -> int:
        count, rest = divmod(os.fstat(self._file).st_size, _RECORD.size)
        whole = count
        while whole and not self._is_whole(whole - 1):
            whole -= 1
        if whole < count or rest:
            _log.warning("sent_log_cut", file=path.name, records=whole)
            os.ftruncate(self._file, whole * _RECORD.size)
        return whole

    def _is_whole(self, at: int) -> bool:
        data = os.pread(self._file, _RECORD.size, at * _RECORD.size)
        return zlib.crc32(data[: _PLAIN.size]).to_bytes(4, "little") == data[_PLAIN.size :]

    def _first_from(self, number: int) -> int:
        """Place of the first record with this number or a higher one."""
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            if self._record(middle).number < number:
                low = middle + 1
            else:
                high = middle
        return low

    def _record(self, at: int) -> SentCopy:
        return next(self._records(at, 1))

    def _records(self, at: int, count: int) -> Iterator[SentCopy]:
        data = os.pread(self._file, count * _RECORD.size, at * _RECORD.size)
        for number, event_seq, sent_ns, which, again, _ in _RECORD.iter_unpack(data):
            yield SentCopy(number, event_seq, sent_ns, which, bool(again))


__all__ = ["SentCopy", "SentLog"]
