"""Replace requests: priority, quantity and price, fills under the new ClOrdID, every refusal."""

from typing import Any

import msgspec
import pytest

from venue.domain.commands import AddMember, ReplaceOrder
from venue.domain.events import OrderReplaced
from venue.domain.types import OrdStatus

from .builders import (
    Venue,
    buy,
    cancel,
    enter,
    refused,
    replace,
    replaced,
    sell,
    trade,
    view,
)

PARTIAL, FILLED = OrdStatus.PARTIALLY_FILLED, OrdStatus.FILLED
FIRST = view("1", "A1", "1", "5", "100")


@pytest.fixture
def venue(venue: Venue) -> Venue:
    """ALPHA bids 5 at 100, and BRAVO the same behind it."""
    venue.do_all(buy("A1", "5", "100"), buy("B1", "5", "100", session="BRAVO"))
    return venue


def bids(venue: Venue) -> list[tuple[str, int, int]]:
    """(OrderID, price in cents, lots) of the bids, the one that trades first in front."""
    orders = venue.engine.state.orders
    names = {id(order): order_id for order_id, order in orders.items()}
    levels = venue.engine.state.markets["ACME"].book.bids.levels()
    return [
        (names[id(order)], level.price_ticks, order.leaves_lots)
        for level in levels
        for order in level
    ]


def test_lower_quantity_keeps_priority(venue: Venue) -> None:
    assert venue.do(replace("A2", "A1", "3", "100")) == venue.stamped(
        replaced(view("1", "A2", "1", "3", "100"), "A1")
    )
    assert bids(venue) == [("1", 10_000, 3), ("2", 10_000, 5)]


def test_same_quantity_and_price_keep_priority(venue: Venue) -> None:
    assert venue.do(replace("A2", "A1", "5", "100.00")) == venue.stamped(
        replaced(view("1", "A2", "1", "5", "100"), "A1")
    )
    assert bids(venue) == [("1", 10_000, 5), ("2", 10_000, 5)]


def test_higher_quantity_loses_priority(venue: Venue) -> None:
    assert venue.do(replace("A2", "A1", "6", "100")) == venue.stamped(
        replaced(view("1", "A2", "1", "6", "100"), "A1")
    )
    assert bids(venue) == [("2", 10_000, 5), ("1", 10_000, 6)]


def test_changed_price_loses_priority_also_on_the_way_back(venue: Venue) -> None:
    assert venue.do(replace("A2", "A1", "5", "99")) == venue.stamped(
        replaced(view("1", "A2", "1", "5", "99"), "A1")
    )
    assert bids(venue) == [("2", 10_000, 5), ("1", 9_900, 5)]
    venue.do(replace("A3", "A2", "5", "100"))
    assert bids(venue) == [("2", 10_000, 5), ("1", 10_000, 5)]


@pytest.mark.parametrize(
    ("floor", "front"), [("2", "1"), (None, "1"), ("1", "2"), ("3", "2"), ("5", "2")]
)
def test_changed_max_floor_loses_priority(venue: Venue, floor: str | None, front: str) -> None:
    venue.do_all(cancel("A2", "A1"), cancel("B2", "B1", session="BRAVO"))
    iceberg = msgspec.structs.replace(buy("A3", "5", "100"), max_floor="2")
    venue.do_all(iceberg, buy("B3", "5", "100", session="BRAVO"))
    request = msgspec.structs.replace(replace("A4", "A3", "5", "100"), max_floor=floor)
    (event,) = venue.do(request)
    assert isinstance(event, OrderReplaced)
    assert event.order.max_floor == (floor or "2"), "one that names none keeps it"
    assert event.order.displayed_qty == (None if front == "2" else "2")
    assert bids(venue)[0][0] == {"1": "3", "2": "4"}[front]


@pytest.mark.parametrize("qty", ["2", "1"])
def test_quantity_at_or_below_what_is_filled_ends_the_order_filled(venue: Venue, qty: str) -> None:
    venue.do(sell("C1", "2", "100", session="CHARLIE"))
    assert venue.do(replace("A2", "A1", qty, "100")) == venue.stamped(
        replaced(
            view("1", "A2", "1", "2", "100", leaves="0", cum="2", avg="100", status=FILLED), "A1"
        )
    )
    assert bids(venue) == [("2", 10_000, 5)]


