"""The journal's formats: frames, events, snapshots, and the engine that executed its commands.

Executes the journal again as a start does, behind the newest good snapshot, and writes nothing:
whether another engine comes to the same events is known no other way.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from venue.doctor.finding import Finding, error, warning
from venue.domain.event import EVENT_VERSION
from venue.domain.events import AnyEvent
from venue.engine.engine import ENGINE_VERSION
from venue.journal.frame import FORMAT_VERSION, HEADER_BYTES, MAGIC, FrameError
from venue.journal.record import CommandRecord, Record, decode_raw_batch
from venue.journal.segment import (
    JournalDamage,
    JournalPosition,
    Segment,
    frames_of,
    list_segments,
    open_segment,
)
from venue.replay.replay import (
    Replay,
    ReplayDifference,
    SnapshotMissing,
    begin_replay,
    durable_frames,
)
from venue.replay.snapshot import Snapshot, SnapshotDamage, list_snapshots, load_snapshot
from venue.settings.settings import Settings
from venue.upgrade.format import Format, NextStart

_VERSION_OFFSET = len(MAGIC)
_RESTORE = "start the version that wrote it, or restore a backup (docs/OPERATING.md)"


class _Event(msgspec.Struct):
    v: int = 0


class _Executed(Replay):
    """A replay that notes the engine versions of what it begins from and executes, and the version
    of the last event."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # as Replay's
        self.versions: set[int] = set()
        self.event_version = 0

    def begin_from(self, snapshot: Snapshot, position: JournalPosition, name: str) -> None:
        """As Replay's."""
        self.versions.add(snapshot.engine_version)
        super().begin_from(snapshot, position, name)

    def take_record(self, record: Record | CommandRecord) -> list[AnyEvent]:
        """As Replay's."""
        self.versions.add(record.engine_version)
        events = super().take_record(record)
        if events:
            self.event_version = events[-1].v
        return events


def formats(
    journal: Path, settings: Settings | None, tell: Callable[[int], None]
) -> Iterator[Format]:
    """Judge them. settings None: the configuration cannot be read, and its defaults count."""
    try:
        segments = list_segments(journal)
        begun = map(_frame_version, segments)
        frames = sorted({number for number in begun if number is not None})
    except (JournalDamage, OSError) as damage:
        yield _frames([], [error("JOURNAL_DAMAGED", str(damage), _RESTORE)])
        return
    if not segments:
        yield _frames([], [])
        return
    others = [number for number in frames if number != FORMAT_VERSION]
    found = [
        error(
            "JOURNAL_OF_OTHER_FORMAT",
            f"frames of format {number}, and this program reads {FORMAT_VERSION}",
            _RESTORE,
        )
        for number in others
    ]
    yield _frames(frames, found)
    yield _snapshots(journal)
    if not others:
        accepted = 0 if settings is None else settings.journal.accept_engine_version
        yield from _executed(journal, accepted, tell)


def _frame_version(segment: Segment) -> int | None:
    """Format of a segment's first frame; None where none was written."""
    with open_segment(segment) as file:
        head = file.read(HEADER_BYTES)
    return head[_VERSION_OFFSET] if head.startswith(MAGIC) else None


def _frames(found: list[int], findings: list[Finding]) -> Format:
    next_start = NextStart.WORKS if found else NextStart.BEGINS
    return Format(
        "journal frames",
        list(map(str, found)),
        [str(FORMAT_VERSION)],
        str(FORMAT_VERSION),
        NextStart.REFUSES if findings else next_start,
        findings,
    )


def _snapshots(journal: Path) -> Format:
    """The snapshots that a start looks at, up to the first good one."""
    next_start, found, findings = NextStart.BEGINS, [], []
    for file in list_snapshots(journal):
        head = file.path.read_bytes()[:HEADER_BYTES]
        number = head[_VERSION_OFFSET] if head.startswith(MAGIC) else 0
        found.append(str(number) if number else "none")
        try:
            load_snapshot(file.path)
        except (SnapshotDamage, OSError) as damage:
            next_start = NextStart.MADE_AGAIN
            findings.append(
                warning(
                    "SNAPSHOT_PASSED_OVER",
                    str(damage),
                    "nothing: a start passes it over, executes more of the journal, and the "
                    "replica writes another",
                )
            )
        else:
            next_start = NextStart.MADE_AGAIN if findings else NextStart.WORKS
            break
    versions = [str(FORMAT_VERSION)]
    return Format("snapshot", sorted(set(found)), versions, versions[0], next_start, findings)


def _executed(journal: Path, accepted: int, tell: Callable[[int], None]) -> Iterator[Format]:
    """The engine, and events, by executing what a start would."""
    replay, refused = _Executed(None), ""
    try:
        begun = begin_replay(journal, None, kind=_Executed)
        assert isinstance(begun, _Executed)
        replay = begun
        replay.accept_version(accepted)
        for frame in durable_frames(journal, replay.position):
            replay.take(frame)
            tell(replay.event_seq)
    except (ReplayDifference, SnapshotMissing, JournalDamage, msgspec.MsgspecError) as why:
        refused = str(why)
    later = max(replay.versions, default=0) > ENGINE_VERSION
    findings = [*_differences(replay, refused, later=later)]
    works = NextStart.WORKS if replay.versions else NextStart.BEGINS
    yield Format(
        "engine",
        [str(number) for number in sorted(replay.versions)],
        [f"1 to {ENGINE_VERSION}"],
        str(ENGINE_VERSION),
        NextStart.REFUSES if refused else works,
        findings,
    )
    version = max(replay.event_version, _first_event_version(journal))
    if version:
        yield _events(version)


def _first_event_version(journal: Path) -> int:
    """Version of an event of the journal's last segment that has any; 0 where none has."""
    for segment in list_segments(journal)[::-1]:
        try:
            with open_segment(segment) as file:
                for frame in frames_of(file, segment):
                    for record in decode_raw_batch(frame.body).records:
                        for event in record.events:
                            return msgspec.json.decode(event, type=_Event).v
        except (FrameError, JournalDamage, msgspec.MsgspecError):
            continue  # the row of the engine says so
    return 0


def _differences(replay: _Executed, refused: str, *, later: bool) -> Iterator[Finding]:
    if refused:
        yield error(
            "ENGINE_DIFFERS",
            f"a start would be refused: {refused}",
            "install the version that recorded it"
            if later
            else "install the version before; or, if what differs is what this version mends, "
            f"journal.accept_engine_version = {ENGINE_VERSION} for one start (docs/OPERATING.md)",
        )
    elif later:
        yield warning(
            "ENGINE_OF_LATER_VERSION",
            f"a later engine ({max(replay.versions)}) has recorded here; this one ("
            f"{ENGINE_VERSION}) comes to the same events so far",
            "install the later version again unless you mean to go back",
        )
    for difference in replay.differences:
        yield warning(
            "DIFFERENCE_ACCEPTED",
            difference,
            "it is accepted by journal.accept_engine_version: take that out after the start",
        )


def _events(version: int) -> Format:
    findings = []
    if version > EVENT_VERSION:
        findings = [
            error(
                "EVENTS_OF_LATER_VERSION",
                f"events of version {version}, and this program knows {EVENT_VERSION}",
                "install the later version again: consumers halt in front of what they do not know",
            )
        ]
    next_start = NextStart.REFUSES if findings else NextStart.WORKS
    known = str(EVENT_VERSION)
    return Format("events", [str(version)], [known], known, next_start, findings)
