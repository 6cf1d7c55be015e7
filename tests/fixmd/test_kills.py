"""Readers over the death of the process and of NATS, and one that does not keep up.

Whatever has happened in between, their books are the engine's in the end.
"""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.fixmd.running import (
    SYMBOLS,
    Flow,
    address,
    equals_the_engine,
    reader_client,
    venue_with_readers,
)
from tests.fixmd.simplefix_reader import SimplefixReader
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.fixdata.numbers import RESERVE
from venue.fixdata.shown import read_status
from venue.processes import FIX_MARKETDATA


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    """A venue for the tests of this file."""
    with venue_with_readers(tmp_path_factory.mktemp("fixmd")) as running:
        yield running


@pytest.fixture
def reader(venue: RunningVenue) -> Iterator[SimplefixReader]:
    """BRAVO-MD, logged on and subscribed to all symbols by levels."""
    reader_client(venue, "BRAVO-MD").close()
    reader = SimplefixReader(address(venue), "BRAVO-MD")
    reader.log_on(reset=True)
    reader.subscribe("levels", SYMBOLS)
    yield reader
    reader.close()


def test_process_that_was_killed_comes_back_with_higher_numbers(
    venue: RunningVenue, reader: SimplefixReader
) -> None:
    flow = Flow(venue, 11)
    flow.act(100)
    equals_the_engine(venue, reader, "levels")
    before = venue.runtime()["processes"][FIX_MARKETDATA.name]
    last = reader.next_in
    os.kill(before, signal.SIGKILL)
    reader.read_until_quiet()
    assert reader.logout is None
    flow.act(100)

    def is_back() -> bool:
        return bool(venue.runtime()["processes"].get(FIX_MARKETDATA.name, before) != before)

    wait_for(is_back, 60)
    reader_client(venue, "BRAVO-MD").close()
    reader.log_on()
    (gap,) = reader.gaps
    assert gap[0] == last < RESERVE <= gap[1]
    reader.subscribe("levels", SYMBOLS)
    flow.act(100)
    flow.log_out()
    equals_the_engine(venue, reader, "levels")


def test_books_are_fetched_anew_when_nats_comes_back(
    venue: RunningVenue, reader: SimplefixReader
) -> None:
    flow = Flow(venue, 12)
    flow.act(100)
    equals_the_engine(venue, reader, "levels")
    before = venue.runtime()["servers"]["nats"]
    os.kill(before, signal.SIGKILL)
    flow.act(100)
    wait_for(lambda: bool(venue.runtime()["servers"].get("nats", before) != before), 60)
    flow.act(100)
    flow.log_out()
    reader.wait_for(lambda: reader.refreshed >= len(SYMBOLS))
    equals_the_engine(venue, reader, "levels")


def test_slow_and_fast_reader_end_with_the_same_book(
    venue: RunningVenue, reader: SimplefixReader
) -> None:
    """The slow one reads nothing for a while; then it is told all trades, and the last books."""
    slow = SimplefixReader(address(venue), "CHARLIE-MD", receive_buffer=4096)
    slow.log_on(reset=True)
    names = [f"slow-{number}" for number in range(8)]
    for name in names:
        slow.subscribe(name, SYMBOLS)
    flow = Flow(venue, 13)
    for _ in range(100):
        flow.act(10)
        reader.read_until_quiet(0.05)
        if _is_conflated(venue):
            break
    assert _is_conflated(venue)
    flow.act(20)
    flow.log_out()
    slow.wait_for(lambda: slow.conflated > 0)
    slow.read_until_quiet(2.0)  # who reads nothing for ten seconds is cut off
    equals_the_engine(venue, reader, "levels")
    equals_the_engine(venue, slow, *names)
    reader.read_until_quiet()
    assert reader.conflated == 0
    for symbol in SYMBOLS:
        fast, late = reader.books["levels", symbol], slow.books[names[0], symbol]
        assert fast.own_checksum() == late.own_checksum()
        assert set(late.trades) <= set(fast.trades)
    slow.close()


def _is_conflated(venue: RunningVenue) -> bool:
    status = read_status(venue.data_dir, FIX_MARKETDATA.name)
    rows = [] if status is None else status.sessions
    return any(row.session == "CHARLIE-MD" and row.conflated for row in rows)
