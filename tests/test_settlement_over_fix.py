"""Settlement as brokers and the operator meet it: dates in reports, a cycle, a fail, kills."""

import itertools
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.operator_desk import BUY, SELL, Desk, a_name, enter, logged_on
from tests.fix_message import new_order
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.admin.client import VenueUnreachable, ask
from venue.admin.requests import Submit
from venue.data_directory import DataDirectory
from venue.domain.events import (
    AnyEvent,
    ObligationFailed,
    ObligationSettled,
    SettlementBegun,
    SettlementEnded,
)
from venue.domain.verbs.settlement import SettleObligations
from venue.journal.record import decode_batch
from venue.journal.walk import JournalWalk

KILLS = int(os.environ.get("SETTLEMENT_KILLS", "5"))
"""How often a cycle is killed: 50 take some minutes."""
KILLED_AT = (
    ("before-journal-write", 3), ("before-journal-write", 4), ("between-write-and-fsync", 4),
    ("after-fsync-before-send", 3), ("before-journal-write", 5),
)  # fmt: skip

CONFIG = """
[settlement]
penalty_bps = "10"
[[instruments]]
symbol = "ACME"
currency = "USD"
tick_size = "0.01"
lot_size = "1"
reference_price = "100"
settlement_days = "2"
[[instruments]]
symbol = "NOW"
currency = "USD"
tick_size = "0.01"
lot_size = "1"
reference_price = "100"
[[members]]
name = "ALPHA"
funding = "prefunded"
[members.funds]
USD = "100000"
NOW = "5"
[[members]]
name = "BRAVO"
[members.funds]
ACME = "4"
[[members]]
name = "CHARLIE"
[[sessions]]
comp_id = "CHARLIE"
member = "CHARLIE"
password = "demo"
[[sessions]]
comp_id = "ALPHA"
member = "ALPHA"
password = "demo"
[[sessions]]
comp_id = "BRAVO"
member = "BRAVO"
password = "demo"
"""
ACCOUNTS = 260


@pytest.fixture
def trading(tmp_path: Path) -> Iterator[RunningTrading]:
    """ALPHA is prefunded, the others have credit, BRAVO four shares; ACME settles on T+2."""
    config = tmp_path / "venue.toml"
    config.write_text(CONFIG)
    sessions = "".join(
        f"[SESSION]\nTargetCompID={name}\n" for name in ("ALPHA", "BRAVO", "CHARLIE")
    )
    (tmp_path / "sessions.cfg").write_text(f"[DEFAULT]\nSenderCompID=VENUE\n{sessions}")
    with RunningTrading(tmp_path / "data", config=config) as running:
        yield running


def funds(desk: Desk, member: str, asset: str) -> tuple[str, str, str]:
    """Balance, pending and withdrawable, as `venue risk show` has them."""
    (scope, *_) = desk.json("risk", "show", member)["risk"]
    (purse,) = [each for each in scope["funds"] if each["asset"] == asset]
    return purse["balance"], purse["pending"], purse["withdrawable"]


def test_trade_to_settlement_with_a_fail_a_part_and_a_retry(trading: RunningTrading) -> None:
    desk = Desk(trading.data_dir)
    for alpha, bravo in logged_on(trading, "ALPHA", "BRAVO"):
        sold = enter(bravo, SELL, "10", "100")
        bought = enter(alpha, BUY, "10", "100")
        reports = [alpha.expect_report(bought[11], "F"), bravo.expect_report(sold[11], "F")]
        assert {report[63] for report in reports} == {"0"}
        (date,) = {report[64] for report in reports}
        enter(alpha, SELL, "1", "100", "NOW")
        at_once = enter(bravo, BUY, "1", "100", "NOW")
        assert not bravo.expect_report(at_once[11], "F").get(64)
    day = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    assert desk.json("settle", "status")["due"] == [{"due": day, "obligations": 2, "failed": 0}]
    assert funds(desk, "ALPHA", "ACME") == ("10", "10", "0")
    refusal = desk.refused("withdraw", "ALPHA", "ACME", "1", "--reference", "w1")
    assert "10 still to be settled: 0 can be withdrawn, less than 1" in refusal
    run = desk.json("settle", "run", "--date", day, "--no-wait")
    assert (run["settled"], run["partly"], run["failed"], run["booked"]) == (0, 2, 0, False)
    fails = {row["member"]: row for row in desk.json("settle", "fails")["fails"]}
    assert (fails["BRAVO"]["quantity"], fails["BRAVO"]["amount"]) == ("-6", "600")
    assert fails["ALPHA"]["cycles"] == 1
    assert desk.json("settle", "fails", "--member", "BRAVO")["fails"] == [fails["BRAVO"]]
    assert funds(desk, "ALPHA", "USD") == ("99100.6", "-600", "99100.6")
    desk.done("withdraw", "ALPHA", "ACME", "4", "--reference", "w2")
    desk.done("deposit", "BRAVO", "ACME", "6", "--reference", "d1")
    said = desk.done("settle", "run", "--date", day, "--no-wait")
    assert said == f"cycle 2 of {day}: 2 settled, 0 in part, 0 failed"
    assert desk.done("settle", "fails") == "nothing has failed"
    desk.done("withdraw", "ALPHA", "ACME", "6", "--reference", "w3")
    assert funds(desk, "BRAVO", "USD") == ("899.4", "0", "899.4")


