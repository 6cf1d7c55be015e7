"""Limits of a single order: taken at each limit, refused one step over it, new or replacing."""

import pytest

from tests.fix.conftest import NewTrader
from tests.fix.limited_venue import WRITTEN, Operator, Trader, trade
from tests.fix.scenario import (
    BUY,
    CANCELED,
    NEW,
    REJECTED,
    RESTATED,
    SELL,
    TRADE,
    facts,
    next_report,
    send_together,
)

LARGE = "ORDER_QUANTITY_TOO_LARGE 38=1010 is more than 1000"
OUTSIDE = "PRICE_OUTSIDE_COLLAR 44={} is outside 90 to 110"


@pytest.mark.parametrize(
    ("side", "taken", "refused", "reason", "text"),
    [
        (BUY, ("10", "99.99"), ("10", "99.995"), "99",
         "PRICE_NOT_ON_TICK 44=99.995 is not a multiple of 0.01"),
        (BUY, ("30", "100"), ("35", "100"), "13",
         "QUANTITY_NOT_ON_LOT 38=35 is not a multiple of 10"),
        (BUY, ("1000", "90"), ("1010", "90"), "3", LARGE),
        (SELL, ("1000", "110"), ("1010", "110"), "3", LARGE),
        (BUY, ("10", "110"), ("10", "110.01"), "99", OUTSIDE.format("110.01")),
        (BUY, ("10", "90"), ("10", "89.99"), "99", OUTSIDE.format("89.99")),
        (SELL, ("10", "110"), ("10", "110.01"), "99", OUTSIDE.format("110.01")),
        (SELL, ("10", "90"), ("10", "89.99"), "99", OUTSIDE.format("89.99")),
    ],
)  # fmt: skip
def test_order_is_taken_at_the_limit_and_refused_over_it(
    trader: Trader, operator: Operator, side: str,
    taken: tuple[str, str], refused: tuple[str, str], reason: str, text: str,
) -> None:  # fmt: skip
    symbol = operator.instrument(lot_size="10", max_order_value="1000000")
    trader.is_refused(reason, text, side, *refused, symbol)
    order = trader.enters(side, *taken, symbol)
    trader.is_refused_to_replace(text, order, *refused)
    order = trader.replaces(order, "20", "100")
    trader.replaces(order, *taken)


def test_value_of_an_order_is_limited_to_the_smallest_unit(
    trader: Trader, operator: Operator
) -> None:
    symbol = operator.instrument(max_order_value="9999.99")
    text = "ORDER_VALUE_TOO_LARGE 10000 USD is more than 9999.99"
    trader.is_refused("3", text, BUY, "100", "100", symbol)
    order = trader.enters(BUY, "99", "101", symbol)
    trader.is_refused_to_replace(text, order, "100", "100")
    trader.replaces(order, "100", "99.99")


def test_market_order_is_valued_at_the_end_of_the_collar(
    trader: Trader, operator: Operator
) -> None:
    symbol = operator.instrument(max_order_value="1100")
    text = "ORDER_VALUE_TOO_LARGE 1210 USD is more than 1100"
    trader.is_refused("3", text, BUY, "11", None, symbol)
    name = trader.send(BUY, "10", None, symbol)
    assert [trader.is_told(name, kind)[39] for kind in (NEW, CANCELED)] == ["0", "4"]


def test_dynamic_collar_bounds_the_side_that_would_take(
    trader: Trader, other: Trader, operator: Operator
) -> None:
    symbol = operator.instrument(dynamic_collar_percent="2")
    trader.cancels(trader.enters(BUY, "10", "109", symbol))
    trade(trader, other, "10", "100", symbol)
    over, under = (
        f"PRICE_OUTSIDE_DYNAMIC_COLLAR 44={price} is outside 98 to 102 around the last trade"
        for price in ("102.01", "97.99")
    )
    trader.is_refused("99", over, BUY, "10", "102.01", symbol)
    other.is_refused("99", under, SELL, "10", "97.99", symbol)
    trader.enters(BUY, "10", "90", symbol)
    other.enters(SELL, "10", "110", symbol)
    buy = trader.enters(BUY, "10", "95", symbol)
    trader.is_refused_to_replace(over, buy, "10", "102.01")
    buy = trader.replaces(buy, "10", "102")
    trader.cancels(buy)
    sell = other.enters(SELL, "10", "105", symbol)
    other.is_refused_to_replace(under, sell, "10", "97.99")
    other.replaces(sell, "10", "98")


@pytest.mark.parametrize(("dynamic", "reached"), [("", "110"), ("2", "102")])
def test_market_order_trades_up_to_the_nearer_collar(
    trader: Trader, other: Trader, operator: Operator, dynamic: str, reached: str
) -> None:
    symbol = operator.instrument(dynamic_collar_percent=dynamic)
    trade(trader, other, "1", "100", symbol)
    away = "110" if reached == "102" else None
    near = other.enters(SELL, "4", reached, symbol)
    if away is not None:
        other.enters(SELL, "4", away, symbol)
    name = trader.send(BUY, "10", None, symbol)
    trader.is_told(name, NEW)
    assert facts(trader.is_told(name, TRADE), 31, 32) == [reached, "4"]
    assert facts(trader.is_told(name, CANCELED), 14, 151) == ["4", "0"]
    other.is_told(near, TRADE)


def test_stop_order_that_triggers_trades_up_to_the_collar(
    trader: Trader, other: Trader, operator: Operator
) -> None:
    symbol = operator.instrument(price_collar_percent="1")
    name = trader.send(BUY, "10", None, symbol, (40, "3"), (99, "100"))
    trader.is_told(name, NEW)
    near = other.enters(SELL, "4", "101", symbol)
    trade(other, other, "1", "100", symbol)
    trader.is_told(name, "D")
    assert facts(trader.is_told(name, TRADE), 31, 32) == ["101", "4"]
    trader.is_told(name, CANCELED)
    other.is_told(near, TRADE)


def test_stop_order_that_triggers_outside_the_dynamic_collar_is_canceled(
    trader: Trader, other: Trader, operator: Operator
) -> None:
    symbol = operator.instrument(dynamic_collar_percent="1")
    name = trader.enters(BUY, "10", "105", symbol, (40, "4"), (99, "101"))
    trade(other, other, "1", "101", symbol)
    trader.is_told(name, RESTATED)
    text = "PRICE_OUTSIDE_DYNAMIC_COLLAR 44=105 is outside 99.99 to 102.01 around the last trade"
    trader.is_canceled(name, "99", text)


def test_limits_of_the_configuration_file_hold_from_the_first_start(
    new_trader: NewTrader, other: Trader
) -> None:
    trader = new_trader(session=WRITTEN)
    trade(other, other, "1", "100", "NARROW")
    collar = "PRICE_OUTSIDE_DYNAMIC_COLLAR 44=102.01 is outside 98 to 102 around the last trade"
    trader.is_refused("99", collar, BUY, "1", "102.01", "NARROW")
    restricted = "INSTRUMENT_RESTRICTED GLOBEX is restricted"
    trader.is_refused("0", restricted, BUY, "1", "100", "GLOBEX")
    held = "POSITION_LIMIT WRITTEN could hold 11 NARROW, past 10"
    trader.is_refused("3", held, BUY, "11", "100", "NARROW")
    orders = [trader.order(BUY, "1", "100", "NARROW") for _ in range(6)]
    send_together(trader.client, *(("D", fields) for _, fields in orders))
    told = [facts(next_report(trader.client), 150, 58) for _ in orders]
    assert told[-1] == [REJECTED, "THROTTLED more than 2 orders and replaces a second"]