def test_quantity_counts_what_is_filled_already(venue: Venue) -> None:
    venue.do(sell("C1", "2", "100", session="CHARLIE"))
    assert venue.do(replace("A2", "A1", "4", "100")) == venue.stamped(
        replaced(
            view("1", "A2", "1", "4", "100", leaves="2", cum="2", avg="100", status=PARTIAL), "A1"
        )
    )
    assert bids(venue) == [("1", 10_000, 2), ("2", 10_000, 5)]


def test_marketable_replacement_trades_under_its_new_cl_ord_id(venue: Venue) -> None:
    venue.do(sell("C1", "2", "101", session="CHARLIE"))
    assert venue.do(replace("A2", "A1", "5", "102")) == venue.stamped(
        replaced(view("1", "A2", "1", "5", "102"), "A1"),
        trade(
            1, "101", "2", "202",
            view("1", "A2", "1", "5", "102", leaves="3", cum="2", avg="101", status=PARTIAL),
            view("3", "C1", "2", "2", "101", session="CHARLIE", leaves="0", cum="2", avg="101",
                 status=FILLED),
            aggressor="1",
        ),
    )  # fmt: skip
    assert bids(venue) == [("1", 10_200, 3), ("2", 10_000, 5)]


def test_resting_order_trades_under_its_new_cl_ord_id(venue: Venue) -> None:
    venue.do(replace("A2", "A1", "3", "100"))
    (_, event) = venue.do(sell("C1", "3", "100", session="CHARLIE"))
    assert [event] == venue.stamped(
        event,
        trade(
            1, "100", "3", "300",
            view("1", "A2", "1", "3", "100", leaves="0", cum="3", avg="100", status=FILLED),
            view("3", "C1", "2", "3", "100", session="CHARLIE", leaves="0", cum="3", avg="100",
                 status=FILLED),
            aggressor="2",
        ),
    )[1:]  # fmt: skip


def test_chain_of_replaces_ends_with_a_cancel_of_the_last(venue: Venue) -> None:
    for old, new in (("A1", "A2"), ("A2", "A3"), ("A3", "A4")):
        (event,) = venue.do(replace(new, old, "4", "100"))
        assert [event] == venue.stamped(replaced(view("1", new, "1", "4", "100"), old))
    (event,) = venue.do(cancel("A5", "A4"))
    assert getattr(event, "orig_cl_ord_id", None) == "A4"
    assert bids(venue) == [("2", 10_000, 5)]


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"side": "2"}, "54=2 was 1"),
        ({"symbol": "GLOBEX"}, "55=GLOBEX was ACME"),
        ({"ord_type": "1"}, "40=1 was 2"),
        ({"tif": "3"}, "59=3 was 0"),
    ],
)
def test_changed_terms_are_refused(venue: Venue, changed: dict[str, Any], detail: str) -> None:
    request = replace("A2", "A1", "5", "100", **changed)
    assert venue.do(request) == venue.stamped(
        refused(request, "ORDER_TERMS_CHANGED", detail, FIRST)
    )


@pytest.mark.parametrize(
    ("wrong", "reason", "detail"),
    [
        (replace("A2", "A1", "5", None), "PRICE_MISSING", "40=2 needs Price(44)"),
        (replace("A2", "A1", None, "100"), "QUANTITY_MISSING", "OrderQty(38) is required"),
        (replace("A2", "A1", "0", "100"), "QUANTITY_NOT_POSITIVE", "38=0 is not above 0"),
        (
            replace("A2", "A1", "5", "100.001"),
            "PRICE_NOT_ON_TICK",
            "44=100.001 is not a multiple of 0.01",
        ),
        (replace("A2", "A1", "4.5", "100"), "QUANTITY_NOT_ON_LOT", "38=4.5 is not a multiple of 1"),
        (
            replace("A2", "A1", "1000001", "100"),
            "ORDER_QUANTITY_TOO_LARGE",
            "38=1000001 is more than 1000000",
        ),
        (
            replace("A2", "A1", "500001", "100"),
            "ORDER_VALUE_TOO_LARGE",
            "50000100 USD is more than 50000000",
        ),
        (
            replace("A2", "A1", "5", "110.01"),
            "PRICE_OUTSIDE_COLLAR",
            "44=110.01 is outside 90 to 110",
        ),
        (
            replace("A2", "A1", "5", "100", unsupported="854=1"),
            "UNSUPPORTED_INSTRUCTION",
            "854=1 is not offered",
        ),
        (
            replace("A1", "A1", "4", "100"),
            "DUPLICATE_CL_ORD_ID",
            "11=A1 was used before today",
        ),
    ],
)
def test_refused_replacement_leaves_the_order_as_it_was(
    venue: Venue, wrong: ReplaceOrder, reason: str, detail: str
) -> None:
    before = bids(venue)
    assert venue.do(wrong) == venue.stamped(refused(wrong, reason, detail, FIRST))
    assert bids(venue) == before
    (event,) = venue.do(replace("A9", "A1", "5", "100"))
    assert [event] == venue.stamped(replaced(view("1", "A9", "1", "5", "100"), "A1"))


