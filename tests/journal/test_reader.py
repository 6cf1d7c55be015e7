"""Reading events as another process: in order, over segments, never past the durable position."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.domain.codec import encode
from venue.journal.durable import DurablePosition
from venue.journal.reader import JournalReader
from venue.journal.segment import EMPTY_JOURNAL, JournalDamage, list_segments
from venue.replay.retention import remove_segments
from venue.sequencer.writer import JournalWriter

from .builders import SMALL_SEGMENT, batch, event, write

COUNTS = [3, 0, 5, 1, 0, 0, 12, 4, 7, 2, 9, 1]
LAST = sum(COUNTS)


@pytest.fixture
def reader(directory: Path) -> Iterator[JournalReader]:
    reader = JournalReader(directory)
    yield reader
    reader.close()


def numbers(reader: JournalReader, limit: int = 1000) -> list[int]:
    return [event.event_seq for event in reader.read(limit)]


def show(directory: Path, event_seq: int) -> None:
    """Have the durable position say `event_seq`."""
    DurablePosition(directory, event_seq, event_seq).close()


def test_every_event_comes_once_in_order_with_its_bytes(
    directory: Path, reader: JournalReader
) -> None:
    write(directory, COUNTS)
    assert len(list_segments(directory)) > 2
    events = reader.read(1000)
    assert [e.event_seq for e in events] == list(range(1, LAST + 1))
    assert [e.payload for e in events] == [encode(event(n)) for n in range(1, LAST + 1)]
    assert {(e.type, e.symbol) for e in events} == {("FundsDeposited", "_")}
    assert reader.read(1000) == []


@pytest.mark.parametrize("limit", [1, 4, 7])
def test_reading_in_portions_loses_and_repeats_nothing(
    directory: Path, reader: JournalReader, limit: int
) -> None:
    write(directory, COUNTS)
    found: list[int] = []
    while portion := numbers(reader, limit):
        assert len(portion) <= limit
        found += portion
    assert found == list(range(1, LAST + 1))


def test_reading_begins_anywhere(directory: Path, reader: JournalReader) -> None:
    write(directory, COUNTS)
    for first in [*range(1, LAST + 1), 5, 1]:
        reader.seek(first)
        assert numbers(reader, 3) == list(range(first, min(first + 3, LAST + 1)))


def test_nothing_is_read_past_the_durable_position(directory: Path, reader: JournalReader) -> None:
    write(directory, COUNTS)
    show(directory, 3)
    assert reader.durable_event_seq() == 3
    assert numbers(reader) == [1, 2, 3]
    assert numbers(reader) == []
    show(directory, 9)
    assert numbers(reader) == [4, 5, 6, 7, 8, 9]


def test_position_behind_the_end_gives_nothing_yet(directory: Path, reader: JournalReader) -> None:
    write(directory, [2])
    reader.seek(3)
    assert numbers(reader) == []


def test_journal_that_never_ran_gives_nothing(reader: JournalReader) -> None:
    assert numbers(reader) == []


def test_reader_follows_a_writer_batch_by_batch_into_new_segments(
    directory: Path, reader: JournalReader
) -> None:
    writer = JournalWriter(directory, SMALL_SEGMENT, EMPTY_JOURNAL)
    try:
        for count in COUNTS:
            first = writer.next_event_seq
            writer.append(batch(writer, count))
            assert numbers(reader) == list(range(first, first + count))
    finally:
        writer.close()
    assert len(list_segments(directory)) > 2


def test_events_beyond_retention_are_a_gap_that_names_what_is_left(
    directory: Path, reader: JournalReader
) -> None:
    write(directory, COUNTS)
    first, second = list_segments(directory)[:2]
    remove_segments(directory, [first])
    with pytest.raises(LookupError, match=f"begins with {second.first_event_seq}"):
        reader.read(1)
    reader.seek(second.first_event_seq)
    assert numbers(reader, 1) == [second.first_event_seq]


def test_damaged_frame_is_refused_by_name_and_never_skipped(
    directory: Path, reader: JournalReader
) -> None:
    write(directory, [1, 1, 1])
    (segment,) = list_segments(directory)
    data = bytearray(segment.path.read_bytes())
    place = data.find(b'"event_seq":2')
    data[place + 12] = ord("9")
    segment.path.write_bytes(data)
    assert numbers(reader, 1) == [1]
    for _ in range(2):
        with pytest.raises(JournalDamage, match=segment.path.name):
            reader.read(1)


def test_durable_event_that_is_missing_is_damage(directory: Path, reader: JournalReader) -> None:
    write(directory, [2])
    show(directory, 5)
    with pytest.raises(JournalDamage, match="a durable event is missing"):
        reader.read(5)


def test_damage_does_not_take_the_events_before_it(directory: Path, reader: JournalReader) -> None:
    write(directory, [2])
    show(directory, 5)
    with pytest.raises(JournalDamage):
        reader.read(5)
    assert numbers(reader, 2) == [1, 2]
