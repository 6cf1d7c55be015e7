"""The collar around the last trade: 2 percent, ends included; market orders and stops too."""

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e

from .builders import ACME, Venue, buy, enter, replace, sell
from .outcomes import code, ended, kinds, why


@pytest.fixture
def traded(venue: Venue) -> Venue:
    """The last trade was at 100: buys go to 102, sells to 98."""
    venue.do(c.AddInstrument(msgspec.structs.replace(ACME, dynamic_collar_percent="2")))
    venue.do_all(sell("S0", "1", "100", session="CHARLIE"), buy("B0", "1", "100", session="BRAVO"))
    return venue


def stop(cl_ord_id: str, side: str, stop_px: str, price: str | None = None) -> c.EnterOrder:
    order = enter(cl_ord_id, side, "5", price, ord_type="3" if price is None else "4")
    return msgspec.structs.replace(order, stop_px=stop_px)


def test_collar_begins_with_the_first_trade(venue: Venue) -> None:
    venue.do(c.AddInstrument(msgspec.structs.replace(ACME, dynamic_collar_percent="2")))
    assert code(venue.do(buy("A1", "1", "110"))) is None


def test_orders_are_taken_up_to_its_ends_and_refused_past_them(traded: Venue) -> None:
    assert code(traded.do(buy("A1", "1", "102"))) is None
    refused = traded.do(buy("A2", "1", "102.01"))
    assert why(refused) == (
        "PRICE_OUTSIDE_DYNAMIC_COLLAR 44=102.01 is outside 98 to 102 around the last trade"
    )
    assert code(traded.do(replace("A3", "A1", "1", "102.01"))) == "PRICE_OUTSIDE_DYNAMIC_COLLAR"
    traded.do(c.CancelByOperator("3"))
    assert code(traded.do(sell("A4", "1", "98", session="ALPHA"))) is None
    assert code(traded.do(sell("A5", "1", "97.99"))) == "PRICE_OUTSIDE_DYNAMIC_COLLAR"


def test_orders_away_from_the_market_are_not_held_to_it(traded: Venue) -> None:
    assert code(traded.do(buy("A1", "1", "91"))) is None
    assert code(traded.do(sell("A2", "1", "109"))) is None


def test_collar_follows_the_last_trade(traded: Venue) -> None:
    traded.do_all(buy("A1", "1", "102"), sell("B1", "1", "102"))
    assert code(traded.do(buy("A2", "1", "104.04"))) is None
    assert code(traded.do(buy("A3", "1", "104.05"))) == "PRICE_OUTSIDE_DYNAMIC_COLLAR"


def test_market_order_trades_to_its_end_and_no_further(traded: Venue) -> None:
    traded.do_all(sell("B1", "3", "102"), sell("B2", "3", "102.01"))
    events = traded.do(enter("A1", "1", "10", None, ord_type="1"))
    assert kinds(events) == ["OrderAccepted", "TradeExecuted", "OrderCanceled"]
    assert isinstance(events[1], e.TradeExecuted)
    assert (events[1].last_px, events[1].last_qty) == ("102", "3")


def test_market_sale_trades_to_its_end_and_no_further(traded: Venue) -> None:
    traded.do_all(buy("B1", "3", "98"), buy("B2", "3", "97.99"))
    events = traded.do(enter("A1", "2", "10", None, ord_type="1"))
    assert kinds(events) == ["OrderAccepted", "TradeExecuted", "OrderCanceled"]


def test_static_collar_stays_where_it_is(traded: Venue) -> None:
    traded.engine.state.markets["ACME"].last_ticks = 10_950
    traded.do(sell("B1", "3", "110"))
    assert code(traded.do(buy("A1", "1", "110.01"))) == "PRICE_OUTSIDE_COLLAR"
    events = traded.do(enter("A2", "1", "3", None, ord_type="1"))
    assert kinds(events) == ["OrderAccepted", "TradeExecuted"]


def test_stop_far_from_the_last_trade_is_taken(traded: Venue) -> None:
    assert code(traded.do(stop("A1", "1", "105"))) is None
    assert code(traded.do(stop("A2", "1", "105", "106"))) is None
    assert code(traded.do(stop("A3", "2", "95", "94"))) is None
    untriggered = replace("A4", "A2", "5", "107", ord_type="4")
    untriggered = msgspec.structs.replace(untriggered, stop_px="106")
    assert code(traded.do(untriggered)) is None


def far_trade(venue: Venue, price: str) -> list[e.AnyEvent]:
    """A trade at this price, reached step by step."""
    events: list[e.AnyEvent] = []
    for number, step in enumerate(("101.5", "103", "104.5", price)):
        events = venue.do_all(
            sell(f"F{number}", "1", step, session="CHARLIE"),
            buy(f"G{number}", "1", step, session="BRAVO"),
        )
    return events


def test_triggered_stop_is_held_to_the_collar_of_that_moment(traded: Venue) -> None:
    traded.do_all(stop("A1", "1", "105"), sell("B1", "3", "107"), sell("B2", "3", "107.2"))
    events = far_trade(traded, "105")
    # 2 percent of 105 is 107.10
    assert kinds(events)[1:] == ["TradeExecuted", "OrderRestated", "TradeExecuted", "OrderCanceled"]
    trade = events[3]
    assert isinstance(trade, e.TradeExecuted) and trade.last_px == "107"


def test_triggered_stop_limit_outside_the_collar_ends(traded: Venue) -> None:
    traded.do(stop("A1", "1", "105", "107.2"))
    events = far_trade(traded, "105")
    assert kinds(events)[1:] == ["TradeExecuted", "OrderRestated", "OrderCanceled"]
    text = "PRICE_OUTSIDE_DYNAMIC_COLLAR 44=107.2 is outside 102.9 to 107.1 around the last trade"
    assert ended(events) == [("3", "99", text)]


def test_triggered_stop_limit_within_the_collar_rests(traded: Venue) -> None:
    traded.do(stop("A1", "1", "105", "107.1"))
    assert kinds(far_trade(traded, "105"))[1:] == ["TradeExecuted", "OrderRestated"]
    over = traded.do(
        msgspec.structs.replace(replace("A2", "A1", "5", "107.2", ord_type="4"), stop_px="105")
    )
    assert code(over) == "PRICE_OUTSIDE_DYNAMIC_COLLAR"


def test_correction_may_take_a_trade_back_to_a_price_outside_it(traded: Venue) -> None:
    assert kinds(traded.do(c.CorrectTrade("M1", "95"))) == ["TradeCorrected"]
