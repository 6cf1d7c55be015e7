"""docs/OPERATING.md's incidents, as an operator on call has them: found, seen and ended."""

import os
import signal
import threading
import time
from itertools import count

import pytest

from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.metrics.scraping import addresses, get, scrape, value
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for

FLOOD = 200
"""Orders a second."""
_numbers = count(1)


@pytest.fixture(scope="module")
def ports(venue: RunningVenue) -> dict[str, str]:
    found = addresses(venue)
    wait_for(lambda: all(get(at, "/readyz")[0] == 200 for at in found.values()), 60)
    return found


def enter(client: FixClient) -> str:
    """Send an order that rests; its ClOrdID."""
    name = f"i{next(_numbers)}"
    client.send("D", new_order(name, "1", "1", "95.00"))
    return name


def test_follower_that_is_stuck_is_found_and_ended(
    venue: RunningVenue, ports: dict[str, str]
) -> None:
    client = venue.client("DELTA")
    client.logon(reset=True)
    followers = venue.runtime()["processes"]["followers"]
    os.kill(followers, signal.SIGSTOP)
    try:
        client.expect_report(enter(client), "0")  # trading goes on
        wait_for(lambda: get(ports["followers"], "/healthz")[0] == 503, 30)
        status, why = get(ports["followers"], "/healthz")
        assert (status, why.startswith("its loop has not come round for ")) == (503, True)
        assert value(ports["followers"], "venue_process_up") == 0
        lag = value(ports["followers"], "venue_follower_lag_events", follower="clearing")
        assert lag is not None and lag > 0
        wait_for(
            lambda: (
                (value(ports["followers"], "venue_follower_lag_seconds", follower="clearing") or 0)
                > 1
            )
        )
        (row,) = [
            each
            for each in venue.json("top", "--seconds", "1")["followers"]
            if each["follower"] == "clearing"
        ]
        assert row["lag_events"] > 0
        assert get(ports["trading"], "/readyz")[0] == 200
    finally:
        os.kill(followers, signal.SIGKILL)  # as the document says
    wait_for(lambda: get(ports["followers"], "/readyz")[0] == 200, 60)
    wait_for(
        lambda: value(ports["followers"], "venue_follower_lag_events", follower="clearing") == 0,
        30,
    )
    assert value(ports["followers"], "venue_process_restarts_total") == 1
    client.logout()


def test_broker_that_floods_is_found_and_stopped(
    venue: RunningVenue, ports: dict[str, str]
) -> None:
    flooding, quiet = venue.client("CHARLIE"), venue.client("DELTA")
    for client in (flooding, quiet):
        client.logon(reset=True)
    stop = threading.Event()

    def flood() -> None:
        """By the clock: a thread that waits for a busy processor sends what is due, later."""
        start, sent = time.monotonic(), 0
        while not stop.wait(0.005):
            while sent < (time.monotonic() - start) * FLOOD and not stop.is_set():
                enter(flooding)
                sent += 1

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        quiet.expect_report(enter(quiet), "0")
        found = venue.json("top", "--seconds", "2")["sessions"]
        assert found[0]["session"] == "CHARLIE" and found[0]["in_per_second"] > 20, found
        venue.json("kill", "session", "CHARLIE", "--reason", "floods")
        wait_for(
            lambda: (value(ports["replica"], "venue_rejects_total", code="KILL_SWITCH") or 0) > 10,
            20,
        )
        quiet.expect_report(enter(quiet), "0")
    finally:
        stop.set()
        thread.join()
    venue.json("revive", "session", "CHARLIE", "--reason", "it was mended")
    flooding.expect_report(enter(flooding), "0", timeout=10)
    venue.disconnect_clients()


def test_server_that_goes_away_is_seen_and_unknown_is_not_zero(
    venue: RunningVenue, ports: dict[str, str]
) -> None:
    postgres = venue.runtime()["servers"]["postgres"]
    os.kill(postgres, signal.SIGSTOP)
    try:
        wait_for(lambda: value(ports["metrics"], "venue_server_up", server="postgres") == 0, 30)
        assert value(ports["metrics"], "venue_server_answer_seconds", server="postgres") is None
        wait_for(
            lambda: (
                not [
                    each
                    for each in scrape(ports["metrics"])
                    if each.name == "venue_ledger_imbalance"
                ]
            ),
            60,
        )
        assert get(ports["trading"], "/readyz")[0] == 200
    finally:
        os.kill(postgres, signal.SIGCONT)
    wait_for(lambda: value(ports["metrics"], "venue_server_up", server="postgres") == 1, 30)
