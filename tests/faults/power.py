"""What a loss of power does to a write that was not synced: some of its sectors never arrive.

To be used on a journal whose writer died between write and fsync; nothing of that write was told.
"""

import os
import random
from pathlib import Path

from venue.journal.segment import EMPTY_JOURNAL, PlacedFrame
from venue.journal.walk import JournalWalk
from venue.replay.snapshot import list_snapshots, load_snapshot, position_of

_SECTOR_BYTES = 512


def tear_last_write(journal: Path, draw: random.Random) -> None:
    """Make zeros of some sectors of the last frame, or of its end where it lies in one sector."""
    last = last_frame(journal)
    if last is None:
        return
    begin, end = last.offset, last.end
    sectors = range(begin // _SECTOR_BYTES, (end - 1) // _SECTOR_BYTES + 1)
    with last.segment.path.open("r+b") as file:
        if len(sectors) == 1:
            _zero(file.fileno(), draw.randrange(begin, end), end)
        for sector in sectors if len(sectors) > 1 else ():
            if draw.random() < 0.5:
                first, behind = sector * _SECTOR_BYTES, (sector + 1) * _SECTOR_BYTES
                _zero(file.fileno(), max(begin, first), min(end, behind))


def last_frame(journal: Path) -> PlacedFrame | None:
    """The last whole frame behind the newest snapshot."""
    snapshots = list_snapshots(journal)
    place = EMPTY_JOURNAL
    if snapshots:
        place = position_of(journal, load_snapshot(snapshots[0].path))
    last = None
    for frame in JournalWalk(journal, place).frames():
        last = frame
    return last


def _zero(descriptor: int, begin: int, end: int) -> None:
    os.pwrite(descriptor, bytes(end - begin), begin)
