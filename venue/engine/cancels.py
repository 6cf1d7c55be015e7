"""Ending orders: on request, by mass cancel, by the operator, and when a session disconnects.

What could be more than SLICE orders is cut into follow-up commands.
"""

from collections.abc import Iterable

from venue.domain.commands import (
    CancelByOperator,
    CancelOrder,
    CancelRemaining,
    MassCancel,
    MassCancelRemaining,
)
from venue.domain.events import CommandRefused, MassCancelReported, OrderCanceled
from venue.domain.reject_reasons import RejectReason
from venue.domain.types import CxlRejResponseTo, ExecRestatementReason, OrdStatus, TimeInForce
from venue.engine.gate import count_removal
from venue.engine.members import Session
from venue.engine.orders import Order
from venue.engine.placing import cancel_unasked, settle
from venue.engine.state import EngineState
from venue.engine.targets import (
    check_target,
    check_terms,
    find_target,
    reject_request,
    requested_by,
)

SLICE = 256
"""Most orders one command may end (DESIGN 3)."""

SECURITY, ALL = "1", "7"
_SURVIVES_DISCONNECT = (TimeInForce.GOOD_TILL_CANCEL, TimeInForce.GOOD_TILL_DATE)


def cancel_order(state: EngineState, command: CancelOrder) -> None:
    """CancelRejected, or OrderCanceled under the request's ClOrdID."""
    session = state.sessions.get(command.session)
    throttled = None if session is None else count_removal(state, session)
    order = find_target(state, session, command)
    refusal = check_target(session, order, command)
    if refusal is None:
        assert order is not None
        refusal = check_terms(command, order.terms)
    refusal = refusal or throttled
    if refusal is not None:
        response_to = CxlRejResponseTo.ORDER_CANCEL_REQUEST
        reject_request(state, session, order, command, response_to, refusal)
        return
    assert order is not None and session is not None
    session.cl_ord_ids[command.cl_ord_id] = order
    market = state.markets[order.terms.symbol]
    market.take_out(order)
    order.end(OrdStatus.CANCELED)
    state.order_finished(order)
    state.events.append(
        OrderCanceled(
            *state.stamp(),
            order.terms.symbol,
            order.state(),
            command.cl_ord_id,
            order.cl_ord_id,
            requested_by=requested_by(command, order),
        )
    )
    settle(state, market)


def cancel_by_operator(state: EngineState, command: CancelByOperator) -> None:
    """OrderCanceled, or CommandRefused for an order that is unknown or not open."""
    order = state.orders.get(command.order_id)
    if order is None or not order.is_open:
        what = "is unknown" if order is None else "is no longer open"
        state.events.append(
            CommandRefused(*state.stamp(), "CancelByOperator", f"order {command.order_id} {what}")
        )
        return
    cancel_all(state, [order], ExecRestatementReason.CANCELED_BY_VENUE, "CANCELED_BY_OPERATOR")


def cancel_remaining(state: EngineState, command: CancelRemaining) -> None:
    """Next slice of a disconnected session's orders, unless it has logged on again."""
    session = state.sessions[command.session]
    if not session.logged_on:
        cancel_on_disconnect(state, session)


def cancel_on_disconnect(state: EngineState, session: Session) -> None:
    """OrderCanceled for SLICE of the session's open orders but GTC and GTD; the rest follows."""
    doomed = [
        order
        for order in session.open_orders.values()
        if order.terms.time_in_force not in _SURVIVES_DISCONNECT
    ]
    reason = ExecRestatementReason.OTHER
    cancel_all(state, doomed[:SLICE], reason, "CANCEL_ON_DISCONNECT the session ended")
    if len(doomed) > SLICE:
        state.follow_ups.append(CancelRemaining(session.name))


def mass_cancel(state: EngineState, command: MassCancel) -> None:
    """OrderCanceled for each of the session's orders asked for, then MassCancelReported."""
    session = state.sessions.get(command.session)
    throttled = None if session is None else count_removal(state, session)
    refused = _refuse_mass_cancel(state, session, command)
    if refused is None and throttled is not None:
        refused = "99", f"{throttled.reason} {throttled.detail}"
    if refused is not None:
        reason, text = refused
        _report_mass_cancel(state, command, state.new_order_id(), "0", 0, reason, text)
        return
    assert session is not None
    session.cl_ord_ids[command.cl_ord_id] = None
    _cancel_slice(state, session, command, state.new_order_id(), 0)


def mass_cancel_remaining(state: EngineState, command: MassCancelRemaining) -> None:
    """Next slice of a mass cancel."""
    session = state.sessions[command.request.session]
    _cancel_slice(state, session, command.request, command.order_id, command.canceled)


def _refuse_mass_cancel(
    state: EngineState, session: Session | None, command: MassCancel
) -> tuple[str, str] | None:
    """MassCancelRejectReason(532) and text, or None."""
    if session is None:
        return "99", f"{RejectReason.SESSION_NOT_ENTITLED} the session may not enter orders"
    if command.request_type not in (SECURITY, ALL):
        return "0", f"{RejectReason.UNSUPPORTED_INSTRUCTION} 530={command.request_type}"
    if command.cl_ord_id in session.cl_ord_ids:
        return "99", f"{RejectReason.DUPLICATE_CL_ORD_ID} 11={command.cl_ord_id} was used before"
    if command.request_type == SECURITY and command.symbol not in state.markets:
        return "1", f"{RejectReason.UNKNOWN_SYMBOL} 55={command.symbol or ''} is not traded here"
    return None


def _cancel_slice(
    state: EngineState, session: Session, request: MassCancel, order_id: str, canceled: int
) -> None:
    asked = [
        order
        for order in session.open_orders.values()
        if (request.request_type == ALL or order.terms.symbol == request.symbol)
        and request.side in (None, order.terms.side.value)
    ]
    cancel_all(state, asked[:SLICE], None, "MASS_CANCELED on request")
    canceled += len(asked[:SLICE])
    if len(asked) > SLICE:
        state.follow_ups.append(MassCancelRemaining(request, order_id, canceled))
        return
    _report_mass_cancel(state, request, order_id, request.request_type, canceled, None, None)


def _report_mass_cancel(
    state: EngineState,
    request: MassCancel,
    order_id: str,
    response: str,
    affected: int,
    reject_reason: str | None,
    text: str | None,
) -> None:
    session = state.sessions.get(request.session)
    state.events.append(
        MassCancelReported(
            *state.stamp(),
            request.session,
            "" if session is None else session.member.name,
            request.cl_ord_id,
            order_id,
            request.request_type,
            response,
            affected,
            request.symbol,
            request.side,
            reject_reason,
            text,
        )
    )


def cancel_all(state: EngineState, orders: Iterable[Order], reason: str | None, text: str) -> None:
    """OrderCanceled for each; then the markets settle, for pegs may have lost their reference."""
    touched = {}
    for order in orders:
        market = state.markets[order.terms.symbol]
        touched[order.terms.symbol] = market
        market.take_out(order)
        cancel_unasked(state, order, reason, text)
    for market in touched.values():
        settle(state, market)
