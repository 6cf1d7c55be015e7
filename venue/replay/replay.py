"""State from the journal: the newest good snapshot, then every command behind it executed again.

The events are compared with those recorded; a difference stops the start. The FIX sessions' state
and the commands that were left to do come out, too.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import get_args

import msgspec
import structlog

from venue.domain.commands import AnyCommand, FollowUp
from venue.domain.events import AnyEvent
from venue.domain.outgoing import Outgoing
from venue.engine.engine import ENGINE_VERSION, Engine
from venue.engine.image.restore import state_from
from venue.journal.contents import command_batch_of, unreadable
from venue.journal.durable import read_position
from venue.journal.record import CommandBatch, CommandRecord, Record, decode_events, encode_events
from venue.journal.segment import (
    EMPTY_JOURNAL,
    JournalDamage,
    JournalPosition,
    PlacedFrame,
    Segment,
    list_segments,
)
from venue.journal.walk import JournalWalk, check_before
from venue.replay.older_engines import apply_as, left_by
from venue.replay.recovery import Recovery
from venue.replay.snapshot import (
    Snapshot,
    SnapshotDamage,
    list_snapshots,
    load_snapshot,
    position_of,
    snapshot_of,
)
from venue.sequencer.session_state import RESEND_WINDOW, SessionBook

_log = structlog.get_logger("replay")
_FOLLOW_UPS = frozenset(get_args(FollowUp))

Reports = Callable[[AnyEvent], Sequence[Outgoing]]
"""Messages that an event causes: venue.fix.encode's."""


class ReplayDifference(Exception):
    """Executing a recorded command again gave other events; text says which."""


class SnapshotMissing(Exception):
    """The journal's beginning was removed, and no good snapshot leads to the place wanted."""


class Replay:
    """The state at a place in the journal; `take` moves it on, frame by frame.

    Without `reports` it leaves the FIX sessions' state as it is and can take no snapshot. commands:
    how many were executed again. snapshot: name of the file that it began from, or None. cut: what
    a start has cut off the journal as a torn tail. differences: those that were accepted.
    """

    def __init__(self, reports: Reports | None, window: int = RESEND_WINDOW) -> None:
        self._reports = reports
        self._window = window
        self._accepted_version = 0
        self.engine = Engine()
        self.sessions = SessionBook(window)
        self.position: JournalPosition = EMPTY_JOURNAL
        self.follow_ups: list[AnyCommand] = []
        self.seq = self.timestamp_ns = self.epoch = self.commands = 0
        self.clean_stop = False
        self.snapshot: str | None = None
        self.cut: str | None = None
        self.differences: list[str] = []

    @property
    def event_seq(self) -> int:
        """event_seq of the last event."""
        return self.engine.state.next_event_seq - 1

    def begin_from(self, snapshot: Snapshot, position: JournalPosition, name: str) -> None:
        """Begin with the state of a snapshot that was taken at `position`."""
        self.engine = Engine(state_from(snapshot.engine))
        self.sessions = SessionBook(self._window, snapshot.sessions)
        self.position = position
        self.follow_ups = list(snapshot.follow_ups)
        self.seq = snapshot.next_seq - 1
        self.timestamp_ns, self.epoch = snapshot.timestamp_ns, snapshot.epoch
        self.clean_stop, self.snapshot = snapshot.clean_stop, name

    def accept_version(self, version: int) -> None:
        """Go on through differences when the engine is of this version and the record is older."""
        self._accepted_version = version

    def take(self, frame: PlacedFrame) -> None:
        """Execute a whole frame. Raises ReplayDifference and JournalDamage."""
        self._take(command_batch_of(frame), frame)

    def _take(self, batch: CommandBatch, frame: PlacedFrame) -> None:
        events = self._execute(batch.records, frame)
        if self._reports is not None:
            reports: dict[str, list[Outgoing]] = {}
            for event in events:
                for report in self._reports(event):
                    reports.setdefault(report.session, []).append(report)
            self.sessions.fold(batch, reports, frame.header.first_seq)
        self.clean_stop = batch.clean_stop
        self.position = frame.after

    def take_record(self, record: Record | CommandRecord) -> list[AnyEvent]:
        """Execute a record. Returns its recorded events; the sessions' state stays as it is.

        Raises ReplayDifference, and msgspec's errors where undecoded events cannot be read.
        """
        events = apply_as(self.engine, record.engine_version, record.command, record.timestamp_ns)
        recorded = _recorded(record, events)
        if recorded is not events:
            self._differ(record, events, recorded)
        if type(record.command) in _FOLLOW_UPS:
            self.follow_ups.remove(record.command)
        self.follow_ups += left_by(self.engine, record.engine_version, record.timestamp_ns)
        self.seq, self.timestamp_ns, self.epoch = record.seq, record.timestamp_ns, record.epoch
        self.commands += 1
        return recorded

    def _execute(self, records: list[CommandRecord], frame: PlacedFrame) -> list[AnyEvent]:
        """Execute records of a frame. Returns their events."""
        events: list[AnyEvent] = []
        try:
            for record in records:
                events += self.take_record(record)
            return events
        except msgspec.MsgspecError as error:
            raise unreadable(frame, error) from error

    def _differ(
        self, record: Record | CommandRecord, events: list[AnyEvent], recorded: list[AnyEvent]
    ) -> None:
        """Accept other events than those recorded, or raise ReplayDifference."""
        difference = _difference(record, events, recorded)
        if record.engine_version == ENGINE_VERSION or self._accepted_version != ENGINE_VERSION:
            raise ReplayDifference(difference)
        self.differences.append(difference)
        if recorded:
            self.engine.state.next_event_seq = recorded[-1].event_seq + 1

    def take_snapshot(self) -> Snapshot:
        """Snapshot of the state, between two frames. It has to be written before the next one."""
        assert self._reports is not None
        return snapshot_of(
            self.engine,
            self.sessions,
            self.position,
            self.timestamp_ns,
            self.epoch,
            self.follow_ups,
            clean_stop=self.clean_stop,
        )


