"""Choosing records: by number, event and symbol, beginning at the segment that holds them."""

from pathlib import Path

import pytest

from venue.domain.commands import AnyCommand, CancelOrder, Deposit
from venue.domain.events import CommandRefused
from venue.journal.excerpt import Wanted, choose
from venue.journal.places import place_of_event, place_of_record, start_of
from venue.journal.record import Batch, Record
from venue.journal.segment import EMPTY_JOURNAL, JournalDamage, list_segments
from venue.journal.walk import JournalWalk
from venue.replay.retention import remove_segments
from venue.sequencer.writer import JournalWriter

from .builders import SMALL_SEGMENT, event, write

EVENTS = [3, 0, 5, 1, 0, 0, 12, 4, 7, 2, 9, 1]


def chosen(directory: Path, wanted: Wanted, begin: int = 1) -> list[int]:
    walk = JournalWalk(directory, place_of_record(directory, begin))
    return [record.seq for record in choose(walk.frames(), wanted)]


def test_records_are_chosen_by_number(directory: Path) -> None:
    write(directory, EVENTS)
    assert len(list_segments(directory)) > 2
    assert chosen(directory, Wanted()) == list(range(1, 13))
    for first in range(1, 14):
        for last in range(first, 14):
            expected = list(range(first, min(last, 12) + 1))
            assert chosen(directory, Wanted(first, last), first) == expected


def test_record_is_found_by_any_of_its_events(directory: Path) -> None:
    write(directory, EVENTS)
    holder = [seq for seq, count in enumerate(EVENTS, 1) for _ in range(count)]
    for event_seq, seq in enumerate(holder, 1):
        walk = JournalWalk(directory, place_of_event(directory, event_seq))
        found = [record.seq for record in choose(walk.frames(), Wanted(event_seq=event_seq))]
        assert found == [seq]
    assert chosen(directory, Wanted(event_seq=len(holder) + 1)) == []


def test_records_of_one_batch_are_told_apart(directory: Path) -> None:
    writer = JournalWriter(directory, SMALL_SEGMENT, EMPTY_JOURNAL)
    cancel = CancelOrder("ALPHA", "A2", "A1", "ACME", "1")
    commands: list[AnyCommand] = [
        Deposit("ALPHA", "USD", "1"),
        cancel,
        Deposit("ALPHA", "USD", "2"),
        cancel,
    ]
    writer.append(
        Batch([Record(n, 7, 1, 1, each, [event(n)]) for n, each in enumerate(commands, 1)])
    )
    writer.append(Batch([Record(5, 7, 1, 1, cancel, [CommandRefused(
        event_seq=5, timestamp_ns=7, command="x", detail="y")])]))  # fmt: skip
    writer.close()
    assert chosen(directory, Wanted(symbol="ACME")) == [2, 4, 5]
    assert chosen(directory, Wanted(3, 4)) == [3, 4]
    assert chosen(directory, Wanted(event_seq=3)) == [3]
    assert chosen(directory, Wanted(3, symbol="ACME", event_seq=5)) == [5]
    assert chosen(directory, Wanted(symbol="NOPE")) == []


def test_place_before_the_first_record_there_is_is_that_of_the_first_segment(
    directory: Path,
) -> None:
    assert place_of_record(directory, 1) == EMPTY_JOURNAL
    write(directory, EVENTS)
    first, second, *_ = list_segments(directory)
    remove_segments(directory, [first])
    begin = start_of(second)
    assert place_of_record(directory, 1) == place_of_event(directory, 1) == begin
    assert chosen(directory, Wanted()) == list(range(second.first_seq, 13))


def test_segment_that_begins_with_damage_is_named(directory: Path) -> None:
    write(directory, EVENTS)
    second = list_segments(directory)[1]
    second.path.write_bytes(b"x" + second.path.read_bytes()[1:])
    with pytest.raises(JournalDamage, match=f"{second.path.name} at offset 0"):
        place_of_record(directory, second.first_seq)
