"""Snapshots: all that a start needs of the journal before some place, in one checked file.

The journal is the truth, and a snapshot only saves time: a damaged one is passed over. A file has
its name only once it is whole and on disk.
"""

import os
import re
from pathlib import Path
from typing import NamedTuple

import msgspec
from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError

from venue.domain.commands import AnyCommand
from venue.engine.engine import ENGINE_VERSION, Engine
from venue.engine.image.capture import image_of
from venue.engine.image.state_image import EngineImage
from venue.fault_points import fault_point
from venue.journal.files import sync_directory
from venue.journal.frame import HEADER_BYTES, FrameError, build_frame, check_frame, parse_header
from venue.journal.segment import JournalPosition, list_segments
from venue.sequencer.session_state import SessionBook, SessionState

KEPT = 3
"""Snapshots kept: the newest, and those to fall back to."""

_LEVEL = 1
_COMPRESSED = b"\x28\xb5\x2f\xfd"
"""How zstd's frames begin. No body of an earlier version did, which was not compressed."""
_NAME = re.compile(r"snapshot-(\d{16})-(\d{16})\.snapshot")


class Snapshot(msgspec.Struct, omit_defaults=True):
    """State after the frame that ends at (segment, offset); names as in JournalPosition.

    segment: file name, empty when nothing was ever written. clean_stop: the venue had ended there.
    follow_ups: commands that were left to do.
    """

    segment: str
    offset: int
    previous_crc: int
    next_seq: int
    next_event_seq: int
    timestamp_ns: int
    epoch: int
    engine_version: int
    engine: EngineImage
    sessions: dict[str, SessionState]
    follow_ups: list[AnyCommand] = []
    clean_stop: bool = False


class SnapshotFile(NamedTuple):
    """A snapshot by its name: seq and event_seq of the last record and event in it."""

    seq: int
    event_seq: int
    path: Path


class SnapshotDamage(Exception):
    """The file is no whole snapshot; text names it and what is wrong."""


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Snapshot)


def snapshot_of(
    engine: Engine,
    sessions: SessionBook,
    position: JournalPosition,
    timestamp_ns: int,
    epoch: int,
    follow_ups: list[AnyCommand],
    *,
    clean_stop: bool,
) -> Snapshot:
    """Snapshot of this state. It has to be written before the state changes."""
    segment = position.segment
    return Snapshot(
        "" if segment is None else segment.name,
        *position[1:],
        timestamp_ns,
        epoch,
        ENGINE_VERSION,
        image_of(engine.state),
        sessions.image(),
        follow_ups,
        clean_stop,
    )


def list_snapshots(directory: Path) -> list[SnapshotFile]:
    """Snapshots beside the journal, newest first."""
    return sorted(
        (
            SnapshotFile(int(match[1]), int(match[2]), path)
            for path in directory.glob("snapshot-*.snapshot")
            if (match := _NAME.fullmatch(path.name))
        ),
        reverse=True,
    )


def last_snapshot(directory: Path) -> dict[str, int] | None:
    """Facts of the newest snapshot: seq, event_seq, and when it was written (UTC nanoseconds)."""
    for file in list_snapshots(directory):
        written_ns = file.path.stat().st_mtime_ns
        return {"seq": file.seq, "event_seq": file.event_seq, "timestamp_ns": written_ns}
    return None


def write_snapshot(directory: Path, snapshot: Snapshot) -> Path:
    """Write it; on return it is on disk under its name. Raises OSError."""
    body = ZstdCompressor(level=_LEVEL).compress(_ENCODER.encode(snapshot))
    frame, _ = build_frame(body, 0, 0, snapshot.next_seq, snapshot.next_event_seq, 0)
    name = f"snapshot-{snapshot.next_seq - 1:016d}-{snapshot.next_event_seq - 1:016d}.snapshot"
    path = directory / name
    draft = directory / f"{name}.{os.getpid()}"
    try:
        _write(draft, frame)
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_directory(directory)
    return path


def _write(path: Path, frame: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(frame[: len(frame) // 2])
        file.flush()
        fault_point("inside-snapshot")
        file.write(frame[len(frame) // 2 :])
        file.flush()
        os.fsync(file.fileno())
    fault_point("inside-snapshot")


def load_snapshot(path: Path) -> Snapshot:
    """Read and check one. Raises SnapshotDamage, FileNotFoundError."""
    data = path.read_bytes()
    try:
        header = parse_header(data[:HEADER_BYTES])
        if header is None:
            raise FrameError("it is empty")
        check_frame(header, data[:HEADER_BYTES], data[HEADER_BYTES:])
        body = data[HEADER_BYTES:]
        if body.startswith(_COMPRESSED):
            body = ZstdDecompressor().decompress(body)
        snapshot = _DECODER.decode(body)
    except (FrameError, ZstdError, msgspec.MsgspecError) as error:
        raise SnapshotDamage(f"{path.name}: {error}") from error
    match = _NAME.fullmatch(path.name)
    if match and (int(match[1]), int(match[2])) != (
        snapshot.next_seq - 1,
        snapshot.next_event_seq - 1,
    ):
        raise SnapshotDamage(f"{path.name}: it is of record {snapshot.next_seq - 1}")
    return snapshot


def position_of(directory: Path, snapshot: Snapshot) -> JournalPosition:
    """The snapshot's place. Raises SnapshotDamage where its segment is not there."""
    segment = None
    if snapshot.segment:
        by_name = {each.name: each for each in list_segments(directory)}
        segment = by_name.get(snapshot.segment)
        if segment is None:
            raise SnapshotDamage(f"its segment {snapshot.segment} is not there")
    return JournalPosition(
        segment,
        snapshot.offset,
        snapshot.previous_crc,
        snapshot.next_seq,
        snapshot.next_event_seq,
    )


def prune_snapshots(directory: Path, kept: int = KEPT) -> None:
    """Remove all but the newest `kept`, and drafts of writers that have died."""
    for old in list_snapshots(directory)[kept:]:
        old.path.unlink(missing_ok=True)
    for draft in directory.glob("snapshot-*.snapshot.*"):
        writer = draft.suffix.removeprefix(".")
        if writer.isdigit() and not Path("/proc", writer).exists():
            draft.unlink(missing_ok=True)