def replay(
    directory: Path,
    witness: int,
    reports: Reports,
    *,
    window: int = RESEND_WINDOW,
    accept_version: int = 0,
    before_cut: Callable[[], int] = lambda: 0,
    tell: Callable[[int], None] = lambda event_seq: None,
) -> Replay:
    """For a start: replay to the end, cut a torn tail. witness, before_cut: see Recovery. tell:
    gets the last event of each frame. Raises JournalDamage, ReplayDifference, SnapshotMissing.
    """
    result = begin_replay(directory, reports, window)
    result.accept_version(accept_version)
    recovery = Recovery(directory, witness, result.position, before_cut)
    for frame in recovery.frames():
        result.take(frame)
        tell(result.event_seq)
    result.position = recovery.position
    result.cut = recovery.cut
    return result


def replay_journal(
    directory: Path,
    reports: Reports | None,
    *,
    to_seq: int | None = None,
    to_ns: int | None = None,
    from_start: bool = False,
    window: int = RESEND_WINDOW,
    tell: Callable[[int], None] = lambda event_seq: None,
) -> Replay:
    """Read-only: replay to a record, to a time (UTC nanoseconds), or to the end.

    Never past what is on disk. `reports`: see Replay; tell: as of `replay`. Raises as that does.
    """
    result = begin_replay(directory, reports, window, to_seq, to_ns, from_start=from_start)
    for frame in durable_frames(directory, result.position):
        batch = command_batch_of(frame)
        if batch.records and not _is_before(batch.records[-1], to_seq, to_ns):
            wanted = [each for each in batch.records if _is_before(each, to_seq, to_ns)]
            result._execute(wanted, frame)
            break
        result._take(batch, frame)
        tell(result.event_seq)
    return result


def durable_frames(directory: Path, begin: JournalPosition) -> Iterator[PlacedFrame]:
    """Frames behind `begin` that are on disk for certain; a tail that may be torn is left out."""
    durable_seq = read_position(directory)[1]
    try:
        yield from JournalWalk(directory, begin).frames(durable_seq or None)
    except JournalDamage as damage:
        if durable_seq or not damage.torn_tail:
            raise


def begin_replay(
    directory: Path,
    reports: Reports | None,
    window: int = RESEND_WINDOW,
    to_seq: int | None = None,
    to_ns: int | None = None,
    *,
    from_start: bool = False,
    kind: type[Replay] = Replay,
) -> Replay:
    """A Replay at the newest good snapshot before the wanted place, else before the first record.

    Raises JournalDamage and SnapshotMissing.
    """
    result = kind(reports, window)
    segments = list_segments(directory)
    whole = not segments or segments[0].first_seq == 1
    files = list_snapshots(directory)
    if files and files[0].seq and not segments:
        raise JournalDamage(Segment(0, 1, 1, directory), 0, files[0].seq, "no segment is there")
    if from_start:  # begins at the oldest snapshot where the first records were removed
        files = [] if whole else files[::-1]
    for file in files:
        if to_seq is not None and file.seq > to_seq:
            continue
        try:
            snapshot = load_snapshot(file.path)
            position = position_of(directory, snapshot)
        except (SnapshotDamage, FileNotFoundError) as error:
            _log.warning("snapshot passed over", snapshot=file.path.name, why=str(error))
            continue
        if to_ns is not None and snapshot.timestamp_ns > to_ns:
            continue
        check_before(position)
        result.begin_from(snapshot, position, file.path.name)
        return result
    if not whole:
        raise SnapshotMissing(
            f"the journal begins with record {segments[0].first_seq}, and no good snapshot leads "
            "to the place wanted"
        )
    return result


def _is_before(record: CommandRecord, to_seq: int | None, to_ns: int | None) -> bool:
    return (to_seq is None or record.seq <= to_seq) and (
        to_ns is None or record.timestamp_ns <= to_ns
    )


def _recorded(record: Record | CommandRecord, events: list[AnyEvent]) -> list[AnyEvent]:
    """The recorded events: `events` themselves where they are the same."""
    recorded = record.events
    if isinstance(recorded, msgspec.Raw):
        if encode_events(events) == bytes(recorded):
            return events
        recorded = decode_events(recorded)  # the same events may have been written otherwise
    return events if events == recorded else recorded


def _difference(
    record: Record | CommandRecord, events: list[AnyEvent], recorded: list[AnyEvent]
) -> str:
    """The first difference between these events and those recorded, in words."""
    for index, (now, then) in enumerate(zip(events, recorded, strict=False)):
        if now != then:
            return (
                f"record {record.seq}, event {index + 1}: engine version {ENGINE_VERSION} gives "
                f"{now!r}, version {record.engine_version} recorded {then!r}"
            )
    return (
        f"record {record.seq}: engine version {ENGINE_VERSION} gives {len(events)} events, "
        f"version {record.engine_version} recorded {len(recorded)}"
    )