def test_cl_ord_id_of_a_refused_replacement_is_spent_and_names_nothing(venue: Venue) -> None:
    venue.do(replace("A2", "A1", "5", "500"))
    again = replace("A2", "A1", "5", "99")
    assert venue.do(again) == venue.stamped(
        refused(again, "DUPLICATE_CL_ORD_ID", "11=A2 was used before today", FIRST)
    )
    named = replace("A3", "A2", "5", "99")
    assert venue.do(named) == venue.stamped(
        refused(named, "UNKNOWN_ORDER", "41=A2 names no order", None)
    )


def test_replacement_of_a_finished_order_is_refused_with_its_status(venue: Venue) -> None:
    venue.do(sell("C1", "5", "100", session="CHARLIE"))
    request = replace("A2", "A1", "7", "100")
    filled = view("1", "A1", "1", "5", "100", status=FILLED)
    assert venue.do(request) == venue.stamped(
        refused(request, "ORDER_FINISHED", "order 1 is no longer open", filled)
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"session": "BRAVO"},
        {"session": "BRAVO", "order_id": "1"},
        {"session": "ALPHA2"},
        {"session": "ALPHA2", "order_id": "2"},
        {"order_id": "2"},
    ],
)
def test_order_that_the_request_does_not_own_looks_unknown(
    venue: Venue, changed: dict[str, Any]
) -> None:
    request = replace("X1", "A1", "5", "99", **changed)
    assert venue.do(request) == venue.stamped(
        refused(request, "UNKNOWN_ORDER", "41=A1 names no order", None)
    )


def test_order_modified_since_is_refused_and_stays(venue: Venue) -> None:
    modified_ms = venue.now_ns // 1_000_000
    request = replace("A2", "A1", "3", "100", orig_ord_mod_ms=modified_ms + 1)
    assert venue.do(request) == venue.stamped(
        refused(request, "ORDER_MODIFIED_SINCE", "586 is 1 ms from its last acceptance", FIRST)
    )
    assert bids(venue) == [("1", 10_000, 5), ("2", 10_000, 5)]
    in_time = replace("A3", "A1", "3", "100", orig_ord_mod_ms=modified_ms)
    assert venue.do(in_time) == venue.stamped(replaced(view("1", "A3", "1", "3", "100"), "A1"))


def test_replacement_is_refused_over_the_credit_limit_and_taken_at_it(venue: Venue) -> None:
    venue.do(AddMember("ALPHA", (), "600", 1000))
    request = replace("A2", "A1", "6", "100.01")
    assert venue.do(request) == venue.stamped(
        refused(
            request,
            "CREDIT_LIMIT_EXCEEDED",
            "ALPHA: exposure 500 and 100.06 more would pass 600",
            FIRST,
        )
    )
    assert venue.do(replace("A3", "A1", "6", "100")) == venue.stamped(
        replaced(view("1", "A3", "1", "6", "100"), "A1")
    )


def test_replacement_that_lowers_exposure_is_taken_though_the_limit_is_passed(
    venue: Venue,
) -> None:
    venue.do(AddMember("ALPHA", (), "1", 0))
    assert venue.do(replace("A2", "A1", "4", "100")) == venue.stamped(
        replaced(view("1", "A2", "1", "4", "100"), "A1")
    )


def test_market_order_has_ended_before_it_could_be_replaced(venue: Venue) -> None:
    venue.do(enter("A7", "2", "1", None, ord_type="1"))
    request = replace("A8", "A7", "1", None, "2", ord_type="1")
    filled = view("3", "A7", "2", "1", None, ord_type="1", status=FILLED)
    assert venue.do(request) == venue.stamped(
        refused(request, "ORDER_FINISHED", "order 3 is no longer open", filled)
    )
