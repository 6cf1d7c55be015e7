"""A split and a dividend as members hear of them: over FIX, in the operator's lists, in funds.

The venue of this module is split again and again: each test begins with the prices it finds.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.operator_desk import Desk
from tests.fix.scenario import (
    BUY,
    CANCELED,
    NEW,
    RESTATED,
    SELL,
    TRADE,
    Market,
    end_day,
    facts,
    next_report,
    start_day,
)
from tests.fix_client import FixClient
from tests.fix_message import new_order

GTC = (59, "1")


@pytest.fixture
def desk(data_dir: Path) -> Desk:
    return Desk(data_dir)


@pytest.fixture
def split_back(desk: Desk, data_dir: Path, unique: str) -> Iterator[None]:
    """Behind the test 100.00 is the price of ACME again."""
    yield
    end_day(data_dir)
    desk.done("corporate", "split", "ACME", "1:2", "--id", f"{unique}back")
    start_day(data_dir)


def holding(desk: Desk, member: str, asset: str) -> Decimal:
    """What a member has of an asset in no account, as `venue risk show` says."""
    scope = desk.json("risk", "show", member)["risk"][0]
    return sum(
        (Decimal(each["balance"]) for each in scope["funds"]
         if (each["account"], each["asset"]) == ("", asset)),
        Decimal(0),
    )  # fmt: skip


def test_open_order_goes_over_a_split_and_trades_behind_it(
    market: Market, alpha: FixClient, bravo: FixClient, desk: Desk, data_dir: Path,
    split_back: None,
) -> None:  # fmt: skip
    before = holding(desk, "ALPHA", "ACME")
    market.limit(alpha, "gtc", BUY, "10", "100", GTC)
    market.limit(bravo, "s", SELL, "4", "100")
    assert market.told(bravo, 39) == ("s", TRADE, "2")
    assert market.told(alpha, 39, 14, 151) == ("gtc", TRADE, "1", "4", "6")
    market.limit(alpha, "odd", BUY, "10", "99.99", GTC)
    end_day(data_dir)
    told = desk.done("corporate", "split", "ACME", "2:1", "--id", market.prefix + "split")
    assert "split of ACME 2:1 is ordered" in told
    report = next_report(alpha)
    assert facts(report, 11, 150, 39, 378, 38, 14, 151, 44, 6) == [
        market.prefix + "gtc", RESTATED, "1", "0", "20", "8", "12", "50", "50",
    ]  # fmt: skip
    assert report[58] == f"SPLIT 2:1 of ACME, {market.prefix}split"
    report = next_report(alpha)
    assert facts(report, 11, 150, 39, 378) == [market.prefix + "odd", CANCELED, "4", "0"]
    assert holding(desk, "ALPHA", "ACME") == before * 2 + 8
    start_day(data_dir)
    assert market.told(alpha, 378, 38, 14) == ("gtc", RESTATED, "1", "20", "8")
    market.limit(bravo, "t", SELL, "12", "50")
    assert market.told(bravo, 39, 31, 32) == ("t", TRADE, "2", "50", "12")
    assert market.told(alpha, 39, 14, 151, 6) == ("gtc", TRADE, "2", "20", "0", "50")
    alpha.send("D", new_order(market.prefix + "far", BUY, "1", "100"))
    assert next_report(alpha)[58].split()[0] == "PRICE_OUTSIDE_COLLAR"
    assert desk.rows("instrument", "list")["ACME"]["reference_price"] == "50"


def test_dividend_is_paid_to_holders_once(
    market: Market, alpha: FixClient, bravo: FixClient, desk: Desk, data_dir: Path
) -> None:
    market.trade_at(bravo, alpha, "100")
    end_day(data_dir)
    held, cash = holding(desk, "ALPHA", "ACME"), holding(desk, "ALPHA", "USD")
    typed = ("corporate", "dividend", "ACME", "0.25", "USD", "--id", market.prefix + "div")
    desk.done(*typed)
    assert holding(desk, "ALPHA", "USD") == cash + held / 4
    assert "was done by event" in desk.refused(*typed)
    start_day(data_dir)


def test_no_corporate_action_while_a_day_is_open(desk: Desk) -> None:
    refused = desk.refused("corporate", "split", "ACME", "2:1", "--id", "early")
    assert refused.endswith("is open: a corporate action comes between two days")
    wrong = desk.run("corporate", "split", "ACME", "2to1", "--id", "wrong")
    assert wrong.exit_code == 2 and "'2to1' is no ratio of two whole numbers" in wrong.stderr


def test_order_entered_behind_a_split_is_new(alpha: FixClient, unique: str) -> None:
    alpha.send("D", new_order(unique + "n", BUY, "1", "99"))
    assert next_report(alpha)[150] == NEW
