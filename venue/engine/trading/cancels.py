"""Canceling orders: on request, by mass cancel, by the operator, and when a session disconnects.

Work on many orders is cut into slices. A slice leaves a follow-up command for the next one.
"""

from collections.abc import Iterable

import msgspec

from venue.domain.commands import (
    CancelOrder,
    CancelRemaining,
    MassCancel,
    MassCancelRemaining,
)
from venue.domain.events import MassCancelReported, OrderCanceled
from venue.domain.reject_reasons import RejectReason
from venue.domain.types import CxlRejResponseTo, ExecRestatementReason, OrdStatus, TimeInForce
from venue.engine.state.engine_state import EngineState
from venue.engine.state.members import Session
from venue.engine.state.orders import Order
from venue.engine.trading.entitlement import count_removal
from venue.engine.trading.placing import settle
from venue.engine.trading.slices import ALL, SECURITY, asked_for, next_slice
from venue.engine.trading.targets import (
    check_target,
    check_terms,
    find_target,
    reject_request,
    take_route,
)
from venue.engine.trading.unasked import cancel_unasked

MASS_CANCELS = 8
"""How many mass cancels of a session may be under way at once."""

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
    assert order.terms.member == session.member.name, "an order of another member"
    session.cl_ord_ids[command.cl_ord_id] = order
    market = state.markets[order.terms.symbol]
    market.take_out(order)
    order.end(OrdStatus.CANCELED)
    state.order_finished(order)
    requested_by, route = take_route(command, order)
    state.events.append(
        OrderCanceled(
            *state.stamp(),
            order.terms.symbol,
            order.state(),
            command.cl_ord_id,
            order.cl_ord_id,
            requested_by=requested_by,
            route=route,
        )
    )
    settle(state, market)


def cancel_remaining(state: EngineState, command: CancelRemaining) -> None:
    """OrderCanceled for the next slice of the orders of a session that has ended, but GTC and GTD.

    Goes on if the session has logged on again; orders entered since then are not touched.
    """
    session = state.sessions[command.session]
    after, before = command.after_order_id, command.next_order_id
    doomed = next_slice(session.open_orders.between(after, before), _ends_with_session)
    reason = ExecRestatementReason.OTHER
    cancel_all(state, doomed.orders, reason, "CANCEL_ON_DISCONNECT the session ended")
    if doomed.last is not None:
        after = int(doomed.last.terms.order_id)
        assert command.after_order_id < after < before, "the slices do not come to an end"
        state.follow_ups.append(CancelRemaining(session.name, after, before))


def _ends_with_session(order: Order) -> bool:
    return order.terms.time_in_force not in _SURVIVES_DISCONNECT


def mass_cancel(state: EngineState, command: MassCancel) -> None:
    """OrderCanceled for each order that the mass cancel asks for, then MassCancelReported.

    MassCancelReported with a reject reason where it is refused. The ClOrdID is used up either way.
    """
    session = state.sessions.get(command.session)
    throttled = None if session is None else count_removal(state, session)
    refused = _refuse_mass_cancel(state, session, command)
    if refused is None and throttled is not None:
        refused = "99", f"{throttled.reason} {throttled.detail}"
    if refused is not None:
        reason, text = refused
        if session is not None:
            session.use_up(command.cl_ord_id)
        _report_mass_cancel(state, command, state.new_order_id(), "0", 0, reason, text)
        return
    assert session is not None
    session.cl_ord_ids[command.cl_ord_id] = None
    remaining = MassCancelRemaining(
        command, state.new_order_id(), 0, next_order_id=session.open_orders.last + 1
    )
    session.mass_cancels += 1
    assert session.mass_cancels <= MASS_CANCELS
    if session.mass_cancels == 1:
        mass_cancel_remaining(state, remaining)
    else:  # it waits behind the session's others, so that a batch does one slice of them
        state.follow_ups.append(remaining)


def mass_cancel_remaining(state: EngineState, command: MassCancelRemaining) -> None:
    """Next slice of a mass cancel: OrderCanceled for each order, and at last MassCancelReported."""
    request = command.request
    session = state.sessions[request.session]
    is_asked_for = asked_for(request.request_type, request.symbol, request.side)
    orders = session.open_orders.between(command.after_order_id, command.next_order_id)
    doomed = next_slice(orders, is_asked_for)
    cancel_all(state, doomed.orders, None, "MASS_CANCELED on request")
    canceled = command.canceled + len(doomed.orders)
    if doomed.last is not None:
        after = int(doomed.last.terms.order_id)
        assert after > command.after_order_id, "the slices do not come to an end"
        state.follow_ups.append(
            msgspec.structs.replace(command, canceled=canceled, after_order_id=after)
        )
        return
    if session.mass_cancels:  # one begun by an older engine was not counted
        session.mass_cancels -= 1
    response = request.request_type
    _report_mass_cancel(state, request, command.order_id, response, canceled, None, None)


def _refuse_mass_cancel(
    state: EngineState, session: Session | None, command: MassCancel
) -> tuple[str, str] | None:
    """MassCancelRejectReason(532) and text, or None."""
    if session is None:
        return "99", f"{RejectReason.SESSION_NOT_ENTITLED} the session may not enter orders"
    if command.request_type not in (SECURITY, ALL):
        return "0", f"{RejectReason.UNSUPPORTED_INSTRUCTION} 530={command.request_type}"
    if session.has_used(command.cl_ord_id):
        return "99", f"{RejectReason.DUPLICATE_CL_ORD_ID} 11={command.cl_ord_id} was used before"
    if command.request_type == SECURITY and command.symbol not in state.markets:
        return "1", f"{RejectReason.UNKNOWN_SYMBOL} 55={command.symbol or ''} is not traded here"
    if session.mass_cancels >= MASS_CANCELS:
        return "99", f"{RejectReason.THROTTLED} {MASS_CANCELS} mass cancels are under way"
    return None


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
            request.route,
        )
    )


def cancel_all(state: EngineState, orders: Iterable[Order], reason: str | None, text: str) -> None:
    """OrderCanceled for each of these orders; then their markets settle, for pegs may move.

    reason: ExecRestatementReason(378), None on request; text: Text(58).
    """
    touched = {}
    for order in orders:
        market = state.markets[order.terms.symbol]
        touched[order.terms.symbol] = market
        market.take_out(order)
        cancel_unasked(state, order, reason, text)
        assert order.counted_lots == 0, "an order that has ended is counted"
    for market in touched.values():
        settle(state, market)
