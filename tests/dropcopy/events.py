"""Events as a venue makes them, numbered from 1 without gaps, for the fan-out tests."""

from pathlib import Path

from venue.domain.commands import Deposit
from venue.domain.events import AnyEvent, FundsDeposited, SessionLoggedOn
from venue.journal.record import Batch, Record
from venue.journal.segment import EMPTY_JOURNAL
from venue.sequencer.writer import JournalWriter

START_NS = 1_700_000_000_000_000_000


def numbered_events(count: int, first: int = 1) -> list[AnyEvent]:
    """`count` events from event_seq `first` on: deposits, and every third one a logon."""
    return [
        SessionLoggedOn(
            event_seq=seq, timestamp_ns=START_NS + seq, session="ALPHA", member="ALPHA", reset=False
        )
        if seq % 3 == 0
        else FundsDeposited(
            event_seq=seq,
            timestamp_ns=START_NS + seq,
            member="ALPHA",
            asset="USD",
            amount=str(seq),
            operator="ops",
            reason="test",
        )
        for seq in range(first, first + count)
    ]


def write_journal(
    directory: Path, events: list[AnyEvent], per_batch: int = 200, segment_bytes: int = 1 << 20
) -> None:
    """A real journal with these events (from 1 on) below `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    writer = JournalWriter(directory, segment_bytes, EMPTY_JOURNAL)
    try:
        for start in range(0, len(events), per_batch):
            append_batch(writer, events[start : start + per_batch])
    finally:
        writer.close()


def append_batch(writer: JournalWriter, events: list[AnyEvent]) -> None:
    """One frame whose records hold one event each."""
    command = Deposit(member="ALPHA", asset="USD", amount="1", operator="ops", reason="test")
    records = [
        Record(writer.next_seq + at, event.timestamp_ns, 1, 1, command, [event])
        for at, event in enumerate(events)
    ]
    writer.append(Batch(records))
