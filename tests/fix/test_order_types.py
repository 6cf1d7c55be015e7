"""Each order type over a raw socket: market, limit, stop, stop limit, market-to-limit, pegged."""

import pytest

from tests.fix.scenario import (
    BUY,
    CANCELED,
    REPLACED,
    RESTATED,
    SELL,
    TRADE,
    Market,
    facts,
    next_report,
    order,
)
from tests.fix_client import FixClient
from tests.fix_message import cancel, replace, sending_time

MARKET, LIMIT, STOP, STOP_LIMIT, TO_LIMIT, PEGGED = "1", "2", "3", "4", "K", "P"
PRIMARY, MID, AT_MARKET = (18, "R"), (18, "M"), (18, "P")


# Market


@pytest.mark.parametrize("tif", ["0", "3"])
def test_market_order_trades_through_prices_and_never_rests(
    market: Market, alpha: FixClient, bravo: FixClient, tif: str
) -> None:
    market.limit(bravo, "b1", SELL, "2", "100")
    market.limit(bravo, "b2", SELL, "2", "100.5")
    report = market.enter(alpha, "a", BUY, "5", MARKET, (59, tif))
    assert facts(report, 40, 44, 59) == ["1", None, tif]
    assert market.told(alpha, 31, 32, 851, 6) == ("a", TRADE, "100", "2", "2", "100")
    assert market.told(alpha, 31, 32, 851, 6) == ("a", TRADE, "100.5", "2", "2", "100.25")
    assert market.told(alpha, 39, 151, 14, 41) == ("a", CANCELED, "4", "0", "4", None)
    assert [market.told(bravo, 39)[:2] for _ in range(2)] == [("b1", TRADE), ("b2", TRADE)]


