"""What the operator does with members' orders: enters, changes and cancels them.

The same checks as for the member's own requests, but for the rate: nothing of the session's is used
up. A refusal goes to the operator only. The member's reports say ON_BEHALF.
"""

from collections.abc import Container

import msgspec

from venue.domain.commands import (
    CancelByOperator,
    EnterByOperator,
    EnterOrder,
    MassCancelByOperator,
    ReplaceByOperator,
    ReplaceOrder,
)
from venue.domain.events import MassCancelOrdered, OrderRestated
from venue.domain.reject_reasons import Refusal
from venue.domain.types import ExecRestatementReason
from venue.engine.control.blocks import INSTRUMENT, MEMBER, SESSION, cancel_scope
from venue.engine.control.effects import effect_of, refuse
from venue.engine.state.engine_state import EngineState
from venue.engine.state.orders import Order
from venue.engine.trading.cancels import cancel_all
from venue.engine.trading.entry import accept, check_new
from venue.engine.trading.replaces import change, check_change, wanted_of, work_changed

_CANCELED = "CANCELED_BY_OPERATOR"
_ON_BEHALF = "ON_BEHALF"


@effect_of(EnterByOperator)
def enter_by_operator(state: EngineState, command: EnterByOperator) -> None:
    """OrderAccepted and what follows from it, or CommandRefused; then the ClOrdID is not used."""
    order = command.order
    wrong = _no_field(order)
    if wrong is not None:
        refuse(state, command, f"{wrong} cannot stand in a FIX field")
        return
    session = state.sessions.get(order.session)
    if session is None:
        refuse(state, command, f"session {order.session} is unknown")
        return
    checked = check_new(state, session, order)
    if isinstance(checked, Refusal):
        refuse(state, command, f"{checked.reason} {checked.detail}")
        return
    text = f"{_ON_BEHALF} entered by the venue {command.reason}"
    accept(state, session, order, checked, text.rstrip())


@effect_of(ReplaceByOperator)
def replace_by_operator(state: EngineState, command: ReplaceByOperator) -> None:
    """OrderRestated and what follows from it, or CommandRefused. The ClOrdID stays."""
    order = _open_order(state, command)
    if order is None:
        return
    request = _as_request(order, command)
    wanted = wanted_of(order, request)
    session = state.sessions[order.terms.session]
    checked = check_change(state, session, order, request, wanted)
    if isinstance(checked, Refusal):
        refuse(state, command, f"{checked.reason} {checked.detail}")
        return
    if checked.lots <= order.cum_lots:
        refuse(state, command, f"{request.order_qty} has traded already; cancel what is left")
        return
    stays = change(state, order, request, wanted, checked)
    text = f"{_ON_BEHALF} changed by the venue {command.reason}"
    reason = ExecRestatementReason.VERBAL_CHANGE
    event = OrderRestated(*state.stamp(), order.terms.symbol, order.state(), reason, text.rstrip())
    state.events.append(event)
    work_changed(state, order, stays=stays)


@effect_of(CancelByOperator)
def cancel_by_operator(state: EngineState, command: CancelByOperator) -> None:
    """OrderCanceled, or CommandRefused for an order that is unknown or not open."""
    order = _open_order(state, command)
    if order is not None:
        cancel_all(state, [order], ExecRestatementReason.CANCELED_BY_VENUE, _CANCELED)


@effect_of(MassCancelByOperator)
def mass_cancel_by_operator(state: EngineState, command: MassCancelByOperator) -> None:
    """MassCancelOrdered, then OrderCanceled for each open order of the scope, slice by slice."""
    scopes: dict[str, tuple[str | None, Container[str], str]] = {
        MEMBER: (command.member, state.members, "member {} is unknown"),
        SESSION: (command.session, state.sessions, "session {} is unknown"),
        INSTRUMENT: (command.symbol, state.markets, "{} is not traded here"),
    }
    given = [(scope, name) for scope, (name, _, _) in scopes.items() if name is not None]
    if len(given) != 1:
        refuse(state, command, "one of member, session and symbol has to be given")
        return
    ((scope, name),) = given
    _, known, unknown = scopes[scope]
    if name not in known:
        refuse(state, command, unknown.format(name))
        return
    state.events.append(
        MassCancelOrdered(*state.stamp(), scope, name, command.operator, command.reason)
    )
    cancel_scope(state, scope, name, f"{_CANCELED} {command.reason}".rstrip())


def _open_order(state: EngineState, command: ReplaceByOperator | CancelByOperator) -> Order | None:
    """The order; or CommandRefused, and None."""
    order = state.orders.get(command.order_id)
    if order is None or not order.is_open:
        what = "is unknown" if order is None else "is no longer open"
        refuse(state, command, f"order {command.order_id} {what}")
        return None
    return order


def _as_request(order: Order, command: ReplaceByOperator) -> ReplaceOrder:
    """The change as the order's own session would ask for it, under the ClOrdID that it has."""
    terms, now = order.terms, order.state()
    return ReplaceOrder(
        terms.session,
        order.cl_ord_id,
        order.cl_ord_id,
        terms.symbol,
        terms.side.value,
        terms.ord_type,
        command.order_qty if command.order_qty is not None else now.order_qty,
        command.price if command.price is not None else now.price,
        stop_px=order.conditions.stop_px,
        route=terms.route,
    )


def _no_field(order: EnterOrder) -> str | None:
    """Name of a field of the order whose text cannot be the value of a FIX field, or None."""
    said = {
        **{field.name: (getattr(order, field.name), field.default == "")
           for field in msgspec.structs.fields(order)},
        **{f"party {number}": (text, False)
           for number, party in enumerate(order.parties, 1)
           for text in (party.party_id, party.party_id_source)},
    }  # fmt: skip
    for name, (value, may_be_empty) in said.items():
        if isinstance(value, str) and not _is_field(value) and not (may_be_empty and not value):
            return name
    return "route" if order.route else None


def _is_field(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable()
