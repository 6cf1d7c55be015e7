"""Counting a journal: segments, frames, records, events, and what lies between first and last."""

from pathlib import Path

import pytest

from venue.journal.places import place_of_record
from venue.journal.segment import EMPTY_JOURNAL, JournalDamage, list_segments
from venue.journal.stats import JournalStats, count
from venue.journal.walk import JournalWalk
from venue.replay.retention import remove_segments
from venue.sequencer.writer import JournalWriter

from .builders import SMALL_SEGMENT, batch, frames, write


def counted(directory: Path) -> JournalStats:
    return count(JournalWalk(directory).frames())


def test_sums_are_those_of_the_segments(directory: Path) -> None:
    write(directory, [8] * 12)
    stats = counted(directory)
    segments = list_segments(directory)
    assert [each.name for each in stats.segments] == [each.path.name for each in segments]
    assert (stats.frames, stats.records, stats.events) == (12, 12, 96)
    assert sum(each.records for each in stats.segments) == 12
    assert sum(each.events for each in stats.segments) == 96
    assert stats.size == sum(each.path.stat().st_size for each in segments)
    lengths = [frame.end - frame.offset for frame in frames(directory)]
    assert stats.used == sum(each.used for each in stats.segments) == sum(lengths)
    assert stats.bytes_per_event == round(stats.used / 96, 1)
    assert stats.events_by_type == {"FundsDeposited": 96}
    assert (stats.first_seq, stats.first_ns, stats.last_ns) == (1, 1_001, 1_012)


@pytest.mark.parametrize(
    ("sizes", "median", "most"),
    [([3], 3, 3), ([1, 1, 1, 9], 1, 9), ([1, 2, 3, 4], 2, 4), ([5, 1, 0, 0, 0, 9], 5, 9)],
)
def test_records_of_a_frame_have_a_median_that_empty_frames_do_not_change(
    directory: Path, sizes: list[int], median: int, most: int
) -> None:
    writer = JournalWriter(directory, SMALL_SEGMENT, EMPTY_JOURNAL)
    for size in sizes:
        writer.append(batch(writer, min(size, 1), records=size))
    writer.close()
    stats = counted(directory)
    assert (stats.records_median, stats.records_max) == (median, most)
    assert (stats.empty_frames, stats.records) == (sizes.count(0), sum(sizes))


def test_empty_journal_counts_nothing(directory: Path) -> None:
    stats = counted(directory)
    assert (stats.segments, stats.size, stats.events, stats.bytes_per_event) == ([], 0, 0, 0)
    assert (stats.first_ns, stats.last_ns) == (None, None)


def test_journal_without_its_oldest_segments_is_counted_from_where_it_begins(
    directory: Path,
) -> None:
    write(directory, [8] * 12)
    first, second, *_ = list_segments(directory)
    remove_segments(directory, [first])
    stats = count(JournalWalk(directory, place_of_record(directory, 1)).frames())
    assert stats.first_seq == second.first_seq
    assert stats.records == 12 - second.first_seq + 1


def test_damage_is_not_counted_over(directory: Path) -> None:
    write(directory, [2, 1, 3])
    (segment,) = list_segments(directory)
    data = bytearray(segment.path.read_bytes())
    data[60] ^= 1
    segment.path.write_bytes(data)
    with pytest.raises(JournalDamage, match="at offset 0, record 1: "):
        counted(directory)
