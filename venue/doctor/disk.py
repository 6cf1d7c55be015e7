"""The disk of the data directory: room for the next start and for some days, and its time to write.

Writes a scratch file of a few pages and removes it.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from venue.data_directory import DataDirectory
from venue.doctor.finding import Finding, error, warning
from venue.free_space import free_bytes
from venue.housekeeping.disk_use import disk_use
from venue.servers.first_room import NoRoomToBegin, ensure_room
from venue.settings.settings import Settings

WRITES = 16
MOST_MS = 10.0
"""A disk whose fdatasync takes longer makes every answer as late."""
LEAST_DAYS = 3.0
_PAGE = bytes(4_096)
_MIB = 1 << 20


class DiskFacts(NamedTuple):
    """The disk. sync_ms: the middle one of some writes; None: nothing can be written there.

    day_bytes: what a day like this one adds to all stores; None: not known.
    """

    sync_ms: float | None
    free_bytes: int
    day_bytes: int | None


def facts(data_dir: Path) -> DiskFacts:
    """Ask the disk on which the data directory is, or would be made."""
    there = next(each for each in (data_dir, *data_dir.absolute().parents) if each.exists())
    days = [use.day_bytes for use in disk_use(data_dir) if use.day_bytes is not None]
    return DiskFacts(_sync_ms(there), free_bytes(there), sum(days) if days else None)


def _sync_ms(directory: Path) -> float | None:
    times = []
    try:
        with tempfile.TemporaryFile(dir=directory) as file:
            for place in range(WRITES):
                began = time.monotonic()
                os.pwrite(file.fileno(), _PAGE, place * len(_PAGE))
                os.fdatasync(file.fileno())
                times.append((time.monotonic() - began) * 1_000)
    except OSError:
        return None
    return median(times)


def findings(found: DiskFacts, settings: Settings) -> Iterator[Finding]:
    """Judge it."""
    data_dir = settings.data_dir
    if found.sync_ms is None:
        yield error(
            "DISK_NOT_WRITABLE",
            f"nothing can be written beside {data_dir}",
            "make room, or give the account that runs the venue the right to write there",
        )
    elif found.sync_ms > MOST_MS:
        yield warning(
            "DISK_SLOW",
            f"fdatasync takes {found.sync_ms:.1f} ms on the disk of {data_dir}, and every answer "
            "waits for one",
            "use a disk with power-loss protection; no network disk, no full one",
        )
    try:
        ensure_room(settings)
    except NoRoomToBegin as full:
        yield error("NO_ROOM_TO_START", str(full), "free that much, or set another data_dir")
    else:
        yield from _segment_room(found, settings)
    if found.day_bytes and found.free_bytes < LEAST_DAYS * found.day_bytes:
        days = found.free_bytes / found.day_bytes
        yield warning(
            "DISK_FULL_SOON",
            f"{found.free_bytes // _MIB} MiB are free, and a day like this one adds "
            f"{found.day_bytes // _MIB} MiB: enough for {days:.1f} days",
            "set bounds in [retention], or give the directory a larger disk",
        )


def _segment_room(found: DiskFacts, settings: Settings) -> Iterator[Finding]:
    journal = DataDirectory(settings.data_dir).journal
    wanted = settings.journal.segment_mib * _MIB
    is_prepared = any(journal.glob("prepared.*"))
    if not is_prepared and found.free_bytes < wanted:
        yield error(
            "NO_ROOM_FOR_A_SEGMENT",
            f"{found.free_bytes // _MIB} MiB are free, and the journal's next file takes "
            f"{settings.journal.segment_mib} MiB (journal.segment_mib)",
            "free that much: without it no orders are taken once the present file is full",
        )
