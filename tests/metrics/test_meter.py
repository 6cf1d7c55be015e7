"""What trading measures of its batches: which time counts for which message."""

from pathlib import Path

import pytest

from tests.journal.builders import batch
from venue.journal.segment import EMPTY_JOURNAL
from venue.sequencer.meter import Meter, MeteredWriter
from venue.tally import Tally, size_of


class Clock:
    """Nanoseconds, set by the test."""

    def __init__(self) -> None:
        self.now = 1_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def meter(clock: Clock) -> Meter:
    return Meter(clock)


def poll(meter: Meter, clock: Clock, at: int, before: int, after: int) -> None:
    """A poll that begins at a time; so many inputs wait before it and after it."""
    clock.now = at
    meter.poll_begins(before)
    meter.poll_ended(after)


def times(tally: Tally) -> dict[int, int]:
    """How often each size occurs."""
    return {size: count for size, count in enumerate(tally.spread().counts) if count}


def test_message_counts_from_the_poll_that_has_read_it(meter: Meter, clock: Clock) -> None:
    poll(meter, clock, 1_000, 0, 0)
    poll(meter, clock, 2_000, 0, 1)
    poll(meter, clock, 5_000, 1, 3)
    clock.now = 9_000
    meter.written(3, 0.000_002)
    assert times(meter.to_disk) == {size_of(7_000): 3}
    assert times(meter.to_report) == {}
    poll(meter, clock, 10_000, 0, 0)
    assert times(meter.to_report) == {size_of(8_000): 3}
    assert meter.to_report.spread().total == 3 * 8_000
    assert times(meter.syncs) == {size_of(2_000): 1}
    assert times(meter.sizes) == {size_of(3): 1}
    assert (meter.batches, meter.deepest) == (1, 3)


def test_what_was_sent_before_something_else_is_done_is_counted_then(
    meter: Meter, clock: Clock
) -> None:
    poll(meter, clock, 1_000, 0, 1)
    meter.written(1, 0.0)
    clock.now = 3_000
    meter.rests(0)
    clock.now = 900_000
    meter.rests(0)
    poll(meter, clock, 900_000, 0, 0)
    assert times(meter.to_report) == {size_of(2_000): 1}


def test_what_is_left_for_the_next_batch_counts_from_its_own_polls(
    meter: Meter, clock: Clock
) -> None:
    poll(meter, clock, 1_000, 0, 5)
    poll(meter, clock, 2_000, 5, 300)
    meter.written(256, 0.0)
    poll(meter, clock, 10_000, 44, 60)  # 44 are left, of the first polls
    meter.written(60, 0.0)
    poll(meter, clock, 20_000, 0, 0)
    assert meter.to_report.spread().total == 256 * 9_000 + 60 * 19_000
    poll(meter, clock, 30_000, 0, 2)
    meter.written(2, 0.0)
    poll(meter, clock, 31_000, 0, 0)
    assert meter.to_report.spread().total == 256 * 9_000 + 60 * 19_000 + 2 * 1_000


def test_time_does_not_grow_while_something_always_waits(meter: Meter, clock: Clock) -> None:
    poll(meter, clock, 1_000, 0, 300)
    for turn in range(1, 50):
        meter.written(256, 0.0)
        poll(meter, clock, 1_000 + 1_000 * turn, 44, 300)
    assert meter.to_report.spread().total <= 49 * 256 * 2_000


def test_what_nobody_has_sent_is_in_no_latency(meter: Meter, clock: Clock) -> None:
    poll(meter, clock, 1_000, 0, 0)
    meter.written(1, 0.0)  # the clock's own
    poll(meter, clock, 2_000, 0, 4)  # questions: nothing is written for them
    poll(meter, clock, 50_000, 0, 1)
    clock.now = 51_000
    meter.written(1, 0.0)
    assert times(meter.to_disk) == {size_of(1_000): 1}
    assert meter.sizes.spread().count == 2


def test_batch_without_commands_is_a_write_only(meter: Meter, clock: Clock) -> None:
    poll(meter, clock, 1_000, 0, 1)
    meter.written(0, 0.001)
    assert (meter.batches, meter.sizes.spread().count, meter.syncs.spread().count) == (1, 0, 1)


def test_metered_writer_tells_of_each_batch_on_disk(tmp_path: Path, meter: Meter) -> None:
    directory = tmp_path / "journal"
    directory.mkdir()
    writer = MeteredWriter(meter, directory, 1 << 16, EMPTY_JOURNAL)
    for count in (2, 0, 3):
        writer.append(batch(writer, count))
    writer.close()
    assert (meter.batches, meter.sizes.spread().total) == (3, 3)  # a command each
    assert meter.syncs.spread().count == 3
