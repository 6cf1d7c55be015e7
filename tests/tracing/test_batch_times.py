"""Times of batches in shared memory: written by trading, read by who asks."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journal.builders import batch
from tests.tracing.conftest import forget_times
from venue import batch_times
from venue.batch_times import BatchTimes, TimesReader, TimesRing
from venue.journal.durable import forget_position
from venue.journal.identity import identify_journal
from venue.journal.segment import EMPTY_JOURNAL
from venue.sequencer.meter import Meter, MeteredWriter


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "journal"
    directory.mkdir()
    identify_journal(directory)
    yield directory
    forget_times(directory)
    forget_position(directory)


def row(seq: int, records: int = 1) -> BatchTimes:
    return BatchTimes(seq, records, 10 * seq, 10 * seq + 1, 10 * seq + 2, 0)


def test_rows_are_read_once_they_are_sent(journal: Path) -> None:
    ring, reader = TimesRing(journal), TimesReader(journal)
    ring.on_disk(row(1, 3))
    assert (reader.new(), reader.unsent()) == ([], [row(1, 3)])
    ring.sent(99)
    ring.on_disk(row(4))
    assert reader.new() == [row(1, 3)._replace(sent_ns=99)]
    assert reader.new() == []
    ring.sent(100)
    assert reader.new() == [row(4)._replace(sent_ns=100)]
    ring.close()


def test_ring_goes_on_after_a_restart(journal: Path) -> None:
    for seq in (1, 2):
        ring = TimesRing(journal)
        ring.on_disk(row(seq))
        ring.close()
    ring = TimesRing(journal)
    ring.on_disk(row(3))
    ring.sent(7)
    assert [each.first_seq for each in TimesReader(journal).new()] == [1, 2, 3]
    ring.close()


def test_newest_rows_are_kept(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_times, "ROWS", 8)
    monkeypatch.setattr(batch_times, "_BYTES", 8 + 8 * 48)
    ring, reader = TimesRing(journal), TimesReader(journal)
    for seq in range(1, 21):
        ring.on_disk(row(seq))
    ring.sent(5)
    found = reader.new()
    assert [each.first_seq for each in found] == list(range(14, 21)), "one may be replaced just now"
    assert {each.sent_ns for each in found} == {5}
    ring.on_disk(row(21))
    ring.sent(6)
    assert [each.first_seq for each in reader.new()] == [21]
    ring.close()


def test_copy_of_a_journal_has_no_times_of_the_original(journal: Path) -> None:
    ring = TimesRing(journal)
    ring.on_disk(row(1))
    ring.close()
    copy = journal.with_name("copy")
    shutil.copytree(journal, copy)
    assert TimesReader(copy).unsent() == []


def test_without_a_ring_there_are_none(tmp_path: Path) -> None:
    assert TimesReader(tmp_path).new() == []


def test_writer_keeps_when_a_batch_came_was_written_and_left(journal: Path) -> None:
    meter = Meter()
    writer = MeteredWriter(meter, journal, 1 << 20, EMPTY_JOURNAL)
    meter.ring = TimesRing(journal)
    meter.poll_begins(0)
    meter.poll_ended(2)
    writer.append(batch(writer, 1, 2))
    writer.append(batch(writer, 1))
    meter.poll_begins(0)
    writer.close()
    first, second = TimesReader(journal).new()
    assert (first.first_seq, first.records, second.first_seq, second.records) == (1, 2, 3, 1)
    for each in (first, second):
        assert 0 < each.came_ns <= each.write_ns <= each.disk_ns <= each.sent_ns
    assert first.sent_ns <= second.disk_ns
    meter.ring.close()
