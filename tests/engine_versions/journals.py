"""Where the recorded journals are, one for each version, and what each has to come to."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import msgspec

from venue.engine.engine import ENGINE_VERSION
from venue.engine.image.digest import state_digest
from venue.journal.closing import compress_segment
from venue.journal.compressed import SUFFIX
from venue.journal.segment import list_segments
from venue.replay.replay import Replay, replay_journal

from .life import record_life

RECORDED = Path(__file__).with_name("recorded")
EXPECTED = "expected.json"


class Expected(msgspec.Struct, frozen=True):
    """What a journal comes to: its last record and event, and the digest of the state there."""

    engine_version: int
    seq: int
    event_seq: int
    digest: str


class AlreadyRecorded(Exception):
    """A version that was recorded stays as it is: its engine may be in use."""


def place_of(version: int, recorded: Path = RECORDED) -> Path:
    """The directory of a version's journal."""
    return recorded / f"version-{version:04d}"


def versions(recorded: Path = RECORDED) -> list[int]:
    """Those that there are a journal of."""
    return sorted(int(each.name.rpartition("-")[2]) for each in recorded.glob("version-*"))


def why_not_recorded(version: int, recorded: Iterable[int]) -> str:
    """What to do for a version without a journal; empty where it has one."""
    if version in recorded:
        return ""
    return (
        f"no journal of engine version {version} is kept: run python -m tests.engine_versions, "
        "and commit what it writes"
    )


def expected_of(place: Path) -> Expected:
    """What is written beside a journal."""
    return msgspec.json.decode((place / EXPECTED).read_bytes(), type=Expected)


def replayed(place: Path, scratch: Path) -> Replay:
    """A copy of a journal, executed from its first record. Raises ReplayDifference."""
    shutil.copytree(place, scratch)
    return replay_journal(scratch, None, from_start=True)


def record(recorded: Path = RECORDED) -> Path:
    """Keep the life of the present engine. Raises AlreadyRecorded."""
    place = place_of(ENGINE_VERSION, recorded)
    if place.exists():
        raise AlreadyRecorded(f"engine version {ENGINE_VERSION} is recorded in {place}")
    place.mkdir(parents=True)
    engine, seq = record_life(place)
    for segment in list_segments(place):
        compress_segment(segment)
    for each in place.iterdir():  # whose journal it was, and a file that was made ready
        if not each.name.endswith(SUFFIX):
            each.unlink()
    expected = Expected(
        ENGINE_VERSION, seq, engine.state.next_event_seq - 1, state_digest(engine.state)
    )
    text = msgspec.json.format(msgspec.json.encode(expected), indent=2) + b"\n"
    (place / EXPECTED).write_bytes(text)
    return place
