"""Trading when the disk fails: what was acknowledged is on it, what was not is asked for again."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journal.builders import frames
from tests.running import RunningTrading
from tests.two_brokers import TwoBrokers

CANNOT_WRITE = "the venue stops: its journal cannot be written"
MIB = 1 << 20


def limit_files(venue: RunningTrading, size: int) -> None:
    """Have the kernel refuse it every byte of a file behind `size`, as a full disk would."""
    resource.prlimit(venue.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def interrupted(venue: RunningTrading, fault: str, status: int) -> TwoBrokers:
    """Brokers of a venue that had this fault, and goes on without it."""
    venue.environment["VENUE_FAULT"] = fault
    venue.start()
    brokers = TwoBrokers(venue)
    brokers.trade_until_the_venue_goes_away()
    assert venue.wait() == status
    return brokers


def check_logouts(brokers: TwoBrokers) -> None:
    """Each got one but those whose report may be in the journal: it has the Logout's number."""
    told = ["BRAVO", "CHARLIE"] if brokers.unanswered else ["CHARLIE"]
    assert brokers.logouts == dict.fromkeys(told, CANNOT_WRITE)


def go_on(venue: RunningTrading, brokers: TwoBrokers) -> None:
    venue.environment.clear()
    venue.start()
    brokers.go_on()
    brokers.trade()
    brokers.check_told(venue.data_dir / "journal")


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """Not started yet."""
    running = RunningTrading(tmp_path / "venue")
    with stopping(running):
        yield running


@contextmanager
def stopping(running: RunningTrading) -> Iterator[None]:
    try:
        yield
    finally:
        running.__exit__(None, None, None)


@pytest.mark.parametrize(
    "fault",
    [
        "after-receive:7:kill",
        "after-risk:7:kill",
        "before-journal-write:12:kill",
        "between-write-and-fsync:12:kill",
        "after-fsync-before-send:12:kill",
        "between-sends:5:kill",
    ],
)
def test_brokers_go_on_wherever_the_venue_was_killed(venue: RunningTrading, fault: str) -> None:
    brokers = interrupted(venue, fault, -signal.SIGKILL)
    go_on(venue, brokers)


@pytest.mark.parametrize(
    "fault",
    [
        "before-journal-write:13:EIO",
        "between-write-and-fsync:12:EIO",
        "between-write-and-fsync:13:EIO",
    ],
)
def test_disk_error_is_told_acknowledges_nothing_and_loses_nothing(
    venue: RunningTrading, fault: str
) -> None:
    brokers = interrupted(venue, fault, 1)
    check_logouts(brokers)
    (critical,) = [line for line in venue.log().splitlines() if "[critical" in line]
    assert "nothing more is acknowledged" in critical and "Input/output error" in critical
    go_on(venue, brokers)


def test_short_write_is_cut_at_the_next_start(venue: RunningTrading) -> None:
    venue.start()
    brokers = TwoBrokers(venue)
    brokers.trade()
    end = frames(venue.data_dir / "journal")[-1].end
    limit_files(venue, end + 100)
    brokers.trade_until_the_venue_goes_away()
    assert venue.wait() == 1
    check_logouts(brokers)
    assert "100 of " in venue.log()
    go_on(venue, brokers)
    assert f"at offset {end}" in venue.log() and "cut as torn tail" in venue.log()
