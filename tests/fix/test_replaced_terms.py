"""What a replacement may change; what it may not is refused: never confirmed and dropped."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fix.scenario import (
    BUY,
    CANCELED,
    REPLACED,
    RESTATED,
    SELL,
    TRADE,
    Life,
    Market,
    facts,
    next_report,
)
from tests.fix_client import FixClient
from tests.fix_message import Field, cancel, replace, sending_time


def later(seconds: int) -> str:
    """A UTCTimestamp from now."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y%m%d-%H:%M:%S.000")


def request(
    market: Market, name: str, orig: str, side: str, qty: str, ord_type: str, *extra: Field
) -> list[Field]:
    """Body of an OrderCancelReplaceRequest of any order type."""
    ids: list[Field] = [(11, market.prefix + name), (41, market.prefix + orig)]
    return [*ids, (55, "ACME"), (54, side), (60, sending_time()), (38, qty), (40, ord_type), *extra]


def test_post_only_that_a_replacement_asks_for_does_not_take(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.limit(bravo, "b", SELL, "4", "100")
    market.limit(alpha, "a", BUY, "5", "99")
    alpha.send("G", request(market, "y", "a", BUY, "5", "2", (44, "100"), (18, "6")))
    assert market.told(alpha, 39, 18, 44) == ("y", REPLACED, "0", "6", "100")
    assert market.told(alpha, 39, 14) == ("y", CANCELED, "4", "0")


def test_order_becomes_all_or_none_and_waits(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.limit(alpha, "a", BUY, "5", "99")
    alpha.send("G", request(market, "y", "a", BUY, "5", "2", (44, "99"), (18, "G")))
    assert market.told(alpha, 18) == ("y", REPLACED, "G")
    market.limit(bravo, "few", SELL, "4", "99")
    market.limit(bravo, "more", SELL, "1", "99")
    assert market.told(alpha, 32, 39) == ("y", TRADE, "4", "1")
    assert market.told(alpha, 32, 39) == ("y", TRADE, "1", "2")
    assert [market.told(bravo, 39) for _ in range(2)] == [("few", TRADE, "2"), ("more", TRADE, "2")]


def test_shortened_expire_time_is_the_one_that_counts(market: Market, alpha: FixClient) -> None:
    gtd: tuple[Field, ...] = ((59, "6"), (126, later(3_600)))
    market.limit(alpha, "a", BUY, "5", "99", *gtd)
    shorter = later(3)
    alpha.send("G", request(market, "y", "a", BUY, "5", "2", (44, "99"), (126, shorter)))
    assert market.told(alpha, 126) == ("y", REPLACED, shorter)
    report = alpha.expect(lambda m: m.get(150) == "C", timeout=20)
    assert report[11] == market.prefix + "y"
    assert report[60] >= shorter


def test_expire_date_takes_the_place_of_a_time(market: Market, alpha: FixClient) -> None:
    market.limit(alpha, "a", BUY, "5", "99", (59, "6"), (126, later(3_600)))
    alpha.send("G", request(market, "y", "a", BUY, "5", "2", (44, "99"), (432, "20991231")))
    assert market.told(alpha, 126, 432) == ("y", REPLACED, None, "20991231")
    alpha.send("F", cancel(market.prefix + "z", market.prefix + "y", BUY))
    assert market.told(alpha, 432) == ("z", CANCELED, "20991231")


def test_peg_offset_moves_the_peg(market: Market, alpha: FixClient, bravo: FixClient) -> None:
    market.limit(bravo, "b", BUY, "1", "99")
    market.enter(alpha, "a", BUY, "5", "P", (18, "R"), (211, "-1"))
    alpha.send("G", request(market, "y", "a", BUY, "5", "P", (211, "-0.5")))
    assert market.told(alpha, 44, 211, 18) == ("y", REPLACED, "98.5", "-0.5", "R")


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ((1, "OTHER"), "ORDER_TERMS_CHANGED"),
        ((528, "P"), "ORDER_TERMS_CHANGED"),
        ((7928, "mine"), "ORDER_TERMS_CHANGED"),
        ((8000, "O"), "ORDER_TERMS_CHANGED"),
        ((59, "1"), "ORDER_TERMS_CHANGED"),
        ((110, "2"), "COMBINATION_NOT_OFFERED"),
        ((126, "20991231-10:00:00"), "EXPIRE_NOT_ALLOWED"),
        ((432, "20991231"), "EXPIRE_NOT_ALLOWED"),
        ((211, "1"), "PEG_NOT_ALLOWED"),
        ((18, "R"), "PEG_NOT_ALLOWED"),
        ((18, "1"), "UNSUPPORTED_INSTRUCTION"),
        ((152, "100"), "UNSUPPORTED_INSTRUCTION"),
        ((99, "101"), "STOP_PX_NOT_ALLOWED"),
    ],
)
def test_what_a_replacement_may_not_change_is_refused(life: Life, field: Field, code: str) -> None:
    life.enter()
    life.replace("y", "x", "10", "100", field)
    life.expect_refused("y", "x", "0", "99", code, to="2")
    life.cancel("z", "x")
    life.expect(CANCELED, "4", "10 0 0", "z", more={41: "x"})


def test_other_parties_are_refused_and_the_same_ones_taken(
    market: Market, alpha: FixClient
) -> None:
    client: list[Field] = [(453, "1"), (448, "CLIENT-9"), (447, "D"), (452, "3")]
    market.limit(alpha, "a", BUY, "5", "99", *client)
    other: list[Field] = [(453, "1"), (448, "CLIENT-8"), (447, "D"), (452, "3")]
    alpha.send("G", request(market, "y", "a", BUY, "4", "2", (44, "99"), *other))
    report = next_report(alpha)
    assert facts(report, 35, 102) == ["9", "99"]
    assert report[58] == "ORDER_TERMS_CHANGED 448=CLIENT-8 was CLIENT-9"
    alpha.send("G", request(market, "z", "a", BUY, "4", "2", (44, "99"), *client))
    assert market.told(alpha, 38, 448) == ("z", REPLACED, "4", "CLIENT-9")


