"""Each condition over a raw socket: FOK, MinQty, all-or-none, iceberg, post-only, self-match."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fix.scenario import (
    BUY,
    CANCELED,
    EXPIRED,
    REPLACED,
    RESTATED,
    SELL,
    STATUS,
    TRADE,
    Market,
    facts,
    next_report,
    order,
)
from tests.fix_client import FixClient
from tests.fix_message import Field, Message, cancel, replace
from venue.admin.client import call

PARTIES: list[Field] = [
    (453, "5"),
    (448, "ALPHA"), (447, "D"), (452, "1"),
    (448, "CLIENT-9"), (447, "D"), (452, "3"),
    (448, "TRADER-1"), (447, "D"), (452, "12"),
    (448, "CUST"), (447, "C"), (452, "24"),
    (448, "DESK"), (447, "D"), (452, "36"),
]  # fmt: skip


# Min quantity, all or none


def test_min_qty_trades_only_when_that_much_is_there(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.limit(bravo, "b", SELL, "4", "100")
    ioc = ((59, "3"), (110, "5"))
    assert facts(market.limit(alpha, "a", BUY, "8", "100", *ioc), 110) == ["5"]
    assert market.told(alpha, 39, 14) == ("a", CANCELED, "4", "0")
    market.limit(bravo, "b2", SELL, "2", "100")
    market.limit(alpha, "c", BUY, "8", "100", *ioc)
    assert market.told(alpha, 32) == ("c", TRADE, "4")
    assert market.told(alpha, 32) == ("c", TRADE, "2")
    assert market.told(alpha, 39, 14, 110) == ("c", CANCELED, "4", "6", "5")
    assert [market.told(bravo, 39) for _ in range(2)] == [("b", TRADE, "2"), ("b2", TRADE, "2")]


def test_all_or_none_waits_until_its_whole_quantity_is_there(
    market: Market, alpha: FixClient, bravo: FixClient, data_dir: Path
) -> None:
    market.limit(bravo, "b1", BUY, "4", "100")
    market.limit(alpha, "aon", SELL, "10", "99.5", (18, "G"))
    assert call(data_dir, {"query": "book", "symbol": "ACME"})["asks"] == []
    market.limit(bravo, "b2", BUY, "6", "99.5")
    assert market.told(alpha, 32, 31, 39, 851) == ("aon", TRADE, "4", "100", "1", "2")
    assert market.told(alpha, 32, 31, 39, 851) == ("aon", TRADE, "6", "99.5", "2", "2")
    assert [market.told(bravo, 39, 851) for _ in range(2)] == [
        ("b1", TRADE, "2", "1"), ("b2", TRADE, "2", "1"),
    ]  # fmt: skip


def test_waiting_all_or_none_is_replaced_and_canceled(
    market: Market, alpha: FixClient, bravo: FixClient, unique: str
) -> None:
    market.limit(bravo, "b", BUY, "4", "100")
    market.limit(alpha, "aon", SELL, "10", "100", (18, "G"))
    alpha.send("G", replace(unique + "y", unique + "aon", SELL, "9", "100"))
    assert market.told(alpha, 38, 151, 18) == ("y", REPLACED, "9", "9", "G")
    alpha.send("F", cancel(unique + "z", unique + "y", SELL))
    assert market.told(alpha, 39) == ("z", CANCELED, "4")


# Iceberg, post-only


def test_iceberg_shows_slices_and_each_goes_to_the_back(
    market: Market, alpha: FixClient, bravo: FixClient, data_dir: Path
) -> None:
    report = market.limit(alpha, "ice", SELL, "10", "100", (111, "3"))
    assert facts(report, 38, 111, 151) == ["10", "3", "10"]
    market.limit(alpha, "plain", SELL, "2", "100")
    book = call(data_dir, {"query": "book", "symbol": "ACME"})
    assert book["asks"] == [["100", "5", 2]]
    market.limit(bravo, "b", BUY, "7", "100")
    took = [market.told(bravo, 32, 851) for _ in range(3)]
    assert took == [("b", TRADE, "3", "2"), ("b", TRADE, "2", "2"), ("b", TRADE, "2", "2")]
    assert market.told(alpha, 32, 151, 851) == ("ice", TRADE, "3", "7", "1")
    assert market.told(alpha, 32, 151, 851) == ("plain", TRADE, "2", "0", "1")
    assert market.told(alpha, 32, 151, 851) == ("ice", TRADE, "2", "5", "1")
    book = call(data_dir, {"query": "book", "symbol": "ACME"})
    assert book["asks"] == [["100", "1", 1]], "what is left of the second slice"
    market.limit(bravo, "c", BUY, "5", "100")
    assert [market.told(bravo, 32)[2] for _ in range(3)] == ["1", "3", "1"]
    assert [market.told(alpha, 32, 39)[2:] for _ in range(3)] == [
        ("1", "1"), ("3", "1"), ("1", "2"),
    ]  # fmt: skip


def test_replace_without_max_floor_keeps_it_and_with_it_changes_it(
    market: Market, alpha: FixClient, unique: str
) -> None:
    market.limit(alpha, "ice", SELL, "10", "100", (111, "3"))
    alpha.send("G", replace(unique + "y", unique + "ice", SELL, "12", "100"))
    assert market.told(alpha, 38, 111) == ("y", REPLACED, "12", "3")
    body = replace(unique + "z", unique + "y", SELL, "12", "100", extra=[(111, "4")])
    alpha.send("G", body)
    assert market.told(alpha, 38, 111) == ("z", REPLACED, "12", "4")


def test_post_only_rests_or_is_canceled_before_it_takes(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.limit(bravo, "b", SELL, "4", "100")
    market.limit(alpha, "rests", BUY, "5", "99.99", (18, "6"))
    market.limit(alpha, "takes", BUY, "5", "100", (18, "6"))
    report = next_report(alpha)
    assert facts(report, 150, 39, 151, 41, 378) == [CANCELED, "4", "0", None, None]
    assert report[58].split()[0] == "POST_ONLY_WOULD_TAKE"
    market.limit(bravo, "c", SELL, "5", "99.99")
    assert market.told(bravo, 32) == ("c", TRADE, "5")
    assert market.told(alpha, 32, 851) == ("rests", TRADE, "5", "1")


def test_halt_instructions_are_taken_and_echoed(market: Market, alpha: FixClient) -> None:
    assert facts(market.limit(alpha, "j", BUY, "1", "99", (18, "J")), 18) == ["J"]
    assert facts(market.limit(alpha, "k", BUY, "1", "99", (18, "6 K")), 18) == ["6 K"]


# Self-match prevention


def prevented(report: Message, name: str, exec_type: str, reason: str, leaves: str) -> None:
    """The report says what self-match prevention did to the order of that name."""
    assert report[11].endswith(name), report
    assert facts(report, 150, 378, 151) == [exec_type, reason, leaves], report
    assert report[58].split()[0] == "SELF_MATCH_PREVENTED"


@pytest.mark.parametrize(
    ("mode", "qty", "expected"),
    [
        (None, "3", [("buy", CANCELED, "99", "0")]),
        ("N", "3", [("buy", CANCELED, "99", "0")]),
        ("O", "3", [("sell", CANCELED, "99", "0")]),
        ("B", "3", [("sell", CANCELED, "99", "0"), ("buy", CANCELED, "99", "0")]),
        ("D", "3", [("sell", RESTATED, "5", "2"), ("buy", CANCELED, "99", "0")]),
        ("D", "8", [("sell", CANCELED, "99", "0"), ("buy", RESTATED, "5", "3")]),
        ("D", "5", [("sell", CANCELED, "99", "0"), ("buy", CANCELED, "99", "0")]),
    ],
)
def test_orders_of_one_owner_do_not_trade(
    market: Market,
    alpha: FixClient,
    mode: str | None,
    qty: str,
    expected: list[tuple[str, str, str, str]],
) -> None:
    market.limit(alpha, "sell", SELL, "5", "100", (7928, "desk"))
    own = [(7928, "desk"), *([(8000, mode)] if mode else [])]
    market.limit(alpha, "buy", BUY, qty, "100", *own)
    for name, exec_type, reason, leaves in expected:
        report = next_report(alpha)
        prevented(report, name, exec_type, reason, leaves)
        if exec_type == RESTATED:
            assert report[38] == leaves


def test_other_orders_trade_before_and_beside_self_match_prevention(
    market: Market, alpha: FixClient, bravo: FixClient
) -> None:
    market.limit(bravo, "b1", SELL, "2", "100", (7928, "desk"))
    market.limit(alpha, "own", SELL, "5", "100", (7928, "desk"))
    market.limit(alpha, "other", SELL, "1", "100", (7928, "desk2"))
    market.limit(alpha, "buy", BUY, "9", "100", (7928, "desk"), (8000, "O"))
    assert market.told(alpha, 32) == ("buy", TRADE, "2"), "another member's desk is another desk"
    prevented(next_report(alpha), "own", CANCELED, "99", "0")
    told = {market.told(alpha, 32, 151, 851) for _ in range(2)}
    assert told == {("buy", TRADE, "1", "6", "2"), ("other", TRADE, "1", "0", "1")}
    assert market.told(bravo, 39) == ("b1", TRADE, "2")


# Good till date


def test_good_till_time_expires_by_itself(market: Market, alpha: FixClient) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=1)
    ends = moment.strftime("%Y%m%d-%H:%M:%S.%f")[:-3]
    report = market.limit(alpha, "a", BUY, "5", "99", (59, "6"), (126, ends))
    assert facts(report, 59, 126, 432) == ["6", ends, None]
    expired = next_report(alpha)
    assert facts(expired, 150, 39, 151, 126, 41) == [EXPIRED, "C", "0", ends, None]
    assert expired[60] >= ends and expired[58].split()[0] == "EXPIRED"


def test_good_till_date_is_taken_and_echoed(market: Market, alpha: FixClient, unique: str) -> None:
    report = market.limit(alpha, "a", BUY, "5", "99", (59, "6"), (432, "20991231"))
    assert facts(report, 59, 432, 126) == ["6", "20991231", None]
    alpha.send("F", cancel(unique + "y", unique + "a", BUY))
    assert market.told(alpha, 432) == ("y", CANCELED, "20991231")


# OrigOrdModTime, accounts and parties


@pytest.mark.parametrize("msg_type", ["F", "G"])
def test_request_on_another_version_of_the_order_is_refused(
    market: Market, alpha: FixClient, unique: str, msg_type: str
) -> None:
    modified = market.limit(alpha, "x", BUY, "5", "99")[60]

    def request(name: str, version: str) -> list[Field]:
        ids = (unique + name, unique + "x", BUY)
        if msg_type == "F":
            return cancel(*ids, extra=[(586, version)])
        return replace(*ids, "6", "99", extra=[(586, version)])

    alpha.send(msg_type, request("y", "20260101-00:00:00.000"))
    reject = next_report(alpha)
    assert facts(reject, 35, 102, 39) == ["9", "5", "0"]
    assert reject[58].split()[0] == "ORDER_MODIFIED_SINCE"
    alpha.send(msg_type, request("z", modified))
    assert market.told(alpha, 39)[:2] == ("z", CANCELED if msg_type == "F" else REPLACED)


def test_account_capacity_and_parties_are_in_every_report_of_the_order(
    market: Market, alpha: FixClient, bravo: FixClient, unique: str
) -> None:
    owner: list[Field] = [(1, "ACC-7"), (528, "A"), *PARTIES]
    reports = [market.limit(alpha, "x", BUY, "5", "100", *owner)]
    market.limit(bravo, "b", SELL, "2", "100")
    assert market.told(bravo, 1, 453) == ("b", TRADE, None, None)
    alpha.send("G", replace(unique + "y", unique + "x", BUY, "6", "100"))
    alpha.send("H", [(11, unique + "x"), (55, "ACME"), (54, BUY)])
    alpha.send("F", cancel(unique + "z", unique + "y", BUY))
    reports += [next_report(alpha) for _ in range(4)]
    alpha.send("D", order(unique + "bad", BUY, "0", "2", (44, "100"), *owner))
    reports.append(next_report(alpha))
    assert [r[150] for r in reports] == ["0", TRADE, REPLACED, STATUS, CANCELED, "8"]
    for report in reports:
        assert facts(report, 1, 528, 453) == ["ACC-7", "A", "5"], report
        group = [field for field in report.fields if field[0] in (448, 447, 452)]
        assert group == PARTIES[1:], report
