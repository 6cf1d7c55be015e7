"""Where a consumer without a database says how far it is: data_dir/positions/<consumer>.json.

May know the data directory. Replaced as a whole, so that a reader never sees half of it; not
synced, so after a power failure it may be older than the truth, never ahead of it.
"""

import os
from pathlib import Path

import msgspec

_REPLACED = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC


class Position(msgspec.Struct, frozen=True):
    """event_seq: the last one done. stream_sequence: where it is in the stream, 0 if unknown."""

    event_seq: int
    stream_sequence: int = 0


def position_file(data_dir: Path, consumer: str) -> Path:
    """File of a consumer's position."""
    return data_dir / "positions" / f"{consumer}.json"


def write_position(path: Path, position: Position) -> None:
    """Replace the file; makes its directory. Raises OSError."""
    draft = f"{path}.{os.getpid()}"
    try:
        descriptor = os.open(draft, _REPLACED)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, _REPLACED)
    try:
        os.write(descriptor, msgspec.json.encode(position))
    finally:
        os.close(descriptor)
    Path(draft).replace(path)


def least_position(data_dir: Path, besides: str) -> int:
    """event_seq that every consumer but one has done; 0 when none has said anything."""
    files = [path for path in (data_dir / "positions").glob("*.json") if path.stem != besides]
    positions = [position for path in files if (position := read_position_file(path))]
    return min((position.event_seq for position in positions), default=0)


def replace_durably(path: Path, content: bytes) -> None:
    """Replace a file as a whole, for its owner only; on return the new one is on disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_position_file(path: Path) -> Position | None:
    """What was written last; None when there is nothing that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Position)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
