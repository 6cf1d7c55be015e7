"""A week as a clearing officer has it: T+2, a fail, a correction after settlement, a default.

Only the command line and FIX are used, as docs/CLEARING.md tells. What everybody has at the end is
reckoned here once more, by hand.
"""

import csv
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.running_venue import RunningVenue
from tests.second_account import UID, needs_second_account, run_as_second
from tests.servers.conditions import wait_for

CONFIG = """
[control]
operators_group = "{group}"
[settlement]
weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
penalty_bps = "10"
[[instruments]]
symbol = "ACME"
currency = "USD"
tick_size = "0.01"
lot_size = "1"
reference_price = "100"
settlement_days = "2"
bust_days = "5"
[[members]]
name = "ALPHA"
funding = "prefunded"
[members.funds]
USD = "10000"
[[members]]
name = "BRAVO"
[members.funds]
USD = "1000"
ACME = "100"
[[members]]
name = "CHARLIE"
[members.funds]
USD = "50"
[[members]]
name = "HOUSE"
[members.funds]
USD = "1"
ACME = "1"
"""
TRADERS = ("ALPHA", "BRAVO", "CHARLIE")
ZERO = Decimal(0)
pytestmark = [needs_second_account, pytest.mark.timeout(600)]


class Week:
    """The venue, its brokers, and the days of the week."""

    def __init__(self, venue: RunningVenue) -> None:
        self.venue = venue
        self.day = date.fromisoformat(venue.json("day", "status")["trading_day"])
        self.brokers: dict[str, FixClient] = {}
        self._orders = 0
        self.log_on()

    def log_on(self) -> None:
        self.brokers = {name: self.venue.client(name) for name in TRADERS}
        for broker in self.brokers.values():
            broker.logon(heartbeat=3600)

    def trade(self, buyer: str, seller: str, quantity: str, price: str) -> str:
        """One trade; its match id. Both reports say when it settles: in two days."""
        self._orders += 1
        resting, taking = f"s{self._orders}", f"b{self._orders}"
        self.brokers[seller].send("D", new_order(resting, "2", quantity, price))
        self.brokers[seller].expect_report(resting, "0")
        self.brokers[buyer].send("D", new_order(taking, "1", quantity, price))
        bought = self.brokers[buyer].expect_report(taking, "F")
        sold = self.brokers[seller].expect_report(resting, "F")
        due = (self.day + timedelta(days=2)).strftime("%Y%m%d")
        assert bought.get(64) == sold.get(64) == due
        return bought.get(527)

    def next_day(self) -> None:
        """End the day, settle nothing by itself, begin the next."""
        self.done("day", "end")
        self.day += timedelta(days=1)
        self.done("day", "start", "--date", self.day.isoformat())

    def done(self, *arguments: str) -> str:
        found = self.venue.command(*arguments)
        assert found.returncode == 0, found.stderr
        return found.stdout

    def settle(self) -> dict[str, Any]:
        """Run a cycle of today, until it is booked."""
        return self.venue.json("settle", "run", "--date", self.day.isoformat())

    def held(self, member: str) -> dict[tuple[str, str], Decimal]:
        """Settled and unsettled amounts of a member by asset, as the ledger has them."""
        rows = self.venue.asked("ledger", "balances", member)["balances"]
        found: dict[tuple[str, str], Decimal] = {}
        for row in rows:
            found["settled", row["asset"]] = Decimal(row["amount"])
            owed = Decimal(row["receivable"]) - Decimal(row["payable"])
            found["unsettled", row["asset"]] = owed
        return found


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    directory = tmp_path_factory.mktemp("week")
    sessions = "".join(
        f'[[sessions]]\ncomp_id = "{name}"\nmember = "{name}"\npassword = "demo"\n'
        for name in TRADERS
    )
    config = directory / "venue.toml"
    config.write_text(CONFIG.format(group=UID if os.geteuid() == 0 else "") + sessions)
    names = "".join(f"[SESSION]\nTargetCompID={name}\n" for name in TRADERS)
    (directory / "sessions.cfg").write_text(f"[DEFAULT]\nSenderCompID=VENUE\n{names}")
    with RunningVenue(directory / "data", config) as venue:
        made = venue.command("operator", "add", "dana", "--role", "admin", "--account", str(UID))
        assert made.returncode == 0, made.stderr
        yield Week(venue)


def test_a_week(week: Week, tmp_path: Path) -> None:
    first = _monday(week)
    penalties = _tuesday_to_thursday(week, first)
    _friday(week, tmp_path, penalties)


def _monday(week: Week) -> str:
    """Two trades that settle on the third day; CHARLIE has sold what it does not have."""
    first = week.trade("ALPHA", "BRAVO", "10", "100.00")
    week.trade("ALPHA", "CHARLIE", "5", "100.00")
    refused = week.venue.command("withdraw", "ALPHA", "ACME", "1", "--reference", "too early")
    assert refused.returncode == 1 and "still to be settled" in refused.stderr
    wait_for(week.venue.has_caught_up, 30)
    held = week.held("ALPHA")
    assert held["settled", "USD"] == 10000 and held["unsettled", "USD"] == -1500
    assert held["unsettled", "ACME"] == 15
    return first


