"""`venue kill`, `revive`, `halt`, `resume` and what they do to members who trade over FIX."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.cli.operator_desk import BUY, SELL, Desk, a_name, enter, logged_on
from tests.cli.terminal import typed_at_terminal
from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.accounts import account_name
from venue.cli import options
from venue.engine.trading.slices import SLICE

NO_ORDER = "no order was open"
ME = account_name(os.geteuid())


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path_factory.mktemp("kill")) as running:
        yield running


@pytest.fixture
def desk(trading: RunningTrading) -> Desk:
    return Desk(trading.data_dir)


@pytest.fixture
def alpha(trading: RunningTrading) -> Iterator[FixClient]:
    for (client,) in logged_on(trading, "ALPHA"):
        yield client


@pytest.mark.parametrize("scope", [("member", "ALPHA"), ("session", "ALPHA"), ("all",)])
def test_kill_cancels_blocks_and_is_taken_back(
    desk: Desk, alpha: FixClient, scope: tuple[str, ...]
) -> None:
    resting = enter(alpha, BUY, "10", "99")
    done = desk.done("kill", *scope, "--reason", "runaway")
    assert done.endswith(": 1 order canceled") and "killed" in done
    canceled = alpha.expect_report(resting[11], "4")
    assert (canceled[378], canceled[58]) == ("8", "KILL_SWITCH runaway")
    refused = enter(alpha, BUY, "10", "99")
    assert (refused[150], refused[103]) == ("8", "0")
    assert refused[58].startswith("KILL_SWITCH ")
    assert "killed" in desk.refused("kill", *scope)
    desk.done("revive", *scope)
    assert enter(alpha, BUY, "10", "99")[150] == "0"
    assert "not killed" in desk.refused("revive", *scope)
    desk.done("kill", *scope)
    desk.done("revive", *scope)


def test_kill_of_more_orders_than_a_slice_says_how_many_follow(
    trading: RunningTrading, desk: Desk, alpha: FixClient
) -> None:
    for _ in range(SLICE + 44):
        alpha.send("D", new_order(a_name(), BUY, "1", "95"))
    wait_for(lambda: desk.rows("member", "list")["ALPHA"]["open_orders"] == SLICE + 44)
    done = desk.done("kill", "member", "ALPHA")
    assert done == "member ALPHA is killed: 64 orders canceled, 44 more follow right behind"
    wait_for(lambda: desk.rows("member", "list")["ALPHA"]["open_orders"] == 0)
    canceled = [alpha.expect(lambda m: m.get(150) == "4") for _ in range(SLICE + 44)]
    assert {report[378] for report in canceled} == {"8"}
    desk.done("revive", "member", "ALPHA")


def test_json_has_the_events_and_what_is_still_open(desk: Desk, alpha: FixClient) -> None:
    enter(alpha, BUY, "10", "99")
    answer = desk.json("kill", "session", "ALPHA", "--reason", "why")
    blocked, canceled = answer["events"]
    assert (blocked["type"], blocked["operator"], blocked["reason"]) == (
        "EntryBlocked", ME, "why",
    )  # fmt: skip
    assert (canceled["type"], answer["still_open"]) == ("OrderCanceled", 0)
    restored = desk.json("revive", "session", "ALPHA")["events"]
    assert [(each["type"], each["operator"]) for each in restored] == [("EntryRestored", ME)]


def test_without_an_open_order_it_says_so(desk: Desk) -> None:
    assert desk.done("kill", "member", "DELTA") == f"member DELTA is killed: {NO_ORDER}"
    desk.done("revive", "member", "DELTA")


def test_halt_keeps_orders_but_those_that_ask_to_go(desk: Desk, alpha: FixClient) -> None:
    stays = enter(alpha, BUY, "10", "99", "GLOBEX")
    goes = enter(alpha, BUY, "10", "98", "GLOBEX", extra=((18, "K"),))
    assert desk.done("halt", "GLOBEX", "--reason", "news") == "GLOBEX is halted: 1 order canceled"
    canceled = alpha.expect_report(goes[11], "4")
    assert canceled[378] == "6" and canceled[58].startswith("INSTRUMENT_HALTED")
    refused = enter(alpha, BUY, "10", "99", "GLOBEX")
    assert (refused[103], refused[58].split()[0]) == ("2", "INSTRUMENT_HALTED")
    assert enter(alpha, BUY, "10", "99")[150] == "0", "others trade on"
    assert "halted already" in desk.refused("halt", "GLOBEX")
    assert desk.done("resume", "GLOBEX") == "GLOBEX trades again"
    crossing = enter(alpha, SELL, "10", "99", "GLOBEX")
    alpha.expect_report(stays[11], "F")
    alpha.expect_report(crossing[11], "F")
    assert "not halted" in desk.refused("resume", "GLOBEX")


@pytest.mark.parametrize(("typed", "status"), [("n\n", 1), ("y\n", 0)])
def test_on_a_terminal_it_asks_and_no_changes_nothing(desk: Desk, typed: str, status: int) -> None:
    done = typed_at_terminal(desk.data_dir, typed, "kill", "member", "CHARLIE")
    errors = done.stderr
    assert done.returncode == status, errors
    assert "kill member CHARLIE?" in errors
    if status:
        assert errors.endswith("nothing was changed\n") and done.stdout == ""
    assert desk.rows("member", "list")["CHARLIE"]["killed"] is (status == 0)
    if not status:
        desk.done("revive", "member", "CHARLIE")


def test_nobody_there_is_one_line_and_status_1(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("nobody")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "venue", "kill", "all", "--data-dir", str(place)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"no venue is running in {place}\n"


def test_venue_that_hangs_is_named_within_a_second_and_given_up_after_five(
    trading: RunningTrading, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(options, "ANSWER_SECONDS", 1.0)
    with trading.paused():
        line, given_up = desk.run("kill", "member", "DELTA").stderr.splitlines()
    assert line == f"the venue in {desk.data_dir} has not answered for 1 s yet"
    assert given_up == (
        f"the venue in {desk.data_dir} did not answer within 5 s; "
        "it may be done later: venue journal show says whether it was"
    )
    wait_for(lambda: bool(desk.rows("member", "list")["DELTA"]["killed"]))