def test_stop_price_of_a_triggered_stop_is_kept_or_refused(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.trade_at(bravo, alpha, "100")
    market.enter(alpha, "a", BUY, "5", "4", (44, "99"), (99, "100"))
    assert market.told(alpha, 636) == ("a", RESTATED, "Y")
    price: Field = (44, "98")
    alpha.send("G", request(market, "y", "a", BUY, "5", "4", price, (99, "105")))
    report = next_report(alpha)
    assert report[58].startswith("ORDER_TERMS_CHANGED 99=105 was 100, and is triggered")
    alpha.send("G", request(market, "z", "a", BUY, "5", "4", price, (99, "100.00")))
    assert market.told(alpha, 44, 99) == ("z", REPLACED, "98", "100")


def test_market_to_limit_needs_its_price_and_is_told_so(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.limit(bravo, "b", SELL, "1", "100")
    market.enter(alpha, "a", BUY, "5", "K")
    assert market.told(alpha, 31) == ("a", TRADE, "100")
    assert market.told(bravo, 31) == ("b", TRADE, "100")
    alpha.send("G", request(market, "y", "a", BUY, "4", "K"))
    assert next_report(alpha)[58] == "PRICE_MISSING 40=K needs Price(44)"
    alpha.send("G", request(market, "z", "a", BUY, "4", "K", (44, "99")))
    assert market.told(alpha, 38, 44) == ("z", REPLACED, "4", "99")


def test_quantity_below_the_slice_is_refused_before_its_size(
    market: Market, alpha: FixClient
) -> None:
    market.limit(alpha, "a", BUY, "9", "99", (111, "4"))
    for name, qty, floor in (("y", "3", None), ("z", "900000000", "0"), ("w", "900000000", None)):
        fields = replace(market.prefix + name, market.prefix + "a", BUY, qty, "99")
        alpha.send("G", [*fields, *([(111, floor)] if floor is not None else [])])
        assert next_report(alpha)[58].split()[0] == "MAX_FLOOR_OUT_OF_RANGE", name
    alpha.send("G", request(market, "v", "a", BUY, "3", "2", (44, "99"), (111, "3")))
    assert market.told(alpha, 38, 111) == ("v", REPLACED, "3", "3")


@pytest.mark.parametrize("stop_px", ["15000000000000", "110.01", "89.99"])
def test_stop_price_beyond_the_static_collar_is_refused(
    market: Market, alpha: FixClient, stop_px: str
) -> None:
    fields: list[Field] = [(11, market.prefix + "a"), (55, "ACME"), (54, BUY), (38, "1")]
    alpha.send("D", [*fields, (60, sending_time()), (40, "3"), (99, stop_px)])
    report = next_report(alpha)
    assert facts(report, 39, 103) == ["8", "99"]
    assert report[58] == f"PRICE_OUTSIDE_COLLAR 99={stop_px} is outside 90 to 110"
    market.enter(alpha, "b", BUY, "1", "3", (99, "105"))
    alpha.send("G", request(market, "y", "b", BUY, "1", "3", (99, stop_px)))
    assert next_report(alpha)[58].startswith(f"PRICE_OUTSIDE_COLLAR 99={stop_px}")


def test_unchanged_replacement_and_another_expiry_keep_the_place_and_a_raise_does_not(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.limit(alpha, "a", BUY, "1", "99", (59, "6"), (432, "20991231"))
    market.limit(alpha, "b", BUY, "1", "99")
    alpha.send("G", request(market, "y", "a", BUY, "1", "2", (44, "99")))
    alpha.send("G", request(market, "z", "y", BUY, "1", "2", (44, "99"), (432, "20991230")))
    assert market.told(alpha, 432) == ("y", REPLACED, "20991231")
    assert market.told(alpha, 432) == ("z", REPLACED, "20991230")
    market.limit(bravo, "s", SELL, "1", "99")
    assert market.told(alpha, 39) == ("z", TRADE, "2")
    assert market.told(bravo, 39) == ("s", TRADE, "2")


def test_market_to_limit_takes_the_best_price_of_others(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    own: Field = (7928, "desk")
    market.limit(alpha, "own", BUY, "3", "99.5", own)
    market.limit(bravo, "b", BUY, "5", "99")
    market.enter(alpha, "k", SELL, "4", "K", own, (8000, "O"))
    assert market.told(alpha, 39) == ("own", CANCELED, "4")
    assert market.told(alpha, 39, 31, 32) == ("k", TRADE, "2", "99", "4")
    assert market.told(bravo, 39, 32) == ("b", TRADE, "1", "4")


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("N", [("k", CANCELED, "0")]),
        ("B", [("own", CANCELED, "0"), ("k", CANCELED, "0")]),
        ("D", [("own", CANCELED, "0"), ("k", RESTATED, "0"), ("k", TRADE, "1")]),
    ],
)
def test_market_to_limit_meets_its_owners_order_first(
    market: Market,
    alpha: FixClient,
    bravo: FixClient,
    mode: str,
    told: list[tuple[str, str, str]],
) -> None:
    own: Field = (7928, "desk")
    market.limit(alpha, "own", BUY, "3", "99.5", own)
    market.limit(bravo, "b", BUY, "5", "99")
    market.enter(alpha, "k", SELL, "4", "K", own, (8000, mode))
    assert [market.told(alpha, 14) for _ in told] == told
    if mode == "D":
        assert market.told(bravo, 31, 32) == ("b", TRADE, "99", "1")
