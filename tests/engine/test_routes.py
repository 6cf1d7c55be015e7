"""The route of an order: that of the last request of its own session that was accepted."""

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.answers import OrderMassStatusQuery, OrderStatusQuery
from venue.domain.codec import decode_command, encode
from venue.domain.order_state import OrderState
from venue.engine.image.digest import state_digest

from .builders import Venue, buy, cancel, enter, replace, sell
from .test_image import through_bytes

DESK, HUB, BACK = "57=DESK\x01", "128=HUB\x01", "129=BACK\x01"


def by(route: str, command: c.TradingCommand) -> c.TradingCommand:
    """The command as it came by this route."""
    return msgspec.structs.replace(command, route=route)


def orders(events: list[e.AnyEvent]) -> dict[str, str]:
    """Route of each order that the events show, by OrderID."""
    shown: list[OrderState] = []
    for event in events:
        if isinstance(event, e.TradeExecuted | e.TradeBusted | e.TradeCorrected):
            shown += (event.buy.order, event.sell.order)
        elif hasattr(event, "order"):
            shown.append(event.order)
    return {order.terms.order_id: order.terms.route for order in shown}


def test_all_that_becomes_of_an_order_has_its_route(venue: Venue) -> None:
    assert orders(venue.do(by(DESK, buy("A1", "5", "100")))) == {"1": DESK}
    assert orders(venue.do(by(HUB, sell("B1", "2", "100")))) == {"1": DESK, "2": HUB}
    assert orders(venue.do(c.CorrectTrade("M1", "99"))) == {"1": DESK, "2": HUB}
    assert orders(venue.do(c.BustTrade("M1"))) == {"1": DESK, "2": HUB}
    assert orders(venue.do(c.EndDay())) == {"1": DESK}


@pytest.mark.parametrize(
    "command",
    [c.CancelByOperator("1"), c.Kill("all"), c.LogOut("ALPHA"), c.DisableInstrument("ACME")],
)
def test_what_nobody_asked_for_goes_the_orders_way(venue: Venue, command: c.AnyCommand) -> None:
    venue.do_all(by(DESK, buy("A1", "5", "100")), c.LogOn("ALPHA"))
    assert orders(venue.do(command)) == {"1": DESK}


def test_triggered_and_restated_orders_keep_it(venue: Venue) -> None:
    stop = msgspec.structs.replace(enter("A1", "1", "1", None, ord_type="3"), stop_px="101")
    venue.do(by(DESK, stop))
    venue.do_all(by(HUB, buy("A2", "1", "95", tif="1")), sell("B1", "1", "101"))
    assert orders(venue.do(buy("A3", "1", "101"))) == {"1": DESK, "3": "", "4": ""}
    venue.do(c.EndDay())
    assert orders(venue.do(c.StartDay("2026-01-06"))) == {"2": HUB}


@pytest.mark.parametrize("route", [HUB, ""])
def test_accepted_replacement_takes_the_order_along(venue: Venue, route: str) -> None:
    venue.do(by(DESK, buy("A1", "5", "100")))
    assert orders(venue.do(by(route, replace("A2", "A1", "6", "100")))) == {"1": route}
    assert orders(venue.do(by(BACK, sell("B1", "2", "100")))) == {"1": route, "2": BACK}
    assert orders(venue.do(c.CancelByOperator("1"))) == {"1": route}


def test_canceled_order_is_busted_where_its_cancel_came_from(venue: Venue) -> None:
    venue.do_all(by(DESK, buy("A1", "5", "100")), sell("B1", "2", "100"))
    assert orders(venue.do(by(HUB, cancel("A2", "A1")))) == {"1": HUB}
    assert orders(venue.do(c.BustTrade("M1"))) == {"1": HUB, "2": ""}


@pytest.mark.parametrize(
    "request_", [cancel("A2", "A1", side="2"), replace("A2", "A1", "5", "500"), cancel("A1", "A1")]
)
def test_refused_request_is_answered_its_way_and_leaves_the_orders(
    venue: Venue, request_: c.TradingCommand
) -> None:
    venue.do(by(DESK, buy("A1", "5", "100")))
    (refused,) = venue.do(by(HUB, request_))
    assert isinstance(refused, e.CancelRejected) and refused.route == HUB
    assert orders(venue.do(c.CancelByOperator("1"))) == {"1": DESK}


def test_rejected_order_is_answered_its_way(venue: Venue) -> None:
    (rejected,) = venue.do(by(DESK, buy("A1", "5", "500")))
    assert isinstance(rejected, e.OrderRejected) and rejected.route == DESK
    (plain,) = venue.do(buy("A2", "5", "500"))
    assert isinstance(plain, e.OrderRejected) and plain.route == ""


@pytest.mark.parametrize(
    "request_",
    [
        cancel("X1", "A1", session="ALPHA2", order_id="1"),
        replace("X1", "A1", "4", "100", session="ALPHA2", order_id="1"),
    ],
)
def test_request_of_another_session_is_answered_its_way_and_leaves_the_orders(
    venue: Venue, request_: c.TradingCommand
) -> None:
    venue.do(by(DESK, buy("A1", "5", "100")))
    (event,) = venue.do(by(HUB, request_))
    assert isinstance(event, e.OrderCanceled | e.OrderReplaced)
    assert (event.requested_by, event.route) == ("ALPHA2", HUB)
    assert orders([event]) == {"1": DESK}


def test_mass_cancel_reports_its_way_and_the_orders_go_theirs(venue: Venue) -> None:
    venue.do_all(by(DESK, buy("A1", "5", "100")), buy("A2", "5", "100"))
    *canceled, report = venue.do(by(HUB, c.MassCancel("ALPHA", "q1", "7")))
    assert orders(canceled) == {"1": DESK, "2": ""}
    assert isinstance(report, e.MassCancelReported) and report.route == HUB
    (refused,) = venue.do(by(BACK, c.MassCancel("ALPHA", "q1", "7")))
    assert isinstance(refused, e.MassCancelReported) and refused.route == BACK


def test_status_is_answered_the_questions_way(venue: Venue) -> None:
    venue.do(by(DESK, buy("A1", "5", "100")))
    for cl_ord_id in ("A1", "A9"):
        answer = venue.engine.answer(OrderStatusQuery("ALPHA", cl_ord_id, "ACME", "1", route=HUB))
        assert answer.route == HUB
        assert venue.engine.answer(OrderStatusQuery("ALPHA", cl_ord_id, "ACME", "1")).route == ""
    for request_type in "79":
        query = OrderMassStatusQuery("ALPHA", "m", request_type, route=HUB)
        assert [a.route for a in venue.engine.mass_status(query).answers()] == [HUB]


def test_route_comes_back_from_an_image_and_counts_in_the_digest(venue: Venue) -> None:
    other = through_bytes(venue.engine)
    venue.do(by(DESK, buy("A1", "5", "100")))
    restored = through_bytes(venue.engine)
    assert state_digest(restored.state) == state_digest(venue.engine.state)
    assert orders(restored.apply(c.CancelByOperator("1"), venue.now_ns)) == {"1": DESK}
    other.apply(buy("A1", "5", "100"), venue.now_ns)
    assert state_digest(other.state) != state_digest(venue.engine.state)


def test_orders_without_routing_cost_nothing_on_disk(venue: Venue) -> None:
    events = venue.do_all(buy("A1", "5", "100"), replace("A2", "A1", "4", "100"))
    assert b"route" not in b"".join(map(encode, events))
    command = by(DESK, buy("A1", "5", "100"))
    assert decode_command(encode(command)) == command
