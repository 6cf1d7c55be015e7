"""Ending orders: on request, and all of a session's in slices when it disconnects.

Also finds and checks the order that a cancel or replace request names.
"""

from venue.domain.commands import CancelOrder, CancelRemaining, ReplaceOrder
from venue.domain.events import CancelRejected, OrderCanceled
from venue.domain.reject_reasons import Refusal, RejectReason
from venue.domain.types import CxlRejResponseTo, ExecRestatementReason, OrdStatus, TimeInForce
from venue.engine.members import Session
from venue.engine.orders import Order
from venue.engine.state import EngineState

SLICE = 256
"""Most orders one command may cancel (DESIGN 3)."""

NO_ORDER_ID = "NONE"
_SURVIVES_DISCONNECT = (TimeInForce.GOOD_TILL_CANCEL, TimeInForce.GOOD_TILL_DATE)


def cancel_order(state: EngineState, command: CancelOrder) -> None:
    """CancelRejected, or OrderCanceled under the request's ClOrdID."""
    session = state.sessions.get(command.session)
    order = find_target(session, command.orig_cl_ord_id, command.order_id)
    refusal = check_target(session, order, command)
    if refusal is None:
        assert order is not None
        refusal = _check_same_order(order, command)
    if refusal is not None:
        response_to = CxlRejResponseTo.ORDER_CANCEL_REQUEST
        reject_request(state, session, order, command, response_to, refusal)
        return
    assert order is not None and session is not None
    session.cl_ord_ids[command.cl_ord_id] = None
    _cancel(state, order)
    state.events.append(
        OrderCanceled(
            *state.stamp(),
            order.terms.symbol,
            order.state(),
            command.cl_ord_id,
            order.cl_ord_id,
        )
    )


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
    for order in doomed[:SLICE]:
        _cancel(state, order)
        state.events.append(
            OrderCanceled(
                *state.stamp(),
                order.terms.symbol,
                order.state(),
                order.cl_ord_id,
                restatement_reason=ExecRestatementReason.OTHER,
                text="CANCEL_ON_DISCONNECT the session ended",
            )
        )
    if len(doomed) > SLICE:
        state.follow_ups.append(CancelRemaining(session.name))


def find_target(session: Session | None, cl_ord_id: str, order_id: str | None) -> Order | None:
    """The order whose last accepted ClOrdID this is; OrderID, when given, must agree."""
    if session is None:
        return None
    order = session.cl_ord_ids.get(cl_ord_id)
    if order is None or order.cl_ord_id != cl_ord_id:
        return None
    return order if order_id is None or order_id == order.terms.order_id else None


def check_target(
    session: Session | None, order: Order | None, command: CancelOrder | ReplaceOrder
) -> Refusal | None:
    """Entitlement, duplicate ClOrdID, unknown order, finished order: in that order."""
    if session is None:
        return Refusal(RejectReason.SESSION_NOT_ENTITLED, "the session may not enter orders")
    if command.cl_ord_id in session.cl_ord_ids:
        return Refusal(
            RejectReason.DUPLICATE_CL_ORD_ID, f"11={command.cl_ord_id} was used before today"
        )
    if order is None:
        return Refusal(RejectReason.UNKNOWN_ORDER, f"41={command.orig_cl_ord_id} names no order")
    if not order.is_open:
        return Refusal(
            RejectReason.ORDER_FINISHED, f"order {order.terms.order_id} is no longer open"
        )
    return None


def reject_request(
    state: EngineState,
    session: Session | None,
    order: Order | None,
    command: CancelOrder | ReplaceOrder,
    response_to: CxlRejResponseTo,
    refusal: Refusal,
) -> None:
    """CancelRejected; the request's ClOrdID is spent."""
    if session is not None:
        session.cl_ord_ids.setdefault(command.cl_ord_id, None)
    state.events.append(
        CancelRejected(
            *state.stamp(),
            command.symbol,
            command.session,
            "" if session is None else session.member.name,
            command.cl_ord_id,
            command.orig_cl_ord_id,
            NO_ORDER_ID if order is None else order.terms.order_id,
            OrdStatus.REJECTED if order is None else order.status,
            response_to,
            refusal.reason,
            refusal.detail,
        )
    )


def _check_same_order(order: Order, command: CancelOrder) -> Refusal | None:
    for tag, asked, kept in (
        ("55", command.symbol, order.terms.symbol),
        ("54", command.side, order.terms.side.value),
    ):
        if asked != kept:
            return Refusal(RejectReason.ORDER_TERMS_CHANGED, f"{tag}={asked} was {kept}")
    return None


def _cancel(state: EngineState, order: Order) -> None:
    state.books[order.terms.symbol].remove(order)
    order.cancel()
    state.order_finished(order)
