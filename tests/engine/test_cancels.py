"""Cancel requests: what ends, and each refusal with what it says of the order."""

from typing import Any

import pytest

from venue.domain.types import OrdStatus

from .builders import (
    Venue,
    buy,
    cancel,
    canceled,
    refused,
    rejected,
    replace,
    sell,
    view,
)

CANCELED = OrdStatus.CANCELED


@pytest.fixture
def venue(venue: Venue) -> Venue:
    venue.do(buy("A1", "5", "100"))
    return venue


def best_bid_lots(venue: Venue) -> int:
    best = venue.engine.state.markets["ACME"].book.bids.best
    return 0 if best is None else best.lots


def test_canceled_order_leaves_the_book_under_the_requests_cl_ord_id(venue: Venue) -> None:
    assert venue.do(cancel("A2", "A1")) == venue.stamped(
        canceled(view("1", "A1", "1", "5", "100", leaves="0", status=CANCELED), "A2")
    )
    assert best_bid_lots(venue) == 0


def test_cancel_keeps_what_was_filled(venue: Venue) -> None:
    venue.do(sell("B1", "2", "100"))
    assert venue.do(cancel("A2", "A1")) == venue.stamped(
        canceled(
            view("1", "A1", "1", "5", "100", leaves="0", cum="2", avg="100", status=CANCELED), "A2"
        )
    )


def test_order_id_that_agrees_is_accepted(venue: Venue) -> None:
    (event,) = venue.do(cancel("A2", "A1", order_id="1"))
    assert [event] == venue.stamped(
        canceled(view("1", "A1", "1", "5", "100", leaves="0", status=CANCELED), "A2")
    )


def test_unknown_order_is_refused(venue: Venue) -> None:
    request = cancel("A2", "NOPE")
    assert venue.do(request) == venue.stamped(
        refused(request, "UNKNOWN_ORDER", "41=NOPE names no order", None)
    )


def test_order_id_that_disagrees_makes_the_order_unknown(venue: Venue) -> None:
    request = cancel("A2", "A1", order_id="2")
    assert venue.do(request) == venue.stamped(
        refused(request, "UNKNOWN_ORDER", "41=A1 names no order", None)
    )
    assert best_bid_lots(venue) == 5


@pytest.mark.parametrize(
    ("session", "order_id"), [("BRAVO", None), ("BRAVO", "1"), ("ALPHA2", None), ("ALPHA2", "2")]
)
def test_order_of_another_session_looks_unknown(
    venue: Venue, session: str, order_id: str | None
) -> None:
    request = cancel("X1", "A1", session=session, order_id=order_id)
    assert venue.do(request) == venue.stamped(
        refused(request, "UNKNOWN_ORDER", "41=A1 names no order", None)
    )
    assert best_bid_lots(venue) == 5


@pytest.mark.parametrize(
    ("later_ms", "difference"), [(1, "1"), (-1, "-1"), (1000, "1000"), (-60_000, "-60000")]
)
def test_order_modified_since_is_refused(venue: Venue, later_ms: int, difference: str) -> None:
    venue.now_ns += 7_000_000  # so that its time is not a whole second
    venue.do(replace("A2", "A1", "4", "100"))
    modified_ms = venue.now_ns // 1_000_000
    request = cancel("A3", "A2", orig_ord_mod_ms=modified_ms + later_ms)
    assert venue.do(request) == venue.stamped(
        refused(
            request,
            "ORDER_MODIFIED_SINCE",
            f"586 is {difference} ms from its last acceptance",
            view("1", "A2", "1", "4", "100"),
        )
    )
    assert best_bid_lots(venue) == 4
    (event,) = venue.do(cancel("A4", "A2", orig_ord_mod_ms=modified_ms))
    assert getattr(event, "orig_cl_ord_id", None) == "A2"


def test_modification_time_in_whole_seconds_agrees_with_the_second(venue: Venue) -> None:
    venue.now_ns += 7_000_000
    venue.do(replace("A2", "A1", "4", "100"))
    second_ms = venue.now_ns // 1_000_000_000 * 1_000
    request = cancel("A3", "A2", orig_ord_mod_ms=second_ms - 1_000)
    (event,) = venue.do(request)
    assert getattr(event, "reason", None) == "ORDER_MODIFIED_SINCE"
    (event,) = venue.do(cancel("A4", "A2", orig_ord_mod_ms=second_ms))
    assert getattr(event, "orig_cl_ord_id", None) == "A2"


