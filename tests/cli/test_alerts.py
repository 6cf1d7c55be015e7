"""`venue alerts` and `venue live` of a whole venue: what stands, what alerted, what is seen."""

import asyncio
import io
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from rich.console import Console

from tests.cli.operator_desk import BUY, SELL, enter
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.bus.alerts import Alert, send_alert
from venue.bus.parking import Parked
from venue.cli.screen.attached import AttachedView
from venue.cli.screen.live_screen import as_line, as_screen
from venue.servers.runtime import find_running


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    running = RunningVenue(tmp_path_factory.mktemp("alerts") / "data").start()
    try:
        yield running
    finally:
        running.__exit__(None, None, None)


SLOW = ("unreachable", "process")
"""What may stand for a moment on a machine that has much to do."""


def standing(venue: RunningVenue) -> list[tuple[str, str]]:
    rows = venue.json("alerts")["standing"]
    return [(each["type"], each["who"]) for each in rows if each["type"] not in SLOW]


def last(venue: RunningVenue) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = venue.json("alerts")["last"]
    return rows


def test_nothing_stands_where_all_is_well(venue: RunningVenue) -> None:
    wait_for(lambda: venue.command("alerts").stdout == "nothing stands\n", 120)
    assert standing(venue) == []


def test_blocks_stand_until_they_are_lifted_and_stay_among_the_last(venue: RunningVenue) -> None:
    venue.command("kill", "member", "DELTA", "--reason", "test")
    venue.command("halt", "INITECH")
    assert standing(venue) == [("killed_members", "DELTA"), ("halted_instruments", "INITECH")]
    venue.command("revive", "member", "DELTA")
    venue.command("resume", "INITECH")
    assert standing(venue) == []
    (row,) = [each for each in last(venue) if each["type"] == "EntryBlocked"]
    assert (row["who"], row["text"]) == ("DELTA", "KILL_SWITCH test")


def test_halted_consumer_stands_and_published_alerts_are_told(venue: RunningVenue) -> None:
    parked = venue.data_dir / "parked" / "audit.json"
    parked.parent.mkdir(exist_ok=True)
    parked.write_bytes(msgspec.json.encode(Parked("audit", 7, "cannot \x1b[2J", "{}", 5)))
    try:
        rows = venue.json("alerts")["standing"]
        (row,) = [each for each in rows if each["type"] not in SLOW]
        assert (row["type"], row["who"], row["text"]) == (
            "consumer_halted", "audit", "cannot \x1b[2J",
        )  # fmt: skip
        assert r"consumer_halted audit: cannot \x1b[2J" in venue.command("alerts").stdout
    finally:
        parked.unlink()
    for number in range(25):
        alert = Alert(
            type="consumer_halted",
            timestamp_ns=number,
            consumer="audit",
            event_seq=number,
            error=f"number {number}",
        )
        asyncio.run(send_alert(venue.runtime()["nats"], alert, asyncio.Event()))
    told = [each["text"] for each in last(venue) if each["type"] == "consumer_halted"]
    assert told[-1] == "number 24" and "number 4" not in told


def test_live_screen_of_a_running_venue_has_sessions_books_trades_and_ledger(
    venue: RunningVenue,
) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon()
    bravo.logon()
    enter(alpha, BUY, "7", "99.25")
    enter(bravo, SELL, "3", "99.25")
    venue.wait_for_trades(1)
    running = find_running(venue.data_dir)
    assert running is not None
    view = AttachedView(venue.data_dir, running)
    try:
        wait_for(lambda: view.now().ledger is not None and view.now().trading is not None, 60)
        screen = view.now()
    finally:
        view.close()
    console = Console(width=100, height=30, file=io.StringIO())
    with console.capture() as capture:
        console.print(as_screen(screen))
    text = capture.get()
    for shown in ("● ALPHA", "○ CHARLIE", "99.25", "sums to zero", "1 trades", "Ctrl-C stops"):
        assert shown in text
    assert "ACME 99.25/-" in as_line(screen) and "requests" not in as_line(screen)
    venue.disconnect_clients()


def test_live_ends_with_ctrl_c_and_says_who_does_not_run(venue: RunningVenue) -> None:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "venue", "live", "--data-dir", str(venue.data_dir)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "ACME" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")


def test_of_a_venue_that_does_not_run_the_journal_tells(venue: RunningVenue) -> None:
    """The last test: it stops the venue."""
    assert venue.stop() == 0
    assert standing(venue) == [("not_running", "venue")]
    assert any(each["type"] == "EntryBlocked" for each in last(venue))
    done = venue.command("live")
    assert (done.returncode, done.stderr) == (1, f"no venue is running in {venue.data_dir}\n")
