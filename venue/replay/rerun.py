"""Executes a journal's commands again to answer a question; writes nothing.

Unlike a recovery it leaves out the FIX sessions' numbers, so it needs no reports.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from venue.domain.commands import AnyCommand
from venue.domain.events import AnyEvent
from venue.engine.engine import Engine
from venue.journal.contents import batch_of
from venue.journal.record import Record
from venue.replay.replay import Replay, begin_replay, durable_frames


def state_now(directory: Path) -> Replay:
    """State after the last record on disk and after the commands that it left to do.

    Raises JournalDamage, ReplayDifference and SnapshotMissing.
    """
    replay = begin_replay(directory, None)
    for record in _records(directory, replay):
        replay.take_record(record)
    for command in replay.follow_ups:
        replay.engine.apply(command, replay.timestamp_ns)
        finish(replay.engine, replay.timestamp_ns)
    replay.follow_ups = []
    return replay


def state_before(directory: Path, seq: int) -> tuple[Replay, Iterator[Record]]:
    """State before record `seq`, and the records from there to the last on disk.

    Raises JournalDamage, ReplayDifference and SnapshotMissing, also from the iterator.
    """
    replay = begin_replay(directory, None, to_seq=seq - 1)
    records = _records(directory, replay)
    for record in records:
        if record.seq >= seq:
            return replay, chain([record], records)
        replay.take_record(record)
    return replay, iter(())


def rehearse(engine: Engine, command: AnyCommand, timestamp_ns: int) -> list[AnyEvent]:
    """Events of `command` and of all that it leaves to do, on a copy of the engine."""
    return [*engine.apply(command, timestamp_ns), *finish(engine, timestamp_ns)]


def finish(engine: Engine, timestamp_ns: int) -> list[AnyEvent]:
    """Events of the commands that the last one left to do."""
    events: list[AnyEvent] = []
    while follow_ups := engine.take_follow_ups():
        for command in follow_ups:
            events += engine.apply(command, timestamp_ns)
    return events


def _records(directory: Path, replay: Replay) -> Iterator[Record]:
    for frame in durable_frames(directory, replay.position):
        yield from batch_of(frame).records