def test_days_of_the_calendar_say_when_trades_settle(trading: RunningTrading) -> None:
    desk = Desk(trading.data_dir)
    days = desk.json("settle", "calendar", "--days", "14")["days"]
    assert len(days) == 14
    assert {each["weekday"] for each in days if not each["settles"]} == {"sat", "sun"}
    assert all(each["day"] < each["t1"] < each["t2"] for each in days)
    assert "T+2" in desk.done("settle", "calendar")
    assert desk.json("settle", "status")["rules"]["penalty_bps"] == "10"


def events_of(data_dir: Path) -> list[AnyEvent]:
    """All that the journal of a venue that is stopped has."""
    batches = (decode_batch(f.body) for f in JournalWalk(DataDirectory(data_dir).journal).frames())
    return [event for batch in batches for record in batch.records for event in record.events]


def test_cycle_that_is_killed_goes_on_where_it_was(trading: RunningTrading) -> None:
    """Each cycle has 261 obligations, in five slices: most fail, and are tried again."""
    desk = Desk(trading.data_dir)
    for bravo, charlie in logged_on(trading, "BRAVO", "CHARLIE"):
        enter(bravo, SELL, str(ACCOUNTS), "100")
        for number in range(ACCOUNTS):
            charlie.send("D", new_order(a_name(), BUY, "1", "100", extra=((1, f"A{number:03}"),)))
        wait_for(lambda: len(desk.json("trade", "list")["trades"]) == ACCOUNTS)
    (due,) = desk.json("settle", "status")["due"]
    command = SettleObligations(due["due"])
    for point, passing in itertools.islice(itertools.cycle(KILLED_AT), KILLS):
        trading.kill()
        trading.environment["VENUE_FAULT"] = f"{point}:{passing}:kill"
        if trading.try_start().get("ready"):  # else it has ended the cycle before, and was killed
            with suppress(VenueUnreachable, ConnectionResetError):  # killed before it answered
                ask(trading.data_dir, Submit(command))
        assert trading.wait() < 0, f"it was not killed at {point}"
    trading.environment.clear()
    trading.start()
    wait_for(lambda: desk.json("settle", "status")["running"] is None)
    replayed = desk.json("replay")
    assert replayed["running_digest"] == replayed["digest"]
    assert trading.stop() == 0
    check_cycles(events_of(trading.data_dir))


def check_cycles(events: list[AnyEvent]) -> None:
    """Every cycle has begun once, has dealt with each obligation once, and has ended."""
    begun = [event for event in events if isinstance(event, SettlementBegun)]
    ended = [event for event in events if isinstance(event, SettlementEnded)]
    assert len(begun) >= 3
    assert [each.cycle for each in begun] == [each.cycle for each in ended]
    for first, last in zip(begun, ended, strict=True):
        assert last.settled + last.partly + last.failed == first.obligations
        for dealt_with in (
            [e for e in events if isinstance(e, ObligationSettled)],
            [e for e in events if isinstance(e, ObligationFailed)],
        ):
            of_cycle = [(e.member, e.account) for e in dealt_with if e.cycle == first.cycle]
            assert len(of_cycle) == len(set(of_cycle))
