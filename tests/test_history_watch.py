"""What consumers have found of the journal closes the sessions, each finding once."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.sequencer.builders import Trading
from venue.bus.parking import Parked
from venue.data_directory import DataDirectory
from venue.domain.commands import OpenSessions
from venue.history_watch import LOOK_SECONDS, HistoryWatch
from venue.journal.durable import forget_position
from venue.journal.files import replace


class Watched:
    """A venue without a FIX edge, and what its consumers say."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir, self.now = data_dir, 0.0
        journal = DataDirectory(data_dir).journal
        journal.mkdir()
        self.trading = Trading(journal)
        self.state = self.trading.engine.state
        self.watch = HistoryWatch(data_dir, self.state, self.trading.sequencer, lambda: self.now)

    def park(self, consumer: str, ahead: int) -> None:
        parked = Parked(consumer, 0, f"{consumer} is ahead", ahead=ahead)
        replace(DataDirectory(self.data_dir).parked(consumer), msgspec.json.encode(parked))

    def look(self) -> str | None:
        """Why the sessions are closed after the next look."""
        self.now += LOOK_SECONDS
        self.watch.look()
        return self.state.sessions_closed

    def open(self) -> None:
        self.trading.put(OpenSessions("olga"))
        self.trading.sequencer.drain()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path)
    yield watched
    watched.trading.writer.close()
    forget_position(DataDirectory(tmp_path).journal)


def test_consumer_that_halts_otherwise_closes_nothing(watched: Watched) -> None:
    watched.park("clearing", 0)
    assert watched.look() is None


def test_what_is_known_to_be_lost_closes_the_sessions_once(watched: Watched) -> None:
    watched.park("publisher", 500)
    assert watched.look() == "publisher says: publisher is ahead"
    watched.park("clearing", 480)
    watched.open()
    assert watched.look() is None, "the second one knows less"
    watched.park("audit", 501)
    assert watched.look() == "audit says: audit is ahead"
    assert watched.state.histories == ("lost-event-500", "lost-event-501")


def test_it_is_on_disk_before_the_next_logon_is_looked_at(watched: Watched) -> None:
    watched.park("publisher", 500)
    watched.look()
    assert watched.trading.replayed().engine.state.sessions_closed is not None
