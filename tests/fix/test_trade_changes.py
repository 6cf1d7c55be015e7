"""Bust and correct of trades, as both sides are told of them: open, filled and canceled orders."""

from pathlib import Path

import pytest

from tests.fix.scenario import (
    BUST,
    BUY,
    CANCELED,
    CORRECT,
    REPLACED,
    RESTATED,
    SELL,
    STATUS,
    TRADE,
    Life,
    Market,
    bring_to,
    facts,
    next_report,
    operate,
)
from tests.fix_client import FixClient
from tests.fix_message import Message
from venue.admin.client import call


def bust(data_dir: Path, life: Life, number: int = 0) -> Message:
    """Bust a trade of the order; what the other side is told."""
    operate(data_dir, "BustTrade", match_id=life.match_ids[number], reason="error")
    report = next_report(life.other)
    assert facts(report, 150, 527) == [BUST, life.match_ids[number]]
    return report


def correct(data_dir: Path, life: Life, price: str, quantity: str = "") -> Message:
    """Correct the order's first trade; what the other side is told."""
    more = {"quantity": quantity} if quantity else {}
    match_id = life.match_ids[0]
    operate(data_dir, "CorrectTrade", match_id=match_id, price=price, reason="error", **more)
    report = next_report(life.other)
    assert facts(report, 150, 527, 31) == [CORRECT, match_id, price]
    return report


def changed(life: Life, price: str, quantity: str, number: int = 0) -> dict[int, str]:
    """What a report of a changed trade says of it."""
    return {
        19: life.exec_ids[number], 31: price, 32: quantity, 527: life.match_ids[number],
    }  # fmt: skip


def test_bust_gives_an_open_order_its_quantity_back_and_it_trades_again(
    life: Life, data_dir: Path
) -> None:
    bring_to(life, "part-filled")
    told = bust(data_dir, life)
    assert facts(told, 39, 14, 151, 6) == ["4", "0", "0", "0"], "it was filled: it stays closed"
    more = changed(life, "100", "4")
    life.expect(BUST, "0", "10 0 10", code="TRADE_BUSTED", more=more)
    life.trade("10")
    life.expect_fill("2", "10 10 0", "10")


def test_bust_of_one_of_two_trades_leaves_the_order_part_filled(life: Life, data_dir: Path) -> None:
    bring_to(life, "part-filled")
    life.trade("3")
    life.expect_fill("1", "10 7 3", "3")
    bust(data_dir, life)
    life.expect(BUST, "1", "10 3 7", code="TRADE_BUSTED", more=changed(life, "100", "4"))
    life.replace("y", "x", "5")
    life.expect(REPLACED, "1", "5 3 2", "y", more={41: "x"})


def test_bust_of_a_filled_order_closes_it_as_canceled(life: Life, data_dir: Path) -> None:
    bring_to(life, "part-filled")
    life.trade("6")
    life.expect_fill("2", "10 10 0", "6")
    bust(data_dir, life)
    life.expect(BUST, "4", "10 6 0", code="TRADE_BUSTED", more=changed(life, "100", "4"))
    bust(data_dir, life, 1)
    life.expect(BUST, "4", "10 0 0", code="TRADE_BUSTED", more=changed(life, "100", "6", 1))
    life.cancel("y", "x")
    life.expect_refused("y", "x", "4", "0", "ORDER_FINISHED", to="1")


def test_bust_of_a_canceled_order_leaves_it_canceled(life: Life, data_dir: Path) -> None:
    bring_to(life, "canceled")
    bust(data_dir, life)
    life.expect(BUST, "4", "10 0 0", "x", code="TRADE_BUSTED", more=changed(life, "100", "4"))
    life.ask("x")
    life.expect(STATUS, "4", "10 0 0")


def test_bust_after_a_replace_is_told_under_the_new_cl_ord_id(life: Life, data_dir: Path) -> None:
    bring_to(life, "part-filled")
    life.replace("y", "x", "12")
    life.expect(REPLACED, "1", "12 4 8", "y", more={41: "x"})
    bust(data_dir, life)
    life.expect(BUST, "0", "12 0 12", "y", code="TRADE_BUSTED", more=changed(life, "100", "4"))
    life.cancel("z", "y")
    life.expect(CANCELED, "4", "12 0 0", "z", more={41: "y"})


