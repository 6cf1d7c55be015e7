"""Busts and corrections, on open, finished and canceled orders: whole event lists and reports."""

import pytest

from tests.reference.build import Venue, instrument
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
        c.CorrectTrade("M1", "100"),
        c.CorrectTrade("M1", "100.0", "4"),
    ],
)
def test_what_can_not_be_is_refused_and_changes_nothing(
    command: c.BustTrade | c.CorrectTrade,
) -> None:
    venue = traded()
    assert venue.do(command) == [f"refused {type(command).__name__}"]
    assert venue.do(c.BustTrade("M1")) == ["busted M1 2:10 1:0"]


def next_day(venue: Venue, number: int) -> None:
    venue.do(c.EndDay())
    venue.do(c.StartDay(f"2026-01-{5 + number:02}"))


def test_a_trade_is_busted_once() -> None:
    venue = traded()
    venue.do(c.BustTrade("M1"))
    assert venue.do(c.BustTrade("M1")) == ["refused BustTrade"]
    assert venue.do(c.CorrectTrade("M1", "99")) == ["refused CorrectTrade"]


@pytest.mark.parametrize(("bust_days", "kept"), [("2", 2), ("0", 0), ("30", 4)])
def test_a_trade_is_kept_for_so_many_trading_days_after_its_own(bust_days: str, kept: int) -> None:
    for days in range(5):
        venue = Venue(instrument(bust_days=bust_days))
        venue.sell("s1", "4", "100")
        venue.buy("b1", "4", "100")
        for number in range(1, days + 1):
            next_day(venue, number)
        told = "busted M1 2:0 1:0" if days <= kept else "refused BustTrade"
        assert venue.do(c.BustTrade("M1")) == [told]
        assert len(venue.engine.state.orders) == (2 if days <= kept else 0)


def test_bust_of_an_earlier_day_changes_neither_todays_fills_nor_todays_counters() -> None:
    venue = Venue()
    venue.sell("s1", "4", "100")
    venue.buy("b1", "10", "100", time_in_force="1")
    next_day(venue, 1)
    venue.sell("s2", "2", "99")
    alpha = venue.engine.state.members["ALPHA"]
    bought, exposure = alpha.net_bought, venue.exposure()
    assert venue.do(c.CorrectTrade("M1", "98", "3")) == ["corrected M1 3@98 2:5 1:0"]
    corrected = venue.events[-1]
    assert isinstance(corrected, e.TradeCorrected) and corrected.traded_on == "2026-01-05"
    buy, sell = states(corrected)
    assert buy.day is not None and sell.day is not None
    assert (buy.day.order_qty, buy.day.cum_qty, buy.day.avg_px) == ("7", "2", "100")
    assert (buy.cum_qty, buy.leaves_qty, buy.avg_px) == ("5", "5", "98.8")
    assert (sell.ord_status, sell.cum_qty, sell.day.cum_qty) == ("4", "3", "0")
    assert venue.do(c.BustTrade("M1")) == ["busted M1 2:8 1:0"]
    buy, _ = states(venue.events[-1])
    assert buy.day is not None
    assert (buy.day.order_qty, buy.day.cum_qty, buy.day.avg_px) == ("10", "2", "100")
    assert (buy.cum_qty, buy.avg_px, buy.ord_status) == ("2", "100", "1")
    assert alpha.net_bought == bought and venue.exposure() == exposure + 400 * 10**8
    (use,) = alpha.uses.values()
    assert (use.position_lots, use.day_lots) == (2, 2)
    ended = venue.apply(c.EndDay())[0]
    assert isinstance(ended, e.DayEnded) and ended.statistics[0].quantity == "2"


def test_last_price_is_that_of_the_last_live_trade_also_over_days() -> None:
    venue = Venue()
    market = venue.engine.state.markets["ACME"]
    for number, price in enumerate(("100", "101", "105")):
        venue.sell(f"s{number}", "1", price)
        venue.buy(f"b{number}", "1", price)
    venue.do(c.CorrectTrade("M2", "102"))
    assert market.last_ticks == 105, "it was not the last"
    venue.do(c.BustTrade("M3"))
    assert market.last_ticks == 102
    for number in range(1, 5):
        next_day(venue, number)
    assert not venue.engine.state.trades and market.last_ticks == 102
    venue.sell("s9", "1", "103")
    venue.buy("b9", "1", "103")
    venue.do(c.BustTrade("M4"))
    assert market.last_ticks == 102, "of a trade that is forgotten"
    ended = venue.apply(c.EndDay())[0]
    assert isinstance(ended, e.DayEnded)
    assert (ended.statistics[0].last_px, ended.statistics[0].trades) == ("103", 0), "as it traded"


def test_before_any_live_trade_there_is_no_last_price() -> None:
    venue = traded()
    venue.do(c.BustTrade("M1"))
    assert venue.engine.state.markets["ACME"].last_ticks is None
    stop = {"ord_type": "3", "stop_px": "101"}
    assert venue.buy("b9", "1", **stop, session="CHARLIE") == ["new 3 1/1 waiting"]


def test_stop_behind_a_busted_price_waits_for_the_next_trade() -> None:
    venue = Venue()
    for name, price in (("1", "100"), ("2", "105")):
        venue.sell(f"s{name}", "1", price)
        venue.buy(f"b{name}", "1", price)
    venue.do(c.BustTrade("M2"))
    stop = {"ord_type": "3", "stop_px": "102", "session": "CHARLIE"}
    assert venue.buy("b9", "1", **stop) == ["new 5 1/1 waiting"]
    venue.sell("s3", "2", "102")
    assert venue.buy("b3", "1", "102")[:2] == ["new 7 1/1@102", "trade 1@102 7:0 6:1"]
