"""A dry run says what then happens, event by event, and changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.operator_desk import BUY, SELL, Desk, a_name, enter, logged_on
from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.running import RunningTrading
from tests.servers.conditions import wait_for

STEPS = (
    "halt ACME --reason news",
    "resume ACME",
    "risk set ALPHA max_open_orders=500 max_position=none restricted=GLOBEX",
    "risk set ALPHA/A1 max_open_orders=5",
    "member add ECHO --account E1",
    "member kyc ECHO approved --document register",
    "member kyc ECHO rejected --reason forged",
    "instrument add NEWCO --tick 0.01 --lot 1 --reference-price 5",
    "instrument add NEWCO --collar 5",
    "instrument disable NEWCO",
    "deposit BRAVO USD 5 --reference in-1",
    "withdraw BRAVO USD 5 --reference out-1",
    "transfer BRAVO ALPHA/A1 USD 5 --reference move-1",
    "reverse move-1 --reference back-1",
    "reverse in-1 --reference recall-1",
    "fees set gold --maker -0.2 --taker 1.5 --minimum 0.01",
    "fees set gold --maker -0.3 --taker 1.5 --from 2999-01-01",
    "fees assign BRAVO gold --symbol ACME",
    "fees assign BRAVO none --symbol ACME",
    "kill session BRAVO --reason test",
    "revive session BRAVO",
    "member suspend BRAVO",
    "member resume BRAVO",
    "session disable CHARLIE",
    "session enable CHARLIE",
    "session logout BRAVO",
    "session reset CHARLIE",
    "kill member ALPHA --reason test",
    "revive member ALPHA",
    "settle run --date 2026-12-02 --no-wait",
    "day end",
    "day reopen",
    "day end",
    "corporate dividend ACME 0.25 USD --id div-1",
    "corporate split ACME 2:1 --id split-1",
)
"""One after the other: each dry run comes right before the command itself."""


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path_factory.mktemp("dry")) as running:
        yield running


@pytest.fixture(scope="module")
def clients(trading: RunningTrading) -> Iterator[list[FixClient]]:
    """ALPHA with an order that waits for a stop, and BRAVO, with some resting orders."""
    for alpha, bravo in logged_on(trading, "ALPHA", "BRAVO"):
        enter(alpha, BUY, "10", "99")
        enter(bravo, SELL, "10", "101", extra=((18, "K"),))
        enter(bravo, SELL, "10", "102")
        yield [alpha, bravo]


@pytest.fixture(scope="module")
def desk(trading: RunningTrading, clients: list[FixClient]) -> Desk:
    return Desk(trading.data_dir)


def stamped_alike(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events without their time, which is another one when they really happen."""
    return [{key: value for key, value in each.items() if key != "timestamp_ns"} for each in events]


@pytest.mark.parametrize("typed", STEPS)
def test_dry_run_foretells_the_events_and_changes_nothing(desk: Desk, typed: str) -> None:
    quiet = desk.json("journal", "stats")["records"], desk.everything()
    foretold = desk.json(*typed.split(), "--dry-run")
    assert foretold["ok"] and foretold["dry_run"]
    assert (desk.json("journal", "stats")["records"], desk.everything()) == quiet
    happened = desk.json(*typed.split())
    if "events" in happened:  # a session's reset answers otherwise
        assert stamped_alike(foretold["events"]) == stamped_alike(happened["events"])
    else:
        assert [event["type"] for event in foretold["events"]] == ["SessionReset"]
    if typed.startswith("session logout"):  # what the logout leads to comes later by itself
        wait_for(lambda: "SessionLoggedOut" in desk.json("journal", "stats")["events_by_type"])


def test_the_orders_beyond_the_first_slice_are_foretold_too(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with RunningTrading(tmp_path_factory.mktemp("many")) as running:
        desk = Desk(running.data_dir)
        for (alpha,) in logged_on(running, "ALPHA"):
            for _ in range(300):
                alpha.send("D", new_order(a_name(), BUY, "1", "95"))
            wait_for(lambda: desk.json("day", "status")["open_orders"] == 300)
            lines = desk.done("kill", "all", "--dry-run").splitlines()
            assert desk.json("kill", "all", "--dry-run")["counts"] == {
                "EntryBlocked": 1,
                "OrderCanceled": 300,
            }
            assert desk.json("day", "status")["open_orders"] == 300
    assert lines[0] == f"would be: EntryBlocked  all: no entry  KILL_SWITCH by {_me(lines[0])}"
    assert lines[-2] == "and so on, in all: EntryBlocked 1, OrderCanceled 300"
    assert lines[-1].startswith("nothing was changed; tried on the state after record ")


def _me(line: str) -> str:
    return line.rpartition(" ")[2]


def test_dry_run_needs_no_running_venue_but_a_journal(tmp_path_factory: Any) -> None:
    place = tmp_path_factory.mktemp("stopped")
    desk = Desk(place)
    assert desk.refused("kill", "all", "--dry-run") == f"no journal in {place}"
    running = RunningTrading(place).start()
    assert running.stop() == 0
    assert "would be: EntryBlocked" in desk.done("kill", "all", "--dry-run")