def test_modification_time_is_looked_at_before_side_and_symbol(venue: Venue) -> None:
    request = cancel("A2", "A1", "2", orig_ord_mod_ms=1)
    (event,) = venue.do(request)
    assert getattr(event, "reason", None) == "ORDER_MODIFIED_SINCE"


def test_filled_order_is_refused_with_its_status(venue: Venue) -> None:
    venue.do(sell("B1", "5", "100"))
    request = cancel("A2", "A1")
    order = view("1", "A1", "1", "5", "100", status=OrdStatus.FILLED)
    assert venue.do(request) == venue.stamped(
        refused(request, "ORDER_FINISHED", "order 1 is no longer open", order)
    )


def test_canceled_order_is_refused_with_its_status(venue: Venue) -> None:
    venue.do(cancel("A2", "A1"))
    request = cancel("A3", "A1")
    assert venue.do(request) == venue.stamped(
        refused(
            request,
            "ORDER_FINISHED",
            "order 1 is no longer open",
            view("1", "A1", "1", "5", "100", status=CANCELED),
        )
    )


def test_superseded_cl_ord_id_names_no_order(venue: Venue) -> None:
    venue.do(replace("A2", "A1", "4", "100"))
    request = cancel("A3", "A1")
    assert venue.do(request) == venue.stamped(
        refused(request, "UNKNOWN_ORDER", "41=A1 names no order", None)
    )
    assert best_bid_lots(venue) == 4


@pytest.mark.parametrize(
    ("changed", "detail"),
    [({"side": "2"}, "54=2 was 1"), ({"symbol": "GLOBEX"}, "55=GLOBEX was ACME")],
)
def test_wrong_side_or_symbol_is_refused(
    venue: Venue, changed: dict[str, Any], detail: str
) -> None:
    request = cancel("A2", "A1", **changed)
    order = view("1", "A1", "1", "5", "100")
    assert venue.do(request) == venue.stamped(
        refused(request, "ORDER_TERMS_CHANGED", detail, order)
    )
    assert best_bid_lots(venue) == 5


def test_duplicate_cl_ord_id_is_refused_with_the_order_it_names(venue: Venue) -> None:
    venue.do(buy("A2", "1", "90"))
    request = cancel("A2", "A1")
    order = view("1", "A1", "1", "5", "100")
    assert venue.do(request) == venue.stamped(
        refused(request, "DUPLICATE_CL_ORD_ID", "11=A2 was used before today", order)
    )
    assert best_bid_lots(venue) == 5


def test_duplicate_cl_ord_id_comes_before_an_unknown_order(venue: Venue) -> None:
    request = cancel("A1", "NOPE")
    assert venue.do(request) == venue.stamped(
        refused(request, "DUPLICATE_CL_ORD_ID", "11=A1 was used before today", None)
    )


def test_refused_request_does_not_take_a_cl_ord_id_from_its_order(venue: Venue) -> None:
    venue.do(cancel("A1", "A1"))  # refused: duplicate
    venue.do(cancel("A2", "A1"))
    assert best_bid_lots(venue) == 0


def test_cl_ord_id_of_a_refused_request_is_spent(venue: Venue) -> None:
    venue.do(cancel("A2", "NOPE"))
    order = buy("A2", "1", "90")
    (event,) = venue.do(order)
    assert getattr(event, "reason", None) == "DUPLICATE_CL_ORD_ID"
    request = cancel("A3", "A2")
    assert venue.do(request) == venue.stamped(
        refused(request, "UNKNOWN_ORDER", "41=A2 names no order", None)
    )


def test_cl_ord_id_of_an_accepted_request_is_spent(venue: Venue) -> None:
    venue.do(cancel("A2", "A1"))
    order = buy("A2", "1", "90")
    assert venue.do(order) == venue.stamped(
        rejected(order, "DUPLICATE_CL_ORD_ID", "11=A2 was used before today")
    )


def test_session_that_is_not_entitled_is_refused(venue: Venue) -> None:
    request = cancel("A2", "A1", session="NOBODY")
    assert venue.do(request) == venue.stamped(
        refused(request, "SESSION_NOT_ENTITLED", "the session may not enter orders", None)
    )