def _tuesday_to_thursday(week: Week, first: str) -> dict[str, Decimal]:
    """The cycle delivers what is there; the rest fails, costs a penalty, is tried again."""
    penalties: dict[str, Decimal] = {}

    def settled() -> dict[str, Any]:
        run = week.settle()
        for event in run["events"]:
            penalty = Decimal(event.get("penalty", "0"))
            if event["type"] == "ObligationFailed" and penalty:
                penalties[event["member"]] = penalties.get(event["member"], ZERO) + penalty
        return run

    week.next_day()
    week.trade("BRAVO", "ALPHA", "4", "101.00")
    assert settled()["cycle"] == 1, "nothing is due on Tuesday"
    week.next_day()
    run = settled()
    assert (run["settled"], run["partly"], run["failed"]) == (1, 1, 1)
    fails = {row["member"]: row for row in week.venue.json("settle", "fails")["fails"]}
    assert (fails["CHARLIE"]["quantity"], fails["CHARLIE"]["amount"]) == ("-5", "505"), (
        "what is left is owed at the last price"
    )
    assert fails["ALPHA"]["quantity"] == "5"
    assert week.held("ALPHA")["settled", "ACME"] == 10
    week.next_day()
    week.done("deposit", "CHARLIE", "ACME", "2", "--reference", "borrowed")
    settled()
    held = week.held("ALPHA")
    assert held["settled", "ACME"] == 10 - 4 + 2 and held["unsettled", "ACME"] == 3
    week.done("trade", "correct", first, "--price", "99.00", "--reason", "agreed by both")
    wait_for(week.venue.has_caught_up, 30)
    assert week.held("ALPHA")["unsettled", "USD"] == -303 + 10, "the difference is still to come"
    return penalties


def _friday(week: Week, tmp_path: Path, penalties: dict[str, Decimal]) -> None:
    """CHARLIE is in default; the house delivers for it, and nothing is left to settle."""
    week.next_day()
    venue = week.venue
    held = venue.command("member", "default", "CHARLIE", "--to", "HOUSE", "--reason", "insolvent")
    assert held.returncode == 3, held.stderr
    action_id = held.stdout.split()[2].removesuffix(":")
    approved = run_as_second("--data-dir", str(venue.data_dir), "approve", action_id, home=tmp_path)
    assert approved.returncode == 0, approved.stderr
    week.done("deposit", "HOUSE", "ACME", "3", "--reference", "bought elsewhere")
    run = week.settle()
    assert run["failed"] == run["partly"] == 0
    assert venue.command("settle", "fails").stdout == "nothing has failed\n"
    wait_for(venue.has_caught_up, 30)
    _everybody_has_what_he_should(week, penalties)
    _papers_agree(week, tmp_path)
    reconciled = venue.command("reconcile")
    assert reconciled.returncode == 0, reconciled.stdout + reconciled.stderr
    verified = venue.command("ledger", "verify")
    assert verified.returncode == 0, verified.stderr


def _everybody_has_what_he_should(week: Week, penalties: dict[str, Decimal]) -> None:
    """Reckoned by hand: trades at 100 (one corrected to 99) and 101, penalties, deposits."""
    assert penalties["CHARLIE"] < 0 and sum(penalties.values()) == 0
    paid = penalties["CHARLIE"]
    expected = {
        "ALPHA": (10000 - 990 - 500 + 404 + penalties["ALPHA"], 11),
        "BRAVO": (1000 + 990 - 404 + penalties.get("BRAVO", ZERO), 94),
        "CHARLIE": (ZERO, 0),
        "HOUSE": (1 + 50 + 500 + paid, 1),
    }
    for member, (money, shares) in expected.items():
        held = week.held(member)
        assert held.get(("settled", "USD"), ZERO) == money, member
        assert held.get(("settled", "ACME"), ZERO) == shares, member
        owed = [amount for (purpose, _), amount in held.items() if purpose == "unsettled"]
        assert not any(owed), member
    balance = week.venue.json("ledger", "trial-balance")
    assert {asset["sum"] for asset in balance["assets"].values()} == {0}


def _papers_agree(week: Week, tmp_path: Path) -> None:
    """Statement, portfolio and the day's files say what the ledger says."""
    held = week.held("ALPHA")
    today = date.today().isoformat()
    statement = json.loads(week.done("statement", "ALPHA", "--date", today, "--format", "json"))
    closing = {
        (row["purpose"], row["asset"]): Decimal(row["closing"]) for row in statement["accounts"]
    }
    assert closing["settled", "USD"] == held["settled", "USD"]
    assert closing["settled", "ACME"] == held["settled", "ACME"]
    (position,) = [
        row for row in week.venue.json("portfolio", "ALPHA")["positions"] if row["asset"] == "ACME"
    ]
    assert Decimal(position["quantity"]) == 11
    pdf = tmp_path / "alpha.pdf"
    week.done("statement", "ALPHA", "--date", today, "--format", "pdf", "--output", str(pdf))
    assert pdf.read_bytes().startswith(b"%PDF")
    told = week.venue.json("endofday", str(tmp_path / "files"), "--date", today)
    directory = Path(told["directory"])
    for entry in told["manifest"]["files"]:
        content = (directory / entry["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    trades = next(directory.rglob("*trades*.csv"))
    assert list(csv.reader(trades.read_text().splitlines()))
