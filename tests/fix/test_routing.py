"""Routing turned round: whose fields go where, and that every answer of a session has its own."""

from typing import get_args

import msgspec
import pytest

from tests.domain.samples import bare, full
from tests.fix.group_cases import BODIES
from tests.fix.test_encode import TOLD
from venue.domain import events as e
from venue.domain.answers import OrderMassStatusQuery, OrderStatus, OrderStatusQuery, OrderUnknown
from venue.domain.codec import decode_command, encode
from venue.domain.commands import TradingCommand
from venue.domain.order_state import Fill, OrderState
from venue.fix.decode import decode
from venue.fix.encode import ReportEncoder
from venue.fix.fields import field_map
from venue.fix.routing import route_of


@pytest.mark.parametrize(
    ("fields", "route"),
    [
        ("11=A1", ""),
        ("115=XYZ", "128=XYZ|"),
        ("116=desk|115=XYZ|144=CHI", "128=XYZ|129=desk|145=CHI|"),
        ("50=T|142=NYC", "57=T|143=NYC|"),
        ("128=XYZ|129=desk|145=CHI", "115=XYZ|116=desk|144=CHI|"),
        ("57=V|143=L", "50=V|142=L|"),
        ("50=a b", "57=a b|"),
        (f"115={'x' * 64}", f"128={'x' * 64}|"),
    ],
)
def test_routing_is_turned_round_in_the_order_of_the_tags(fields: str, route: str) -> None:
    text = f"35=D|34=2|{fields}|".replace("|", "\x01")
    assert route_of(field_map(text)) == route.replace("|", "\x01")


@pytest.mark.parametrize("value", ["", "x" * 65, "caf\u00e9", "a\tb", "a\x01b", "\x7f", "\udc80"])
def test_what_cannot_stand_in_a_header_is_left_out(value: str) -> None:
    assert route_of({"115": value, "116": "desk"}) == "129=desk\x01"
    assert route_of({"115": value}) == ""


@pytest.mark.parametrize("msg_type", BODIES)
def test_every_decoded_message_carries_its_route(msg_type: str) -> None:
    for routed, route in (("", ""), ("115=XYZ|50=T|", "57=T\x01128=XYZ\x01")):
        text = f"35={msg_type}|{routed}{BODIES[msg_type]}|".replace("|", "\x01")
        decoded = decode("ALPHA", text, field_map(text))
        assert decoded is not None and decoded.route == route


@pytest.mark.parametrize("kind", get_args(TradingCommand))
def test_command_without_routing_is_written_as_before(kind: type[msgspec.Struct]) -> None:
    plain = msgspec.structs.replace(full(kind), route="")
    assert b"route" not in encode(plain)
    assert decode_command(encode(plain)) == plain


ORDERS, REQUESTER, REFUSED = "57=orders\x01", "57=requester\x01", "57=refused\x01"


def routed_order(order: OrderState) -> OrderState:
    terms = msgspec.structs.replace(order.terms, route=ORDERS)
    return msgspec.structs.replace(order, terms=terms)


def routed(event: e.AnyEvent) -> e.AnyEvent:
    """The event with its orders' route, and its own where it has one."""
    changes: dict[str, object] = {}
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if isinstance(value, OrderState):
            changes[name] = routed_order(value)
        elif isinstance(value, Fill):
            changes[name] = msgspec.structs.replace(value, order=routed_order(value.order))
        elif name == "route":
            changes[name] = REQUESTER if hasattr(event, "requested_by") else REFUSED
    return msgspec.structs.replace(event, **changes)


@pytest.mark.parametrize("kind", TOLD)
@pytest.mark.parametrize("make", [full, bare])
def test_reports_go_the_orders_way_and_answers_the_requests(
    kind: type[e.Event], make: type
) -> None:
    event = routed(make(kind))
    routes = [message.route for message in ReportEncoder().reports(event)]
    if getattr(event, "requested_by", None) is not None:
        assert routes == [REQUESTER, ORDERS]
    elif kind in (e.OrderRejected, e.CancelRejected, e.MassCancelReported):
        assert routes == [REFUSED]
    else:
        assert routes and set(routes) == {ORDERS}


@pytest.mark.parametrize("kind", [OrderStatus, OrderUnknown])
def test_status_goes_the_way_of_the_question(kind: type[OrderStatus] | type[OrderUnknown]) -> None:
    answer = msgspec.structs.replace(full(kind), route=REQUESTER)
    message = ReportEncoder().answer(answer)
    assert message.route == REQUESTER and "requester" not in message.text


@pytest.mark.parametrize("kind", [OrderStatusQuery, OrderMassStatusQuery])
def test_question_without_routing_has_none(kind: type[msgspec.Struct]) -> None:
    assert bare(kind).route == ""
