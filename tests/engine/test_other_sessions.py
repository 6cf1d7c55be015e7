"""Requests for an order that another session of the same member has entered: OrderID is needed."""

import pytest

from venue.domain.types import OrdStatus

from .builders import (
    Venue,
    accepted,
    buy,
    cancel,
    canceled,
    refused,
    rejected,
    replace,
    replaced,
    view,
)

CANCELED = OrdStatus.CANCELED


@pytest.fixture
def venue(venue: Venue) -> Venue:
    """ALPHA bids 5 at 100."""
    venue.do(buy("A1", "5", "100"))
    return venue


def best_bid_lots(venue: Venue) -> int:
    best = venue.engine.state.markets["ACME"].book.bids.best
    return 0 if best is None else best.lots


def test_order_of_another_session_of_the_member_is_canceled_by_its_order_id(
    venue: Venue,
) -> None:
    assert venue.do(cancel("X1", "A1", session="ALPHA2", order_id="1")) == venue.stamped(
        canceled(view("1", "A1", "1", "5", "100", leaves="0", status=CANCELED), "X1", by="ALPHA2")
    )
    assert best_bid_lots(venue) == 0
    # the ClOrdID is spent in the session that used it, and free in the other
    (again, free) = (buy("X1", "1", "90", session="ALPHA2"), buy("X1", "1", "90"))
    assert venue.do(again) == venue.stamped(
        rejected(again, "DUPLICATE_CL_ORD_ID", "11=X1 was used before today")
    )
    assert venue.do(free) == venue.stamped(accepted(view("2", "X1", "1", "1", "90")))


def test_order_id_alone_does_not_name_an_order_of_another_session(venue: Venue) -> None:
    venue.do(replace("A2", "A1", "4", "100"))
    request = cancel("X1", "A1", session="ALPHA2", order_id="1")
    assert venue.do(request) == venue.stamped(
        refused(request, "UNKNOWN_ORDER", "41=A1 names no order", None)
    )
    assert best_bid_lots(venue) == 4


def test_order_of_another_session_of_the_member_is_replaced_by_its_order_id(
    venue: Venue,
) -> None:
    request = replace("X1", "A1", "3", "100", session="ALPHA2", order_id="1")
    assert venue.do(request) == venue.stamped(
        replaced(view("1", "X1", "1", "3", "100"), "A1", by="ALPHA2")
    )
    assert best_bid_lots(venue) == 3
    # it stays the entering session's order, which names it by its new ClOrdID and the OrderID
    old = cancel("A2", "A1")
    unknown = refused(old, "UNKNOWN_ORDER", "41=A1 names no order", None)
    assert venue.do(old) == venue.stamped(unknown)
    (event,) = venue.do(cancel("A3", "X1", order_id="1"))
    assert getattr(event, "orig_cl_ord_id", None) == "X1"
    assert best_bid_lots(venue) == 0
