"""Bodies that cannot be read: every reader of a journal names file, offset and record."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from venue.journal.contents import batch_of, command_batch_of, raw_batch_of
from venue.journal.durable import DurablePosition
from venue.journal.excerpt import Wanted, choose
from venue.journal.frame import build_frame
from venue.journal.reader import JournalReader
from venue.journal.segment import JournalDamage, list_segments
from venue.journal.stats import count
from venue.replay.order_search import find_orders
from venue.replay.replay import replay_journal
from venue.replay.rerun import state_before, state_now
from venue.replay.retention import first_timestamp_ns

from .builders import frames, write


@pytest.fixture
def unreadable(directory: Path) -> Iterator[Path]:
    """A journal of one frame whose record is none, its checksum right."""
    write(directory, [1])
    (segment,) = list_segments(directory)
    frame, _ = build_frame(b'{"records":[{"seq":"O1"}]}', 1, 1, 1, 1, 0)
    segment.path.write_bytes(frame + bytes(100))
    shown = DurablePosition(directory, 1, 1)
    yield directory
    shown.close()


def first_event(directory: Path) -> object:
    with closing(JournalReader(directory)) as reader:
        return reader.read(1)


READERS: list[Callable[[Path], object]] = [
    lambda directory: batch_of(frames(directory)[0]),
    lambda directory: command_batch_of(frames(directory)[0]),
    lambda directory: raw_batch_of(frames(directory)[0]),
    lambda directory: list(choose(frames(directory), Wanted())),
    lambda directory: count(frames(directory)),
    first_event,
    lambda directory: find_orders(directory, "O1"),
    lambda directory: replay_journal(directory, lambda event: ()),
    state_now,
    lambda directory: state_before(directory, 2),
    lambda directory: first_timestamp_ns(list_segments(directory)[0]),
]


@pytest.mark.parametrize("read", READERS)
def test_body_that_cannot_be_read_is_damage_with_its_place(
    unreadable: Path, read: Callable[[Path], object]
) -> None:
    (segment,) = list_segments(unreadable)
    told = f"^{segment.path.name} at offset 0, record 1: the body is no batch of records: "
    with pytest.raises(JournalDamage, match=told):
        read(unreadable)


def test_sound_body_is_its_batch(directory: Path) -> None:
    write(directory, [2])
    (frame,) = frames(directory)
    (record,) = batch_of(frame).records
    assert [event.event_seq for event in record.events] == [1, 2]
    assert len(raw_batch_of(frame).records[0].events) == 2
