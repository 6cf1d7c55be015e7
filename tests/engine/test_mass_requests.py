"""Mass cancel and mass status, and requests over the sessions of one member."""

import pytest

from tests.reference.build import Venue, instrument
from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.answers import OrderMassStatusQuery, OrderStatus, OrderUnknown


def two_books() -> Venue:
    """Orders 1 to 4 of ALPHA: buy and sell ACME, buy GLOBEX, a waiting stop; 5 of ALPHA2."""
    venue = Venue(instrument("ACME"), instrument("GLOBEX"))
    venue.buy("b1", "1", "95")
    venue.sell("s1", "1", "105", session="ALPHA")
    venue.buy("b2", "1", "95", symbol="GLOBEX")
    venue.buy("b3", "1", ord_type="3", stop_px="109")
    venue.buy("b4", "1", "94", session="ALPHA2")
    return venue


@pytest.mark.parametrize(
    ("request_type", "symbol", "side", "ids"),
    [
        ("7", None, None, "1234"),
        ("7", None, "1", "134"),
        ("7", None, "2", "2"),
        ("1", "ACME", None, "124"),
        ("1", "ACME", "1", "14"),
        ("1", "GLOBEX", None, "3"),
        ("1", "GLOBEX", "2", ""),
    ],
)
def test_mass_cancel_ends_what_was_asked_of_the_own_session(
    request_type: str, symbol: str | None, side: str | None, ids: str
) -> None:
    venue = two_books()
    assert venue.do(c.MassCancel("ALPHA", "q1", request_type, symbol, side)) == [
        *(f"canceled {number} cum 0 MASS_CANCELED" for number in ids),
        f"mass cancel {request_type} affected {len(ids)}",
    ]


def test_mass_cancel_reports_orders_under_their_own_cl_ord_ids_and_itself_under_its_own() -> None:
    venue = two_books()
    *canceled, report = venue.apply(c.MassCancel("ALPHA", "q1", "1", "GLOBEX"))
    (order,) = canceled
    assert isinstance(order, e.OrderCanceled)
    assert (order.cl_ord_id, order.orig_cl_ord_id) == ("b2", None)
    assert isinstance(report, e.MassCancelReported)
    assert (report.cl_ord_id, report.order_id) == ("q1", "6")


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (c.MassCancel("ALPHA", "q1", "9"), "0"),
        (c.MassCancel("ALPHA", "q1", "1", "NONE"), "1"),
        (c.MassCancel("ALPHA", "q1", "1"), "1"),
        (c.MassCancel("ALPHA", "b1", "7"), "99"),
        (c.MassCancel("NOBODY", "q1", "7"), "99"),
    ],
)
def test_refused_mass_cancel_cancels_nothing(command: c.MassCancel, reason: str) -> None:
    venue = two_books()
    (report,) = venue.apply(command)
    assert isinstance(report, e.MassCancelReported)
    assert (report.response, report.affected, report.reject_reason) == ("0", 0, reason)


def test_a_long_mass_cancel_goes_in_slices_and_reports_once() -> None:
    venue = Venue()
    for number in range(300):
        venue.buy(f"b{number}", "1", "95")
    assert venue.do(c.MassCancel("ALPHA", "q1", "7")) == [
        *(f"canceled {number} cum 0 MASS_CANCELED" for number in range(1, 301)),
        "mass cancel 7 affected 300",
    ]


def test_mass_cancel_lets_go_what_the_canceled_orders_kept_away() -> None:
    venue = Venue()
    venue.sell("own", "1", "100", session="ALPHA", self_match_id="desk")
    venue.sell("s1", "5", "100")
    venue.buy("b1", "5", "100", session="ALPHA2", exec_inst="G", self_match_id="desk")
    assert venue.do(c.MassCancel("ALPHA", "q1", "7")) == [
        "canceled 1 cum 0 MASS_CANCELED",
        "trade 5@100 3:0 2:0",
        "mass cancel 7 affected 1",
    ]


@pytest.mark.parametrize(
    ("request_type", "symbol", "side", "ids"),
    [("7", None, None, "1234"), ("7", None, "2", "2"), ("1", "ACME", None, "124")],
)
def test_mass_status_answers_once_for_each_open_order(
    request_type: str, symbol: str | None, side: str | None, ids: str
) -> None:
    venue = two_books()
    query = OrderMassStatusQuery("ALPHA", "af1", request_type, symbol, side)
    answers = venue.engine.mass_status(query).answers()
    statuses = [answer for answer in answers if isinstance(answer, OrderStatus)]
    assert len(statuses) == len(answers)
    assert "".join(status.order.terms.order_id for status in statuses) == ids
    assert [status.last for status in statuses] == [False] * (len(ids) - 1) + [True]
    assert {status.of for status in statuses} == {len(ids)}


def test_mass_status_of_nothing_is_one_answer() -> None:
    (answer,) = Venue().engine.mass_status(OrderMassStatusQuery("ALPHA", "af1", "7")).answers()
    assert isinstance(answer, OrderUnknown)
    assert (answer.symbol, answer.side, answer.mass_status_req_id) == ("NA", "7", "af1")


def test_another_session_of_the_member_needs_the_order_id() -> None:
    venue = two_books()
    unknown = "CancelRejected x1 UNKNOWN_ORDER"
    assert venue.cancel("x1", "b1", session="ALPHA2") == [unknown]
    assert venue.cancel("x1", "b1", session="BRAVO", order_id="1") == [unknown]
    assert venue.cancel("x2", "b1", session="ALPHA2", order_id="1") == ["canceled 1 cum 0"]
    canceled = venue.events[-1]
    assert isinstance(canceled, e.OrderCanceled)
    assert canceled.requested_by == "ALPHA2"


def test_order_id_names_the_order_even_if_the_own_session_used_the_same_cl_ord_id() -> None:
    venue = Venue()
    venue.buy("same", "1", "95")
    venue.buy("same", "2", "95", session="ALPHA2")
    assert venue.replace("r1", "same", "3", "95", session="ALPHA2", order_id="1") == [
        "replaced 1 3/3@95"
    ]
    assert venue.cancel("x1", "same", session="ALPHA2") == ["canceled 2 cum 0"]


def test_order_id_must_agree_with_the_cl_ord_id() -> None:
    venue = two_books()
    assert venue.cancel("x1", "b1", order_id="2") == ["CancelRejected x1 UNKNOWN_ORDER"]
    assert venue.cancel("x2", "b1", order_id="NONE") == ["CancelRejected x2 UNKNOWN_ORDER"]
