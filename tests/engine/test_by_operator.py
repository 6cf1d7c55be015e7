"""Orders that the operator enters, changes and cancels: checked like a member's, marked as such."""

import msgspec
import pytest

from tests.engine.builders import Venue, buy, sell, trading
from venue.domain import commands as c
from venue.domain import events as e
from venue.engine.trading.slices import SLICE

ENTRY = "ON_BEHALF entered by the venue by phone"


@pytest.fixture
def venue() -> Venue:
    return trading()


def enter(order: c.EnterOrder) -> c.EnterByOperator:
    return c.EnterByOperator(order, "ann", "by phone")


def refusal(events: list[e.AnyEvent]) -> str:
    (event,) = events
    assert isinstance(event, e.CommandRefused)
    return event.detail


def test_order_on_behalf_rests_and_trades_like_the_sessions_own(venue: Venue) -> None:
    (accepted,) = venue.do(enter(buy("D1", "5", "100")))
    assert isinstance(accepted, e.OrderAccepted)
    assert (accepted.text, accepted.order.terms.session) == (ENTRY, "ALPHA")
    (own, trade) = venue.do(sell("B1", "2", "100", session="BRAVO"))
    assert isinstance(own, e.OrderAccepted) and own.text is None
    assert isinstance(trade, e.TradeExecuted)
    assert trade.buy.order.cl_ord_id == "D1"


def test_refused_order_on_behalf_tells_the_operator_only_and_uses_nothing(venue: Venue) -> None:
    wrong = buy("D1", "5", "100.001")
    assert refusal(venue.do(enter(wrong))).startswith("PRICE_NOT_ON_TICK")
    session = venue.engine.state.sessions["ALPHA"]
    assert "D1" not in session.cl_ord_ids
    (accepted,) = venue.do(buy("D1", "5", "100"))
    assert isinstance(accepted, e.OrderAccepted)
    assert refusal(venue.do(enter(buy("D1", "5", "100")))).startswith("DUPLICATE_CL_ORD_ID")


def test_order_on_behalf_takes_nothing_of_the_sessions_rate(venue: Venue) -> None:
    session = venue.engine.state.sessions["ALPHA"]
    venue.do(c.AddSession("ALPHA", "ALPHA", messages_per_second=1))
    before = session.member.day_messages
    for number in range(5):
        (accepted,) = venue.do(enter(buy(f"D{number}", "1", "99")))
        assert isinstance(accepted, e.OrderAccepted)
    assert session.member.day_messages == before
    (own,) = venue.do(buy("A1", "1", "99"))
    assert isinstance(own, e.OrderAccepted)


@pytest.mark.parametrize("block", [c.Kill("member", "ALPHA"), c.HaltInstrument("ACME")])
def test_blocks_hold_for_the_operator_too(venue: Venue, block: c.AdminCommand) -> None:
    venue.do(block)
    assert refusal(venue.do(enter(buy("D1", "5", "100"))))


@pytest.mark.parametrize(
    ("field", "text"),
    [("cl_ord_id", ""), ("cl_ord_id", "a\x01b"), ("account", ""), ("account", "\u00e9"),
     ("route", "128=X\x01"), ("text", "a\nb")],
)  # fmt: skip
def test_what_is_no_text_of_fix_is_refused(venue: Venue, field: str, text: str) -> None:
    order = msgspec.structs.replace(buy("D1", "5", "100"), **{field: text})
    assert refusal(venue.do(enter(order))) == f"{field} cannot stand in a FIX field"


def test_change_on_behalf_keeps_the_name_of_the_order_and_is_restated(venue: Venue) -> None:
    venue.do(buy("A1", "5", "100"))
    (event,) = venue.do(c.ReplaceByOperator("1", "4", None, "ann", "by phone"))
    assert isinstance(event, e.OrderRestated)
    found = (event.order.cl_ord_id, event.order.order_qty, event.order.price)
    assert found == ("A1", "4", "100")
    assert event.restatement_reason == "2"
    assert event.text == "ON_BEHALF changed by the venue by phone"
    (replaced,) = venue.do(c.ReplaceOrder("ALPHA", "A2", "A1", "ACME", "1", "2", "6", "101"))
    assert isinstance(replaced, e.OrderReplaced)


def test_change_to_a_price_that_meets_the_other_side_trades(venue: Venue) -> None:
    venue.do(buy("A1", "5", "100"))
    venue.do(sell("B1", "5", "101", session="BRAVO"))
    restated, trade = venue.do(c.ReplaceByOperator("1", None, "101"))
    assert isinstance(restated, e.OrderRestated) and isinstance(trade, e.TradeExecuted)
    assert venue.engine.state.orders["1"].cum_lots == 5


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (c.ReplaceByOperator("9", "5"), "order 9 is unknown"),
        (c.ReplaceByOperator("1", "2"), "2 has traded already; cancel what is left"),
        (c.ReplaceByOperator("1", None, "100.001"), "PRICE_NOT_ON_TICK"),
        (c.ReplaceByOperator("2", "5"), "order 2 is no longer open"),
        (c.MassCancelByOperator(), "one of member, session and symbol has to be given"),
        (c.MassCancelByOperator("ALPHA", "ALPHA"), "one of member, session and symbol"),
        (c.MassCancelByOperator(session="NOPE"), "session NOPE is unknown"),
        (c.MassCancelByOperator(symbol="NOPE"), "NOPE is not traded here"),
    ],
    ids=repr,
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(
    venue: Venue, command: c.AdminCommand, why: str
) -> None:
    venue.do(buy("A1", "5", "100"))
    venue.do(sell("B1", "2", "100", session="BRAVO"))
    before = venue.engine.state.orders["1"].state()
    assert refusal(venue.do(command)).startswith(why)
    assert venue.engine.state.orders["1"].state() == before


@pytest.mark.parametrize(
    ("command", "left"),
    [
        (c.MassCancelByOperator("ALPHA"), {"BRAVO"}),
        (c.MassCancelByOperator(session="BRAVO"), {"ALPHA"}),
        (c.MassCancelByOperator(symbol="ACME"), set()),
    ],
    ids=repr,
)
def test_all_open_orders_of_a_scope_are_canceled_in_slices_and_nobody_is_blocked(
    venue: Venue, command: c.MassCancelByOperator, left: set[str]
) -> None:
    for number in range(2 * SLICE):
        venue.do(buy(f"A{number}", "1", "99"))
        venue.do(sell(f"B{number}", "1", "101", session="BRAVO"))
    events = venue.do(msgspec.structs.replace(command, reason="by phone"))
    assert isinstance(events[0], e.MassCancelOrdered)
    assert len(events) == 1 + SLICE
    late = venue.do(buy("LATE", "1", "99"))[0]
    assert isinstance(late, e.OrderAccepted)
    while follow_ups := venue.engine.take_follow_ups():
        for each in follow_ups:
            events += venue.engine.apply(each, venue.engine.state.timestamp_ns)
    canceled = [each for each in events if isinstance(each, e.OrderCanceled)]
    assert {each.text for each in canceled} == {"CANCELED_BY_OPERATOR by phone"}
    remaining = {o.terms.session for o in venue.engine.state.orders.values() if o.is_open}
    assert remaining == left | {"ALPHA"}
    assert venue.engine.state.orders[late.order.terms.order_id].is_open
