"""State from the journal: every command executed again, its events compared with those recorded.

A difference stops the start. Also tells the FIX sessions' state and what was left to do.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, get_args

from venue.domain.commands import AnyCommand, FollowUp
from venue.domain.events import AnyEvent
from venue.domain.outgoing import Outgoing
from venue.engine.engine import ENGINE_VERSION, Engine
from venue.journal.record import Record, decode_batch
from venue.sequencer.recovery import Recovery
from venue.sequencer.session_state import SessionBook
from venue.sequencer.writer import WritePosition


class ReplayDifference(Exception):
    """Executing a recorded command again gave other events; text says which."""


class Replayed(NamedTuple):
    """State after the last record. follow_ups: what its commands still have to do."""

    engine: Engine
    sessions: SessionBook
    position: WritePosition
    timestamp_ns: int
    epoch: int
    follow_ups: list[AnyCommand]
    clean_stop: bool
    cut: str | None


def replay(
    directory: Path, witness: int, reports: Callable[[AnyEvent], Sequence[Outgoing]]
) -> Replayed:
    """Read the whole journal. `witness`: last event_seq somebody is known to have.

    Raises JournalDamage and ReplayDifference.
    """
    engine = Engine()
    sessions = SessionBook(keep=True)
    recovery = Recovery(directory, witness)
    follow_ups: list[AnyCommand] = []
    timestamp_ns, epoch, clean_stop = 0, 0, False
    for frame in recovery.frames():
        batch = decode_batch(frame.body)
        messages: list[Outgoing] = []
        for record in batch.records:
            apply_again(engine, record)
            if isinstance(record.command, get_args(FollowUp)):
                follow_ups.remove(record.command)
            follow_ups.extend(engine.take_follow_ups())
            timestamp_ns, epoch = record.timestamp_ns, record.epoch
            for event in record.events:
                messages.extend(reports(event))
        sessions.fold(batch, messages)
        clean_stop = batch.clean_stop
    return Replayed(
        engine,
        sessions,
        recovery.position,
        timestamp_ns,
        epoch,
        follow_ups,
        clean_stop,
        recovery.cut,
    )


def apply_again(engine: Engine, record: Record) -> None:
    """Execute a record's command; raise ReplayDifference unless its events are those recorded."""
    events = engine.apply(record.command, record.timestamp_ns)
    if events == record.events:
        return
    for index, (now, then) in enumerate(zip(events, record.events, strict=False)):
        if now != then:
            raise ReplayDifference(
                f"record {record.seq}, event {index + 1}: engine version {ENGINE_VERSION} gives "
                f"{now!r}, version {record.engine_version} recorded {then!r}"
            )
    raise ReplayDifference(
        f"record {record.seq}: engine version {ENGINE_VERSION} gives {len(events)} events, "
        f"version {record.engine_version} recorded {len(record.events)}"
    )
