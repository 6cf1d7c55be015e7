"""Removes the oldest closed segments of a trail, once it is on disk with which entry it begins.

May know the trail's files. Must never touch the last segment, which is being written, nor the one
before: the last entry is in it as long as the last one is empty.
"""

from collections import deque
from collections.abc import Iterator
from pathlib import Path

from venue.audit.chain import (
    Entry,
    begin_behind,
    decode_entry,
    list_segments,
    read_lines,
    removed_segments,
)

_LEFT = 2


def remove_old_segments(directory: Path, before_ns: int) -> list[str]:
    """Names of the segments that were removed: all their entries are older than `before_ns`.

    Raises Unreadable or CompressionDamage at a segment that does not check: it stays. OSError.
    """
    removed = list(_finished(directory))
    for path in list_segments(directory)[:-_LEFT]:
        last = _last_entry(path)
        if last.timestamp_ns >= before_ns:
            break
        begin_behind(path, last)
        removed += _finished(directory)
    return removed


def _finished(directory: Path) -> Iterator[str]:
    """Remove what lies before the beginning; also what an earlier removal has left."""
    for path in removed_segments(directory):
        path.unlink()
        yield path.name


def _last_entry(path: Path) -> Entry:
    ((_, line),) = deque(read_lines(path), maxlen=1)
    return decode_entry(line.removesuffix(b"\n"))
