"""How far a sink is, and of which journal: data_dir/positions/<sink>.json says so for each.

May know the data directory. Where a sink's truth lies elsewhere (ledger, trail) its file is only
shown: then it is not synced, may after a power failure be older than the truth, never ahead of it.
"""

import hashlib
from pathlib import Path

import msgspec

from venue.data_directory import DataDirectory
from venue.journal.files import replace

SYNCED = frozenset({"publisher", "dropcopy", "marketdata-books"})
"""Sinks whose files are on disk once they are written: one that cannot be read is damaged."""


class Position(msgspec.Struct, frozen=True):
    """event_seq: the last one done. stream_sequence: where it is in the stream, 0 if unknown.

    journal: identity of the journal that the event is of; digest: of the event's bytes. Both are
    empty where nothing was done yet, or by a version that did not write them.
    """

    event_seq: int
    stream_sequence: int = 0
    journal: str = ""
    digest: str = ""


def digest_of(payload: bytes) -> str:
    """What tells an event's bytes from any others."""
    return hashlib.blake2b(payload, digest_size=16).hexdigest()


def write_position(path: Path, position: Position, *, durably: bool = False) -> None:
    """Replace the file; makes its directory. Raises OSError."""
    replace(path, msgspec.json.encode(position), durably=durably)


def least_position(data_dir: Path, besides: str, journal: str) -> int:
    """event_seq up to which every sink but one has done what is in `journal`.

    0 when none has said anything, or when one says what cannot be read or is of another journal.
    """
    done = [
        position.event_seq
        if (position := read_position_file(path)) and position.journal in ("", journal)
        else 0
        for path in DataDirectory(data_dir).positions()
        if path.stem != besides
    ]
    return min(done, default=0)


def read_position_file(path: Path) -> Position | None:
    """What was written last; None when there is nothing that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Position)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
