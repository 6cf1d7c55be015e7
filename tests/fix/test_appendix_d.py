"""FIX 4.4 volume 4, Appendix D: the order state changes that an immediate venue can show.

Each test is one of its scenarios, or a row of them; every report is compared in every field.
"""

from pathlib import Path

import pytest

from tests.fix.conftest import LogOn
from tests.fix.scenario import (
    BUY,
    CANCELED,
    NEW,
    REPLACED,
    TRADE,
    Life,
    body,
    bring_to,
    facts,
    next_report,
    operate,
)
from tests.fix_message import new_order
from venue.admin.client import call

CANCEL, REPLACE = "1", "2"


# Filled, canceled, rejected


def test_order_is_filled_in_three_trades(life: Life) -> None:
    life.enter()
    life.trade("2")
    life.expect_fill("1", "10 2 8", "2")
    life.trade("3")
    life.expect_fill("1", "10 5 5", "3")
    life.trade("5")
    life.expect_fill("2", "10 10 0", "5")


def test_order_is_filled_at_several_prices_with_an_exact_average(life: Life) -> None:
    for name, price in (("o1", "99.98"), ("o2", "99.99"), ("o3", "100")):
        life.other.send("D", new_order(life.prefix + name, "2", "1", price))
        next_report(life.other)
    life.send_order("x", "3", "100")
    life.expect(NEW, "0", "3 0 3")
    life.expect_fill("1", "3 1 2", "1", avg="99.98", price="99.98", liquidity="2")
    life.expect_fill("1", "3 2 1", "1", avg="99.985", price="99.99", liquidity="2")
    life.expect_fill("2", "3 3 0", "1", avg="99.99", liquidity="2")
    assert [next_report(life.other)[150] for _ in range(3)] == [TRADE] * 3


def test_new_order_is_canceled(life: Life) -> None:
    bring_to(life, "new")
    life.cancel("y", "x")
    life.expect(CANCELED, "4", "10 0 0", "y", more={41: "x"})


def test_part_filled_order_is_canceled_and_keeps_what_it_has_traded(life: Life) -> None:
    bring_to(life, "part-filled")
    life.cancel("y", "x", (37, life.order_id))
    life.expect(CANCELED, "4", "10 4 0", "y", more={41: "x"})


@pytest.mark.parametrize(("state", "status"), [("filled", "2"), ("canceled", "4")])
def test_finished_order_can_not_be_canceled_or_replaced(
    life: Life, state: str, status: str
) -> None:
    bring_to(life, state)
    life.cancel("y", "x")
    life.expect_refused("y", "x", status, "0", "ORDER_FINISHED", to=CANCEL)
    for name, qty in (("z1", "20"), ("z2", "5")):
        life.replace(name, "x", qty)
        life.expect_refused(name, "x", status, "0", "ORDER_FINISHED", to=REPLACE)


def test_unknown_order_can_not_be_canceled(life: Life) -> None:
    life.enter()
    life.cancel("y", "nobody")
    life.expect_refused("y", "nobody", "8", "1", "UNKNOWN_ORDER", to=CANCEL, known=False)
    life.cancel("z", "x", (37, "999999999"))
    life.expect_refused("z", "x", "8", "1", "UNKNOWN_ORDER", to=CANCEL, known=False)


def test_order_is_rejected_and_can_not_be_canceled(life: Life) -> None:
    life.send_order("x", "10", "100.005")
    report = next_report(life.client)
    assert body(report) == {
        35: "8", 37: "NONE", 150: "8", 39: "8", 103: "99", 11: life.prefix + "x", 55: "ACME",
        54: BUY, 40: "2", 44: "100.005", 59: "0", 38: "10", 151: "0", 14: "0", 6: "0",
    }  # fmt: skip
    assert report[58] == "PRICE_NOT_ON_TICK 44=100.005 is not a multiple of 0.01"
    life.cancel("y", "x")
    life.expect_refused("y", "x", "8", "1", "UNKNOWN_ORDER", to=CANCEL, known=False)


# Replaced


@pytest.mark.parametrize(
    ("state", "qty", "status", "quantities"),
    [
        ("new", "12", "0", "12 0 12"),
        ("new", "8", "0", "8 0 8"),
        ("part-filled", "12", "1", "12 4 8"),
        ("part-filled", "6", "1", "6 4 2"),
        ("part-filled", "4", "2", "4 4 0"),
        ("part-filled", "3", "2", "4 4 0"),
    ],
)
def test_quantity_is_replaced(
    life: Life, state: str, qty: str, status: str, quantities: str
) -> None:
    bring_to(life, state)
    life.replace("y", "x", qty)
    life.expect(REPLACED, status, quantities, "y", more={41: "x"})
    if status == "2":
        life.cancel("z", "y")
        life.expect_refused("z", "y", "2", "0", "ORDER_FINISHED", to=CANCEL)
        return
    rest = quantities.split()[2]
    life.trade(rest)
    whole = quantities.split()[0]
    life.expect_fill("2", f"{whole} {whole} 0", rest, "y")