@pytest.mark.parametrize(
    ("state", "status", "quantities", "avg"),
    [
        ("part-filled", "1", "10 4 6", "99.5"),
        ("filled", "2", "10 10 0", "99.5"),
        ("canceled", "4", "10 4 0", "99.5"),
    ],
)
def test_corrected_price_changes_only_the_average(
    life: Life, data_dir: Path, state: str, status: str, quantities: str, avg: str
) -> None:
    bring_to(life, state)
    told = correct(data_dir, life, "99.5")
    assert facts(told, 39, 6) == ["2", "99.5"]
    more = changed(life, "99.5", quantities.split()[1])
    life.expect(CORRECT, status, quantities, avg=avg, code="TRADE_CORRECTED", more=more)


@pytest.mark.parametrize(
    ("state", "status", "quantities"),
    [("part-filled", "1", "10 3 7"), ("filled", "4", "10 3 0"), ("canceled", "4", "10 3 0")],
)
def test_corrected_quantity_comes_back_to_an_open_order_only(
    life: Life, data_dir: Path, state: str, status: str, quantities: str
) -> None:
    bring_to(life, state)
    told = correct(data_dir, life, "100", "3")
    assert facts(told, 39, 14, 151) == ["4", "3", "0"]
    more = changed(life, "100", "3")
    life.expect(CORRECT, status, quantities, code="TRADE_CORRECTED", more=more)


def test_each_change_names_the_latest_execution_of_the_trade(life: Life, data_dir: Path) -> None:
    bring_to(life, "part-filled")
    correct(data_dir, life, "99.5", "3")
    more = changed(life, "99.5", "3")
    first = life.expect(CORRECT, "1", "10 3 7", avg="99.5", code="TRADE_CORRECTED", more=more)
    told = correct(data_dir, life, "99.25")
    more = {**changed(life, "99.25", "3"), 19: first[17]}
    second = life.expect(CORRECT, "1", "10 3 7", avg="99.25", code="TRADE_CORRECTED", more=more)
    assert int(told[19]) != int(first[17]), "each side has its own ExecIDs"
    bust(data_dir, life)
    more = {**changed(life, "99.25", "3"), 19: second[17]}
    life.expect(BUST, "0", "10 0 10", code="TRADE_BUSTED", more=more)


def test_what_can_not_be_changed_is_refused_and_nobody_is_told(life: Life, data_dir: Path) -> None:
    bring_to(life, "part-filled")
    match_id = life.match_ids[0]
    for command in (
        {"type": "BustTrade", "match_id": "M0"},
        {"type": "CorrectTrade", "match_id": match_id, "price": "100.005"},
        {"type": "CorrectTrade", "match_id": match_id, "price": "-1"},
        {"type": "CorrectTrade", "match_id": match_id, "price": "200"},
        {"type": "CorrectTrade", "match_id": match_id, "price": "100", "quantity": "5"},
        {"type": "CorrectTrade", "match_id": match_id, "price": "100", "quantity": "0"},
    ):
        assert not call(data_dir, {"command": command})["ok"], command
    bust(data_dir, life)
    life.expect(BUST, "0", "10 0 10", code="TRADE_BUSTED", more=changed(life, "100", "4"))
    again = {"type": "BustTrade", "match_id": match_id}
    assert "busted already" in call(data_dir, {"command": again})["error"]


@pytest.mark.parametrize("change", ["BustTrade", "CorrectTrade"])
def test_busted_or_corrected_price_is_no_last_price_any_more(
    market: Market, alpha: FixClient, bravo: FixClient, data_dir: Path, change: str
) -> None:
    market.trade_at(alpha, bravo, "100")
    market.limit(alpha, "high", SELL, "1", "105")
    market.limit(bravo, "b", BUY, "1", "105")
    match_id = next_report(alpha)[527]
    assert market.told(bravo, 31, 527) == ("b", TRADE, "105", match_id)
    more = {"price": "100"} if change == "CorrectTrade" else {}
    operate(data_dir, change, match_id=match_id, reason="error", **more)
    told = BUST if change == "BustTrade" else CORRECT
    assert [next_report(each)[150] for each in (alpha, bravo)] == [told, told]
    report = market.enter(bravo, "stop", BUY, "1", "3", (99, "102"))
    assert facts(report, 636) == ["N"], "it waits"
    market.limit(alpha, "s", SELL, "2", "102")
    market.limit(bravo, "c", BUY, "1", "102")
    assert market.told(bravo, 31) == ("c", TRADE, "102")
    assert market.told(bravo, 636) == ("stop", RESTATED, "Y")
    assert market.told(bravo, 31) == ("stop", TRADE, "102")
    assert [market.told(alpha, 31)[2] for _ in range(2)] == ["102"] * 2
