"""The durable position: the last event_seq and seq that are on disk, shown to other processes.

Lives in memory-backed storage, so that showing it never waits for a disk and a reboot clears it.
Only the writer advances it; readers never pass it.
"""

import mmap
import os
import secrets
import struct
from pathlib import Path

_POSITION = struct.Struct("<QQ")
_MEMORY_BACKED = Path("/dev/shm")
_IDENTITY = "identity"


def position_path(journal_directory: Path) -> Path:
    """File that shows the position of the journal in this directory.

    Named after the journal's identity, so that a new journal at an old place shows nothing old.
    """
    identity = journal_directory / _IDENTITY
    if identity.exists() and _MEMORY_BACKED.is_dir() and os.access(_MEMORY_BACKED, os.W_OK):
        return _MEMORY_BACKED / f"venue-{identity.read_text().strip()}.position"
    return journal_directory / "durable.position"


def identify_journal(journal_directory: Path) -> None:
    """Give a journal that is new its identity."""
    identity = journal_directory / _IDENTITY
    if not identity.exists():
        with identity.open("w") as file:
            file.write(secrets.token_hex(12))
            file.flush()
            os.fsync(file.fileno())


def journal_identity(journal_directory: Path) -> str:
    """What tells this journal from every other; empty where there is none yet."""
    try:
        return (journal_directory / _IDENTITY).read_text().strip()
    except FileNotFoundError:
        return ""


class DurablePosition:
    """The writer's end: created anew at each start."""

    def __init__(self, journal_directory: Path, event_seq: int, seq: int) -> None:
        identify_journal(journal_directory)
        _sweep()
        path = position_path(journal_directory)
        draft = path.with_suffix(".draft")
        directory = os.fsencode(journal_directory.resolve())
        draft.write_bytes(_POSITION.pack(event_seq, seq) + directory)
        draft.chmod(0o600)
        draft.rename(path)
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _POSITION.size)

    def show(self, event_seq: int, seq: int) -> None:
        """State that everything up to event_seq and seq is on disk."""
        _POSITION.pack_into(self._map, 0, event_seq, seq)

    def close(self) -> None:
        """Leave the position readable and let go of it."""
        self._map.close()


def read_position(journal_directory: Path) -> tuple[int, int]:
    """(event_seq, seq) shown now; (0, 0) when no venue has run here since the machine started."""
    try:
        data = position_path(journal_directory).read_bytes()
    except FileNotFoundError:
        return (0, 0)
    event_seq, seq = _POSITION.unpack_from(data)
    return (event_seq, seq)


def forget_position(journal_directory: Path) -> None:
    """Remove the file: after a clean stop, when every reader has stopped too."""
    position_path(journal_directory).unlink(missing_ok=True)


def _sweep() -> None:
    """Remove our files of journals that are no longer there: scratch venues that were killed."""
    for path in _MEMORY_BACKED.glob("venue-*.position"):
        try:
            if path.stat().st_uid != os.getuid():
                continue
            directory = Path(os.fsdecode(path.read_bytes()[_POSITION.size :]))
        except FileNotFoundError:
            continue  # another start has swept it
        if not directory.is_dir():
            path.unlink(missing_ok=True)