@pytest.mark.parametrize("state", ["new", "part-filled"])
def test_price_is_replaced(life: Life, state: str) -> None:
    bring_to(life, state)
    life.replace("y", "x", "10", "99.5")
    if state == "new":
        life.expect(REPLACED, "0", "10 0 10", "y", more={41: "x", 44: "99.5"})
    else:
        life.expect(REPLACED, "1", "10 4 6", "y", more={41: "x", 44: "99.5"})


def test_replaced_to_a_price_that_trades_is_replaced_first_then_filled(life: Life) -> None:
    life.other.send("D", new_order(life.prefix + "o", "2", "4", "100.5"))
    next_report(life.other)
    life.enter()
    life.replace("y", "x", "10", "100.5")
    life.expect(REPLACED, "0", "10 0 10", "y", more={41: "x", 44: "100.5"})
    life.expect_fill("1", "10 4 6", "4", "y", avg="100.5", price="100.5", liquidity="2")
    assert facts(next_report(life.other), 150, 39, 32) == [TRADE, "2", "4"]


def test_chain_of_replaces_one_by_one(life: Life) -> None:
    life.enter()
    life.replace("y", "x", "12")
    life.expect(REPLACED, "0", "12 0 12", "y", more={41: "x"})
    life.trade("4")
    life.expect_fill("1", "12 4 8", "4", "y")
    life.replace("z", "y", "14")
    life.expect(REPLACED, "1", "14 4 10", "z", more={41: "y"})
    life.trade("10")
    life.expect_fill("2", "14 14 0", "10", "z")


def test_chain_of_replaces_with_a_reject_in_the_middle(life: Life) -> None:
    bring_to(life, "part-filled")
    life.replace("y", "x", "12", "100.005")
    life.expect_refused("y", "x", "1", "99", "PRICE_NOT_ON_TICK", to=REPLACE)
    life.replace("z", "y", "12")
    life.expect_refused("z", "y", "8", "1", "UNKNOWN_ORDER", to=REPLACE, known=False)
    life.replace("w", "x", "12")
    life.expect(REPLACED, "1", "12 4 8", "w", more={41: "x"})
    life.cancel("v", "x")
    life.expect_refused("v", "x", "8", "1", "UNKNOWN_ORDER", to=CANCEL, known=False)
    life.cancel("u", "w")
    life.expect(CANCELED, "4", "12 4 0", "u", more={41: "w"})


# Orders that end by themselves


def test_immediate_or_cancel_trades_what_it_can_and_ends(life: Life) -> None:
    life.other.send("D", new_order(life.prefix + "o", "2", "4", "100"))
    next_report(life.other)
    life.enter(tif="3")
    life.expect_fill("1", "10 4 6", "4", liquidity="2")
    life.expect(CANCELED, "4", "10 4 0", code="UNFILLED")
    assert next_report(life.other)[150] == TRADE


def test_fill_or_kill_trades_whole_or_not_at_all(life: Life) -> None:
    life.other.send("D", new_order(life.prefix + "o", "2", "10", "100"))
    next_report(life.other)
    life.send_order("w", "11", "100", tif="4")
    life.expect(NEW, "0", "11 0 11", "w")
    life.expect(CANCELED, "4", "11 0 0", "w", code="UNFILLED")
    life.enter(tif="4")
    life.expect_fill("2", "10 10 0", "10", liquidity="2")
    assert facts(next_report(life.other), 150, 39) == [TRADE, "2"]


# Unsolicited cancels


@pytest.mark.parametrize(("state", "quantities"), [("new", "10 0 0"), ("part-filled", "10 4 0")])
def test_operator_cancels_an_order(life: Life, data_dir: Path, state: str, quantities: str) -> None:
    bring_to(life, state)
    operate(data_dir, "CancelByOperator", order_id=life.order_id)
    life.expect(CANCELED, "4", quantities, code="CANCELED_BY_OPERATOR", more={378: "8"})
    life.cancel("y", "x")
    life.expect_refused("y", "x", "4", "0", "ORDER_FINISHED", to=CANCEL)


@pytest.mark.parametrize("state", ["filled", "canceled"])
def test_operator_can_not_cancel_a_finished_order(life: Life, data_dir: Path, state: str) -> None:
    bring_to(life, state)
    command = {"type": "CancelByOperator", "order_id": life.order_id}
    reply = call(data_dir, {"command": command})
    assert not reply["ok"] and "no longer open" in reply["error"]


def test_orders_of_a_lost_session_are_canceled_and_told_at_the_next_logon(
    life: Life, log_on: LogOn
) -> None:
    with log_on("CHARLIE") as charlie:
        own = Life(charlie, life.other, life.prefix)
        own.enter()
        charlie.send("D", new_order(own.prefix + "g", BUY, "5", "100", tif="1"))
        next_report(charlie)
        charlie.kill()
        charlie.logon()
        told = charlie.expect_report(own.prefix + "x", CANCELED)
        assert facts(told, 97, 39, 151, 378, 41) == ["Y", "4", "0", "99", None]
        assert told[58].startswith("CANCEL_ON_DISCONNECT")
        own.ask("g")
        assert facts(next_report(charlie), 39, 151) == ["0", "5"]
        own.cancel("h", "g")
        assert facts(next_report(charlie), 150, 39) == [CANCELED, "4"]