def test_market_fill_or_kill_is_killed_when_it_can_not_fill(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.limit(bravo, "b", SELL, "4", "100")
    market.enter(alpha, "a", BUY, "5", MARKET, (59, "4"))
    assert market.told(alpha, 39, 14) == ("a", CANCELED, "4", "0")
    market.enter(alpha, "c", BUY, "4", MARKET, (59, "4"))
    assert market.told(alpha, 39, 32) == ("c", TRADE, "2", "4")
    assert market.told(bravo, 39) == ("b", TRADE, "2")


@pytest.mark.parametrize(
    ("ord_type", "tif", "offered", "says"),
    [
        (MARKET, "0", None, "UNFILLED 40=1 the order could not trade at once"),
        (MARKET, "0", "2", "UNFILLED 40=1 the rest could not trade at once"),
        (MARKET, "3", "2", "UNFILLED 59=3 the rest could not trade at once"),
        (LIMIT, "3", None, "UNFILLED 59=3 the order could not trade at once"),
        (LIMIT, "3", "2", "UNFILLED 59=3 the rest could not trade at once"),
        (LIMIT, "4", "2", "UNFILLED 59=4 the order could not trade at once"),
        (TO_LIMIT, "0", None, "UNFILLED 40=K the order could not trade at once"),
    ],
)
def test_order_that_may_not_rest_says_why_it_ends(
    market: Market,
    alpha: FixClient,
    bravo: FixClient,
    ord_type: str,
    tif: str,
    offered: str | None,
    says: str,
) -> None:
    if offered is not None:
        market.limit(bravo, "b", SELL, offered, "100")
    limit = [(44, "100")] if ord_type == LIMIT else []
    market.enter(alpha, "a", BUY, "5", ord_type, (59, tif), *limit)
    if offered is not None and tif != "4":
        assert market.told(alpha, 58) == ("a", TRADE, None)
        assert market.told(bravo, 58) == ("b", TRADE, None)
    assert market.told(alpha, 58, 378, 41) == ("a", CANCELED, says, None, None)


# Stops


def test_stop_waits_then_is_triggered_after_the_trade_and_becomes_a_market_order(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.trade_at(alpha, bravo, "100")
    report = market.enter(alpha, "stop", BUY, "3", STOP, (99, "102"))
    assert facts(report, 40, 44, 99, 636) == ["3", None, "102", "N"]
    market.limit(bravo, "b1", SELL, "1", "102")
    market.limit(bravo, "b2", SELL, "2", "103")
    market.limit(alpha, "a", BUY, "1", "102")
    assert market.told(alpha, 39, 31) == ("a", TRADE, "2", "102")
    triggered = next_report(alpha)
    assert facts(triggered, 150, 39, 151, 99, 636, 378) == [
        RESTATED, "0", "3", "102", "Y", "99",
    ]  # fmt: skip
    assert triggered[58].split()[0] == "STOP_TRIGGERED"
    assert market.told(alpha, 31, 32, 851, 636) == ("stop", TRADE, "103", "2", "2", None)
    assert market.told(alpha, 39, 151, 14, 636) == ("stop", CANCELED, "4", "0", "2", None)
    assert [market.told(bravo)[0] for _ in range(2)] == ["b1", "b2"]


def test_stop_limit_rests_at_its_limit_once_triggered(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.trade_at(alpha, bravo, "100")
    market.enter(alpha, "stop", SELL, "3", STOP_LIMIT, (44, "98.5"), (99, "99"))
    market.limit(bravo, "b", BUY, "2", "99")
    market.limit(alpha, "a", SELL, "1", "99")
    assert market.told(bravo, 31) == ("b", TRADE, "99")
    assert market.told(alpha, 31) == ("a", TRADE, "99")
    assert market.told(alpha, 636, 44) == ("stop", RESTATED, "Y", "98.5")
    assert market.told(alpha, 31, 32, 151) == ("stop", TRADE, "99", "1", "2")
    assert market.told(bravo, 39) == ("b", TRADE, "2")
    market.limit(bravo, "c", BUY, "2", "98.5")
    assert market.told(bravo, 31, 39) == ("c", TRADE, "98.5", "2")
    assert market.told(alpha, 31, 39, 851) == ("stop", TRADE, "98.5", "2", "1")


def test_stop_that_is_through_on_entry_is_new_then_triggered(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.trade_at(alpha, bravo, "101")
    report = market.enter(alpha, "stop", BUY, "3", STOP, (99, "101"))
    assert facts(report, 636) == [None]
    assert market.told(alpha, 636, 378) == ("stop", RESTATED, "Y", "99")
    assert market.told(alpha, 39) == ("stop", CANCELED, "4")


def test_stops_are_triggered_from_the_market_outwards_each_to_its_end(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.trade_at(alpha, bravo, "100")
    market.enter(alpha, "far", BUY, "1", STOP_LIMIT, (44, "105"), (99, "102"))
    market.enter(alpha, "near", BUY, "1", STOP_LIMIT, (44, "105"), (99, "101"))
    market.enter(alpha, "near2", BUY, "1", STOP_LIMIT, (44, "105"), (99, "101"))
    for name, price in (("b1", "102"), ("b2", "103"), ("b3", "104"), ("b4", "104.5")):
        market.limit(bravo, name, SELL, "1", price)
    market.limit(alpha, "a", BUY, "1", "102")
    assert market.told(alpha, 31) == ("a", TRADE, "102")
    for name, price in (("near", "103"), ("near2", "104"), ("far", "104.5")):
        assert market.told(alpha, 636) == (name, RESTATED, "Y")
        assert market.told(alpha, 31, 39) == (name, TRADE, price, "2")
    assert [market.told(bravo)[0] for _ in range(4)] == ["b1", "b2", "b3", "b4"]


def test_untriggered_stop_is_replaced_and_canceled(
    market: Market, alpha: FixClient, bravo: FixClient, unique: str
) -> None:
    market.trade_at(alpha, bravo, "100")
    market.enter(alpha, "stop", BUY, "3", STOP, (99, "102"))
    ids = [(41, unique + "stop"), (11, unique + "y"), (55, "ACME"), (54, BUY)]
    alpha.send("G", [*ids, (60, sending_time()), (38, "4"), (40, STOP), (99, "103")])
    assert market.told(alpha, 38, 99, 636) == ("y", REPLACED, "4", "103", "N")
    market.limit(bravo, "b", SELL, "1", "102")
    market.limit(alpha, "a", BUY, "1", "102")
    assert market.told(alpha, 39) == ("a", TRADE, "2")
    assert market.told(bravo, 39) == ("b", TRADE, "2")
    alpha.send("F", cancel(unique + "z", unique + "y", BUY))
    assert market.told(alpha, 39, 151, 636) == ("z", CANCELED, "4", "0", None)


# Market with leftover as limit


def test_market_to_limit_rests_at_the_price_it_traded_at(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.limit(bravo, "b1", SELL, "2", "100")
    market.limit(bravo, "b2", SELL, "2", "100.5")
    assert facts(market.enter(alpha, "a", BUY, "5", TO_LIMIT), 40, 44) == ["K", None]
    assert market.told(alpha, 31, 32, 39, 151, 44) == ("a", TRADE, "100", "2", "1", "3", "100")
    assert market.told(bravo) == ("b1", TRADE)
    market.limit(bravo, "b3", SELL, "3", "100")
    assert market.told(bravo, 31) == ("b3", TRADE, "100")
    assert market.told(alpha, 31, 32, 39, 851) == ("a", TRADE, "100", "3", "2", "1")


def test_market_to_limit_that_finds_nothing_is_canceled(market: Market, alpha: FixClient) -> None:
    market.enter(alpha, "a", BUY, "5", TO_LIMIT)
    assert market.told(alpha, 39, 151, 41) == ("a", CANCELED, "4", "0", None)


# Pegged


@pytest.mark.parametrize(
    ("side", "peg", "price", "bid", "moved"),
    [
        (BUY, [PRIMARY], "99", "99.5", "99.5"),
        (BUY, [PRIMARY, (211, "-0.25")], "98.75", "99.5", "99.25"),
        (BUY, [MID], "100", "99.5", "100.25"),
        (BUY, [MID, (211, "0.1")], "100.1", "98.99", "100.09"),
        (BUY, [AT_MARKET, (211, "-0.5")], "100.5", "99.5", None),
        (BUY, [AT_MARKET], "100.99", "99.5", None),
        (SELL, [PRIMARY, (211, "0.05")], "101.05", "99.5", None),
        (SELL, [MID], "100", "99.99", "100.5"),
        (SELL, [AT_MARKET], "99.01", "98.5", "98.51"),
    ],
)
def test_pegged_order_follows_its_reference_and_never_takes(
    market: Market,
    alpha: FixClient,
    bravo: FixClient,
    unique: str,
    side: str,
    peg: list[tuple[int, str]],
    price: str,
    bid: str,
    moved: str | None,
) -> None:
    market.limit(bravo, "bid", BUY, "1", "99")
    market.limit(bravo, "ask", SELL, "1", "101")
    report = market.enter(alpha, "peg", side, "5", PEGGED, *peg)
    assert facts(report, 40, 44, 18, 211) == ["P", price, peg[0][1], dict(peg).get(211)]
    bravo.send("G", replace(unique + "bid2", unique + "bid", BUY, "1", bid))
    assert market.told(bravo, 44, 151) == ("bid2", REPLACED, bid, "1")
    if moved is not None:
        report = next_report(alpha)
        assert facts(report, 150, 39, 44, 378, 151) == [RESTATED, "0", moved, "99", "5"]
        assert report[58].split()[0] == "PEG_REPRICED"
    alpha.send("H", [(11, unique + "peg"), (55, "ACME"), (54, side)])
    assert market.told(alpha, 44, 151, 14) == ("peg", "I", moved or price, "5", "0")


def test_pegged_order_trades_at_its_price(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.limit(bravo, "bid", BUY, "1", "99")
    market.limit(bravo, "ask", SELL, "1", "101")
    market.enter(alpha, "peg", BUY, "5", PEGGED, MID)
    market.limit(bravo, "take", SELL, "5", "100")
    assert market.told(bravo, 31, 32, 851) == ("take", TRADE, "100", "5", "2")
    assert market.told(alpha, 31, 39, 851) == ("peg", TRADE, "100", "2", "1")


@pytest.mark.parametrize("peg", [PRIMARY, MID, AT_MARKET])
def test_pegged_order_without_a_reference_is_rejected(
    market: Market, alpha: FixClient, unique: str, peg: tuple[int, str]
) -> None:
    alpha.send("D", order(unique + "peg", BUY, "5", PEGGED, peg))
    report = next_report(alpha)
    assert facts(report, 150, 103) == ["8", "99"]
    assert report[58].split()[0] == "PEG_WITHOUT_REFERENCE"


def test_pegged_order_stays_when_its_reference_is_lost(
    market: Market, alpha: FixClient, bravo: FixClient, unique: str
) -> None:
    market.limit(bravo, "bid", BUY, "1", "99")
    market.enter(alpha, "peg", BUY, "5", PEGGED, PRIMARY)
    bravo.send("F", cancel(unique + "y", unique + "bid", BUY))
    assert market.told(bravo) == ("y", CANCELED)
    alpha.send("H", [(11, unique + "peg"), (55, "ACME"), (54, BUY)])
    assert market.told(alpha, 44, 151) == ("peg", "I", "99", "5")


# Orders for the auctions


@pytest.mark.parametrize(("ord_type", "more"), [(MARKET, []), ("2", [(44, "100")])])
@pytest.mark.parametrize("tif", ["2", "7"])
def test_auction_order_is_kept_outside_the_book_and_can_be_canceled(
    market: Market,
    alpha: FixClient,
    bravo: FixClient,
    unique: str,
    ord_type: str,
    more: list[tuple[int, str]],
    tif: str,
) -> None:
    report = market.enter(alpha, "a", BUY, "5", ord_type, (59, tif), *more)
    assert facts(report, 59, 636) == [tif, None]
    market.limit(bravo, "b", SELL, "5", "100", (59, "3"))
    assert market.told(bravo, 39, 14) == ("b", CANCELED, "4", "0")
    alpha.send("F", cancel(unique + "y", unique + "a", BUY))
    assert market.told(alpha, 39) == ("y", CANCELED, "4")
