"""Nothing trades at or after ExpireTime(126), however late the clock's own command comes."""

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.engine.engine import Engine
from venue.engine.image.capture import image_of
from venue.engine.image.digest import state_digest
from venue.engine.image.restore import state_from
from venue.engine.trading.slices import SLICE

from .builders import Venue, buy, cancel, enter, replace, sell
from .invariants import check_state

LIFE_NS = 1_000


def good_till(
    venue: Venue, cl_ord_id: str, side: str = "1", price: str | None = "100", **fields: object
) -> c.EnterOrder:
    """An order of 5 that lives LIFE_NS from now."""
    order = enter(cl_ord_id, side, "5", price, tif="6")
    return msgspec.structs.replace(order, expire_ns=venue.now_ns + LIFE_NS, **fields)


def said(events: list[e.AnyEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def later(venue: Venue) -> None:
    """The time of all orders so far has come; the clock's command has not."""
    venue.now_ns += LIFE_NS


def test_order_meets_others_until_just_before_its_time(venue: Venue) -> None:
    venue.do(good_till(venue, "A1"))
    venue.now_ns += LIFE_NS - 3
    assert said(venue.do(sell("B1", "1", "100"))) == ["OrderAccepted", "TradeExecuted"]
    events = venue.do(sell("B2", "1", "100"))
    assert said(events) == ["OrderExpired", "OrderAccepted"]
    assert events[0].timestamp_ns == venue.now_ns
    check_state(venue.engine)


@pytest.mark.parametrize("tif", ["3", "4"])
def test_what_is_due_is_not_there_for_who_never_rests(venue: Venue, tif: str) -> None:
    venue.do(good_till(venue, "A1"))
    later(venue)
    events = venue.do(sell("B1", "5", "100", tif=tif))
    assert said(events) == ["OrderExpired", "OrderAccepted", "OrderCanceled"]


def test_stop_that_is_due_is_not_triggered(venue: Venue) -> None:
    stop = msgspec.structs.replace(good_till(venue, "A1", price=None, stop_px="101"), ord_type="3")
    venue.do_all(stop, sell("B1", "9", "101"))
    later(venue)
    events = venue.do(buy("C1", "1", "101", session="CHARLIE"))
    assert said(events) == ["OrderExpired", "OrderAccepted", "TradeExecuted"]
    check_state(venue.engine)


def test_all_or_none_that_is_due_does_not_trade(venue: Venue) -> None:
    venue.do(good_till(venue, "A1", exec_inst="G"))
    later(venue)
    assert said(venue.do(sell("B1", "5", "100"))) == ["OrderExpired", "OrderAccepted"]


def test_peg_leaves_the_price_of_an_order_that_is_due(venue: Venue) -> None:
    peg = msgspec.structs.replace(
        enter("C1", "1", "1", None, session="CHARLIE", ord_type="P"), exec_inst="R"
    )
    venue.do_all(buy("B0", "1", "98", session="BRAVO"), good_till(venue, "A1"), peg)
    later(venue)
    events = venue.do(sell("B1", "1", "100"))
    assert said(events) == ["OrderExpired", "OrderRestated", "OrderAccepted"]
    check_state(venue.engine)


def test_requests_for_an_order_that_is_due_find_it_expired(venue: Venue) -> None:
    requests: list[c.CancelOrder | c.ReplaceOrder] = [
        cancel("A2", "A1"),
        replace("A3", "A1b", "5", "101"),
        replace("A4", "A1c", "1", "100"),
    ]
    for number, request in enumerate(requests):
        venue.do(good_till(venue, request.orig_cl_ord_id))
        later(venue)
        expired, refused = venue.do(request)
        assert isinstance(expired, e.OrderExpired) and isinstance(refused, e.CancelRejected)
        assert (refused.reason, refused.ord_status) == ("ORDER_FINISHED", "C"), number


def test_more_orders_than_a_slice_are_out_at_once_and_expire_in_slices(venue: Venue) -> None:
    count = 3 * SLICE
    for number in range(count):
        order = good_till(venue, f"A{number}")
        venue.do(msgspec.structs.replace(order, expire_ns=venue.now_ns + 10 * LIFE_NS - number))
    venue.now_ns += 10 * LIFE_NS
    restored = Venue()
    first = venue.do(sell("B1", "5", "100"))
    assert said(first) == ["OrderExpired"] * SLICE + ["OrderAccepted"]
    image = msgspec.json.decode(
        msgspec.json.encode(image_of(venue.engine.state)), type=type(image_of(venue.engine.state))
    )
    restored.engine, restored.now_ns = Engine(state_from(image)), venue.now_ns
    restored.first_event_seq = venue.first_event_seq
    assert state_digest(restored.engine.state) == state_digest(venue.engine.state)
    rest: list[c.AnyCommand] = [
        sell("B2", "5", "100"),
        replace("X", f"A{count - 1}", "9", "101"),
        c.AdvanceTime(),
        c.ExpireRemaining(),
        c.ExpireRemaining(),
    ]
    for one in rest:
        events = venue.do(one)
        assert events == restored.do(one), "a start from the image goes on alike"
        assert "TradeExecuted" not in said(events)
    check_state(venue.engine)
    assert venue.engine.next_due_ns is None
