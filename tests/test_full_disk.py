"""The whole venue on a disk that fills up: trading goes on, the rest survives, and all heals."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from tests.servers.disks import fill, small_disk
from tests.two_brokers import STAYS
from venue.admin.client import call
from venue.bus.position_file import read_position_file
from venue.data_directory import DataDirectory
from venue.fixclient.wire import FixClientError

PATIENCE = 120
"""Seconds: a processor that is shared must not decide."""


FOLLOWERS = ("publisher", "clearing", "audit", "marketdata", "dropcopy", "notifier", "replica")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path, "320m") as place:
        yield place


@pytest.fixture
def venue(disk: Path) -> Iterator[RunningVenue]:
    """All its processes have begun."""
    venue = RunningVenue(disk / "data").start()
    try:
        wait_for_all(venue, 1)
        yield venue
    finally:
        venue.__exit__(None, None, None)


def wait_for_all(venue: RunningVenue, event_seq: int) -> None:
    """Wait until each process that follows the journal is so far."""
    place = DataDirectory(venue.data_dir)
    for name in FOLLOWERS:
        wait_for(partial(has_reached, place.position(name), event_seq), PATIENCE)


def trade(alpha: FixClient, bravo: FixClient, name: str) -> None:
    alpha.send("D", new_order(f"{name}a", "1", "5", "100.00"))
    alpha.expect_report(f"{name}a", "0", timeout=30)
    bravo.send("D", new_order(f"{name}b", "2", "5", "100.00"))
    bravo.expect_report(f"{name}b", "F", timeout=30)


def has_reached(path: Path, event_seq: int) -> bool:
    position = read_position_file(path)
    return position is not None and position.event_seq >= event_seq


def log_on(client: FixClient) -> bool:
    """Whether it is on again, with its numbers."""
    client.close()
    with suppress(FixClientError, OSError):
        client.logon(reset=False, extra=STAYS)
    return client.is_connected


@pytest.mark.timeout(600)
def test_venue_trades_on_a_full_disk_and_everybody_catches_up_once_there_is_room(
    disk: Path, venue: RunningVenue
) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    for client in (alpha, bravo):
        client.logon(extra=STAYS)
    trade(alpha, bravo, "before")
    before = venue.runtime()
    ballast = fill(disk)
    for number in range(20):
        trade(alpha, bravo, f"full{number}")
    for name in ("replica", "followers", "trading"):
        os.kill(before["processes"][name], signal.SIGKILL)
    for client in (alpha, bravo):
        wait_for(partial(log_on, client), PATIENCE)
    trade(alpha, bravo, "restarted")
    ballast.unlink()
    trade(alpha, bravo, "after")
    for client in (alpha, bravo):
        client.logout()
    wait_for_all(venue, call(venue.data_dir, {"query": "status"})["event_seq"])
    assert venue.wait_for_trades(23)["trades"] == 23
    for command in (("journal", "verify"), ("audit", "verify")):
        assert venue.command(*command).returncode == 0
    assert venue.stop() == 0
