"""Room on the disk for what a start makes first: journal and database, before anything is made.

Asks the file system, changes nothing. Room for later segments of the journal is the writer's.
"""

from pathlib import Path

from venue.data_directory import DataDirectory
from venue.free_space import free_bytes
from venue.servers import ServerError
from venue.settings.settings import Settings

POSTGRES_MIB = 80
"""What an empty database takes, with its write-ahead log: measured, 61."""
OTHERS_MIB = 4
"""Logs, passwords, positions, runtime.json."""
_MIB = 1 << 20


class NoRoomToBegin(ServerError):
    """The disk has no room for what this start would have to make. Nothing was written."""


def ensure_room(settings: Settings) -> None:
    """Raise NoRoomToBegin where a start would fill the disk before it is ready."""
    place = DataDirectory(settings.data_dir)
    parts = []
    if not any(place.journal.glob("*segment*")):
        parts.append((settings.journal.segment_mib, "the journal (journal.segment_mib)"))
    if not settings.database_url and not place.server("postgres").exists():
        parts.append((POSTGRES_MIB, "PostgreSQL"))
    if not parts:
        return
    parts.append((OTHERS_MIB, "logs and the like"))
    wanted = sum(mib for mib, _ in parts)
    free = free_bytes(_existing(settings.data_dir))
    if free < wanted * _MIB:
        told = ", ".join(f"{mib} MiB for {what}" for mib, what in parts)
        raise NoRoomToBegin(
            f"the disk of {settings.data_dir} has {free // _MIB} MiB free, and this start takes "
            f"{wanted} MiB: {told}; free some space, then start again"
        )


def _existing(path: Path) -> Path:
    """The directory itself, or the nearest one above it that is there."""
    return next(each for each in (path, *path.absolute().parents) if each.exists())
