"""A day of makers and takers by `venue fees`, with a tier on the next; transfers and reversals.

Over FIX, by the command line, and over the death of the process.
"""

from collections.abc import Iterator

import pytest

from tests.cli.operator_desk import BUY, SELL, Desk, enter, logged_on
from tests.fix_client import FixClient
from tests.running import RunningTrading

GOLD = ("fees", "set", "gold", "--maker", "-0.2", "--taker", "5")


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path_factory.mktemp("fees")) as running:
        yield running


@pytest.fixture(scope="module")
def desk(trading: RunningTrading) -> Desk:
    return Desk(trading.data_dir)


def trade(rests: FixClient, takes: FixClient, side: str, qty: str, price: str) -> None:
    """The first one's order of `side` rests, the second's trades with all of it."""
    enter(rests, side, qty, price)
    taken = enter(takes, SELL if side == BUY else BUY, qty, price)
    name = taken.get(11)
    assert name is not None
    takes.expect_report(name, "F")


def fees(desk: Desk) -> list[tuple[str, str]]:
    """The buyer's and the seller's fee of each trade of the day."""
    trades = desk.json("trade", "list")["trades"]
    return [(each["buy_fee"], each["sell_fee"]) for each in trades]


def balance(desk: Desk, whose: str, asset: str = "USD") -> str:
    funds = desk.json("risk", "show", whose)["risk"][0]["funds"]
    _, _, account = whose.partition("/")
    (found,) = [x for x in funds if (x["account"], x["asset"]) == (account, asset)]
    text: str = found["balance"]
    return text


def test_makers_get_rebates_takers_pay_and_tiers_come_with_the_next_day(
    trading: RunningTrading, desk: Desk
) -> None:
    tier = ("--tier", "1500 -0.5 3", "--minimum", "0.02")
    assert desk.done(*GOLD, *tier) == "fee schedule gold is set, from the beginning on"
    for member in ("ALPHA", "BRAVO"):
        desk.done("fees", "assign", member, "gold")
    for alpha, bravo in logged_on(trading, "ALPHA", "BRAVO"):
        trade(alpha, bravo, BUY, "10", "100")
        trade(bravo, alpha, SELL, "10", "101")
        assert fees(desk) == [("-0.02", "0.5"), ("0.505", "-0.0202")]
        before = desk.json("fees", "show", "ALPHA")
        assert before["volumes"] == [{"currency": "USD", "before_today": "0", "today": "2010"}]
        assert before["fees"][0]["taker_bps"] == "5"
        desk.done("day", "end")
        desk.done("day", "start", "--date", "2999-01-01", "--yes")
        trade(alpha, bravo, BUY, "1", "100")
    after = desk.json("fees", "show", "ALPHA")
    assert after["volumes"] == [{"currency": "USD", "before_today": "2010", "today": "100"}]
    acme = after["fees"][0]
    assert (acme["symbol"], acme["schedule"], acme["of"]) == ("ACME", "gold", "member")
    assert (acme["from_volume"], acme["maker_bps"], acme["taker_bps"]) == ("1500", "-0.5", "3")
    assert acme["minimum"] == "0.02"
    desk.done("trade", "correct", "M3", "--price", "99", "--reason", "typo")
    assert fees(desk)[-1] == ("-0.00495", "0.0297")
    desk.done("trade", "bust", "M3", "--reason", "typo")
    trading.kill()
    trading.start()
    again = desk.json("fees", "show", "ALPHA")
    assert again["fees"] == after["fees"]
    assert again["volumes"] == [{"currency": "USD", "before_today": "2010", "today": "0"}]


def test_versions_of_a_schedule_are_listed_and_those_that_count_stay(desk: Desk) -> None:
    desk.done("fees", "set", "silver", "--maker", "0", "--taker", "4")
    desk.done("fees", "set", "silver", "--maker", "0", "--taker", "3", "--from", "2999-02-01")
    refused = desk.refused("fees", "set", "silver", "--maker", "0", "--taker", "2")
    assert refused.startswith("what silver says from the beginning on counts already and stays: ")
    rows = desk.json("fees", "list")["schedules"]
    silver = [row for row in rows if row["schedule"] == "silver"]
    assert [(row["taker_bps"], row["counts"]) for row in silver] == [("4", "now"), ("3", "later")]
    table = desk.done("fees", "list")
    assert "silver" in table and "2999-02-01" in table and "later" in table
    desk.done("fees", "assign", "CHARLIE", "silver", "--symbol", "ACME")
    shown = desk.done("fees", "show", "CHARLIE")
    assert "member and instrument" in shown and "fee_bps" in shown
    desk.done("fees", "assign", "CHARLIE", "none", "--symbol", "ACME")
    assert desk.json("fees", "show", "CHARLIE")["fees"][0]["schedule"] == ""
    assert desk.refused("fees", "assign", "CHARLIE", "iron").startswith("fee schedule 'iron' is")
    wrong = desk.run("fees", "set", "x", "--maker", "1", "--taker", "1", "--tier", "5 1")
    assert (wrong.exit_code, wrong.stdout) == (2, "")


def test_transfer_is_made_once_and_reversed_once(trading: RunningTrading, desk: Desk) -> None:
    desk.done("deposit", "CHARLIE/C1", "USD", "100", "--reference", "in 1")
    move = ("transfer", "CHARLIE/C1", "DELTA/D1", "USD", "40", "--reference", "move 1")
    assert desk.done(*move) == "transfer of 40 USD: CHARLIE/C1 to DELTA/D1"
    trading.kill()
    trading.start()
    assert "not booked again" in desk.done(*move)
    assert (balance(desk, "CHARLIE/C1"), balance(desk, "DELTA/D1")) == ("60", "40")
    recall = ("reverse", "in 1", "--reference", "recall 1")
    assert desk.refused(*recall) == "CHARLIE has 60 USD, 60 of it free, less than 100"
    assert desk.done("reverse", "move 1", "--reference", "back 1") == "move 1 is reversed"
    twice = desk.refused("reverse", "move 1", "--reference", "back 2")
    assert twice.startswith("move 1 was reversed already, by back 1, event ")
    assert desk.done(*recall) == "in 1 is reversed"
    assert "not booked again" in desk.done(*recall)
    assert (balance(desk, "CHARLIE/C1"), balance(desk, "DELTA/D1")) == ("0", "0")
    done = desk.json("journal", "stats")["events_by_type"]
    assert (done["FundsTransferred"], done["FundsReversed"], done["FundsRepeated"]) == (1, 2, 2)
