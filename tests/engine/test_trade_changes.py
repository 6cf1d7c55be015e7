"""Busts and corrections, on open, finished and canceled orders: whole event lists and reports."""

import pytest

from tests.reference.build import Venue
from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.order_state import OrderState


def traded() -> Venue:
    """b1 (order 2) of 10 has 4 of s1 (order 1, filled) at 100."""
    venue = Venue()
    venue.sell("s1", "4", "100")
    venue.buy("b1", "10", "100")
    venue.events.clear()
    return venue


def states(event: e.AnyEvent) -> tuple[OrderState, OrderState]:
    """Buyer's and seller's order of a trade event."""
    assert isinstance(event, e.TradeExecuted | e.TradeBusted | e.TradeCorrected)
    return event.buy.order, event.sell.order


def test_bust_gives_quantity_back_to_an_open_order_and_none_to_a_filled_one() -> None:
    venue = traded()
    assert venue.do(c.BustTrade("M1", "op", "error")) == ["busted M1 2:10 1:0"]
    buy, sell = states(venue.events[-1])
    assert (buy.ord_status, buy.cum_qty, buy.avg_px) == ("0", "0", "0")
    assert (sell.ord_status, sell.order_qty, sell.cum_qty, sell.leaves_qty) == ("4", "4", "0", "0")
    assert venue.book()[0] == ["2:10/10@100"]
    assert venue.exposure() == 1000 * 10**8
    assert venue.exposure("BRAVO") == 0


def test_bust_names_the_execution_it_undoes_and_what_it_was_worth() -> None:
    venue = Venue()
    venue.sell("s1", "4", "100")
    venue.buy("b1", "4", "100")
    trade = venue.events[-1]
    venue.do(c.BustTrade("M1", "op", "error"))
    busted = venue.events[-1]
    assert isinstance(busted, e.TradeBusted)
    assert busted.exec_ref_seq == trade.event_seq
    assert (busted.last_px, busted.last_qty, busted.amount) == ("100", "4", "400")
    assert (busted.operator, busted.reason) == ("op", "error")


def test_bust_after_a_correction_names_the_correction() -> None:
    venue = traded()
    venue.do(c.CorrectTrade("M1", "101", "3"))
    corrected = venue.events[-1]
    venue.do(c.BustTrade("M1"))
    busted = venue.events[-1]
    assert isinstance(busted, e.TradeBusted)
    assert busted.exec_ref_seq == corrected.event_seq
    assert (busted.last_px, busted.last_qty, busted.amount) == ("101", "3", "303")


def test_an_order_that_gets_quantity_back_keeps_its_place() -> None:
    venue = traded()
    venue.buy("b2", "5", "100", session="CHARLIE")
    venue.do(c.BustTrade("M1"))
    assert venue.book()[0] == ["2:10/10@100", "3:5/5@100"]


def test_a_canceled_order_stays_canceled_after_a_bust() -> None:
    venue = traded()
    venue.cancel("x", "b1")
    assert venue.do(c.BustTrade("M1")) == ["busted M1 2:0 1:0"]
    buy, _ = states(venue.events[-1])
    assert (buy.ord_status, buy.cum_qty, buy.leaves_qty) == ("4", "0", "0")
    assert venue.exposure() == 0


def test_an_expired_order_stays_expired_after_a_bust() -> None:
    venue = traded()
    venue.do(c.EndDay())
    assert venue.do(c.BustTrade("M1")) == ["busted M1 2:0 1:0"]
    assert states(venue.events[-1])[0].ord_status == "C"


def test_correction_of_the_price_changes_no_quantity() -> None:
    venue = traded()
    assert venue.do(c.CorrectTrade("M1", "99")) == ["corrected M1 4@99 2:6 1:0"]
    corrected = venue.events[-1]
    assert isinstance(corrected, e.TradeCorrected)
    assert (corrected.amount, corrected.previous_px, corrected.previous_amount) == (
        "396",
        "100",
        "400",
    )
    buy, sell = states(corrected)
    assert (buy.ord_status, buy.avg_px, sell.ord_status, sell.avg_px) == ("1", "99", "2", "99")


def test_correction_to_less_gives_quantity_back_to_the_open_order_only() -> None:
    venue = traded()
    assert venue.do(c.CorrectTrade("M1", "99", "1")) == ["corrected M1 1@99 2:9 1:0"]
    buy, sell = states(venue.events[-1])
    assert (buy.cum_qty, buy.avg_px, sell.ord_status, sell.cum_qty) == ("1", "99", "4", "1")
    assert venue.exposure() == 900 * 10**8


def test_average_price_after_a_bust_is_that_of_the_fills_that_are_left() -> None:
    venue = traded()
    venue.sell("s2", "2", "99")
    venue.sell("s3", "1", "98")
    venue.do(c.CorrectTrade("M2", "97"))
    venue.do(c.BustTrade("M1"))
    buy, _ = states(venue.events[-1])
    assert (buy.cum_qty, buy.leaves_qty, buy.avg_px) == ("3", "7", "98")


def test_a_bust_that_makes_enough_lets_an_all_or_none_trade() -> None:
    venue = Venue()
    venue.sell("s1", "6", "101")
    venue.buy("b1", "4", "101")
    venue.buy("b2", "6", "101", exec_inst="G")
    assert venue.do(c.BustTrade("M1")) == ["busted M1 2:0 1:6", "trade 6@101 3:0 1:0"]


def test_a_bust_in_a_closed_market_trades_nothing() -> None:
    venue = Venue()
    venue.sell("s1", "6", "101", time_in_force="1")
    venue.buy("b1", "4", "101")
    venue.buy("b2", "6", "101", exec_inst="G", time_in_force="1")
    venue.do(c.EndDay())
    assert venue.do(c.BustTrade("M1")) == ["busted M1 2:0 1:6"]
    assert venue.do(c.StartDay("2026-01-06"))[-1] == "trade 6@101 3:0 1:0"


def test_a_part_filled_iceberg_shows_a_whole_slice_again_after_a_bust() -> None:
    venue = Venue()
    venue.sell("s1", "6", "100", max_floor="3")
    venue.buy("b1", "5", "100")
    assert venue.book()[1] == ["1:1/1@100"]
    venue.do(c.BustTrade("M1"))
    assert venue.book()[1] == ["1:3/4@100"]


@pytest.mark.parametrize(
    "command",
    [
        c.BustTrade("M9"),
        c.CorrectTrade("M9", "100"),
        c.CorrectTrade("M1", "111"),
        c.CorrectTrade("M1", "100.5"),
        c.CorrectTrade("M1", "1e2"),
        c.CorrectTrade("M1", "100", "0"),
        c.CorrectTrade("M1", "100", "5"),
        c.CorrectTrade("M1", "100", "0.5"),
    ],
)
def test_what_can_not_be_is_refused_and_changes_nothing(
    command: c.BustTrade | c.CorrectTrade,
) -> None:
    venue = traded()
    assert venue.do(command) == [f"refused {type(command).__name__}"]
    assert venue.do(c.BustTrade("M1")) == ["busted M1 2:10 1:0"]


def test_a_trade_is_busted_once_and_only_on_its_day() -> None:
    venue = traded()
    venue.do(c.BustTrade("M1"))
    assert venue.do(c.BustTrade("M1")) == ["refused BustTrade"]
    assert venue.do(c.CorrectTrade("M1", "99")) == ["refused CorrectTrade"]
    venue = traded()
    venue.do(c.EndDay())
    venue.do(c.StartDay("2026-01-06"))
    assert venue.do(c.BustTrade("M1")) == ["refused BustTrade"]
