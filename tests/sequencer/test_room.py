"""Room in the journal: when none will follow, entry stops until there is some, at last trading."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.domain.commands import Deposit, ResumeEntry, StopEntry
from venue.journal.segment import list_segments
from venue.sequencer.inbox import Inbox, Input
from venue.sequencer.room import RoomWatch
from venue.sequencer.writer import JournalWriter

from ..journal.builders import SMALL_SEGMENT, batch, write
from ..servers.conditions import wait_for
from .blocked import PREPARED, block, unblock

RESERVE = SMALL_SEGMENT // 4
STOP_ENTRY = StopEntry("the disk is full")


class Watched:
    """A journal of one segment, watched; unless `healthy` a second one cannot be made."""

    def __init__(self, directory: Path, healthy: bool = False) -> None:
        self.directory = directory
        position = write(directory, [1])
        (directory / PREPARED).unlink(missing_ok=True)
        if not healthy:
            self.blocker = block(directory)
        self.writer = JournalWriter(directory, SMALL_SEGMENT, position)
        self.inbox = Inbox()
        self.watch = RoomWatch(self.writer, self.inbox)
        wait_for(lambda: self.shortage is not None or (directory / PREPARED).is_file(), 60)

    @property
    def shortage(self) -> str | None:
        """After a look."""
        self.watch.look()
        return self.writer.shortage

    def fill_to(self, room: int) -> None:
        """Append until there is no more room than that."""
        while self.writer.room > room:
            self.writer.append(batch(self.writer, 1))


@pytest.fixture
def watched(directory: Path) -> Iterator[Watched]:
    watched = Watched(directory)
    yield watched
    watched.writer.close()


def test_nothing_stops_while_the_next_segment_is_there(directory: Path) -> None:
    watched = Watched(directory, healthy=True)
    for _ in range(40):
        watched.writer.append(batch(watched.writer, 1))
        watched.watch.look()
    watched.writer.close()
    assert len(list_segments(directory)) > 1
    assert len(watched.inbox) == 0 and not watched.watch.stops_trading


def test_nothing_stops_while_there_is_room(watched: Watched) -> None:
    watched.fill_to(RESERVE + 400)
    watched.watch.look()
    assert len(watched.inbox) == 0 and not watched.watch.stops_trading
    assert watched.watch.why_stopping == "the venue stops"


def test_on_the_reserve_entry_stops_before_anything_that_waits(watched: Watched) -> None:
    watched.inbox.put(Input(None, 0, command=Deposit("ALPHA", "USD", "1")))
    watched.fill_to(RESERVE - 1)
    watched.watch.look()
    watched.watch.look()
    assert [received.command for received in watched.inbox.take(9)] == [
        STOP_ENTRY, Deposit("ALPHA", "USD", "1"),
    ]  # fmt: skip
    assert not watched.watch.stops_trading


def test_refusing_goes_on_for_as_long_as_there_is_room_for_a_stop(watched: Watched) -> None:
    watched.fill_to(RESERVE - 1)
    watched.watch.look()
    watched.inbox.take(9)
    watched.fill_to(RESERVE // 2 + 200)
    watched.watch.look()
    assert len(watched.inbox) == 0 and not watched.watch.stops_trading
    assert watched.watch.troubles[0] == "no orders are taken: the disk is full"
    assert "the next journal segment cannot be made" in watched.watch.troubles[1]


def test_trading_stops_when_refusing_takes_the_room(watched: Watched) -> None:
    watched.fill_to(RESERVE - 1)
    watched.watch.look()
    watched.fill_to(RESERVE // 4)
    watched.watch.look()
    assert watched.watch.stops_trading
    assert watched.watch.why_stopping == "the venue stops: the disk is full"
    assert watched.writer.room > 0


def test_entry_is_resumed_behind_what_waits_once_there_is_room(watched: Watched) -> None:
    watched.fill_to(RESERVE - 1)
    watched.watch.look()
    watched.inbox.put(Input(None, 0, command=Deposit("ALPHA", "USD", "1")))
    unblock(watched.blocker)
    watched.writer._preparation._retry_at = 0.0  # not to wait for it
    wait_for(lambda: watched.shortage is None, 60)
    assert [received.command for received in watched.inbox.take(9)] == [
        STOP_ENTRY, Deposit("ALPHA", "USD", "1"), ResumeEntry("the disk has room again"),
    ]  # fmt: skip
    assert watched.watch.troubles == []
    watched.writer.append(batch(watched.writer, 20))
    watched.watch.look()
    assert not watched.watch.stops_trading and len(watched.inbox) == 0


def test_space_found_in_time_stops_nothing(watched: Watched) -> None:
    watched.fill_to(RESERVE + 400)
    unblock(watched.blocker)
    watched.writer._preparation._retry_at = 0.0  # not to wait for it
    wait_for(lambda: watched.shortage is None, 60)
    watched.fill_to(RESERVE - 1)
    watched.watch.look()
    watched.writer.append(batch(watched.writer, 20))
    assert len(list_segments(watched.directory)) == 2
    assert len(watched.inbox) == 0 and not watched.watch.stops_trading
