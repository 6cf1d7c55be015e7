"""The order that a cancel or replace request names, and the refusals that both requests share."""

import msgspec

from venue.domain.commands import CancelOrder, ReplaceOrder
from venue.domain.events import CancelRejected
from venue.domain.order_state import OrderTerms
from venue.domain.reject_reasons import Refusal, RejectReason
from venue.domain.types import CxlRejResponseTo, OrdStatus
from venue.engine.state.engine_state import EngineState
from venue.engine.state.members import Session
from venue.engine.state.orders import Order
from venue.engine.trading.unasked import expire

NO_ORDER_ID = "NONE"
Request = CancelOrder | ReplaceOrder


def find_target(state: EngineState, session: Session | None, request: Request) -> Order | None:
    """The order whose latest ClOrdID is OrigClOrdID(41) of the request, or None.

    One that is no longer open has any ClOrdID of its chain, that of the cancel too. A given
    OrderID(37) has to be that order's. An order of another session of the same member is found
    only by its OrderID. One whose ExpireTime has come expires now: OrderExpired.
    """
    if session is None:
        return None
    orig_cl_ord_id = request.orig_cl_ord_id
    named = session.order_of(orig_cl_ord_id)
    if request.order_id is None:
        order = named
    else:
        order = state.orders.get(request.order_id)
        if order is not None and order.terms.member != session.member.name:
            return None
    if order is None:
        return None
    if order.is_due(state.timestamp_ns):
        expire(state, order)
    if order.cl_ord_id == orig_cl_ord_id:
        return order
    if order.is_open:
        return None
    own = state.sessions[order.terms.session].order_of(orig_cl_ord_id)
    return order if order in (named, own) else None


def check_target(session: Session | None, order: Order | None, request: Request) -> Refusal | None:
    """Check entitlement, the ClOrdID, and that the order exists, is open and was not modified."""
    if session is None:
        return Refusal(RejectReason.SESSION_NOT_ENTITLED, "the session may not enter orders")
    refusal = check_duplicate(session, request.cl_ord_id)
    if refusal is not None:
        return refusal
    if order is None:
        return Refusal(RejectReason.UNKNOWN_ORDER, f"41={request.orig_cl_ord_id} names no order")
    if not order.is_open:
        return Refusal(
            RejectReason.ORDER_FINISHED, f"order {order.terms.order_id} is no longer open"
        )
    if request.orig_ord_mod_ms is None:
        return None
    return _check_modified(order, request.orig_ord_mod_ms)


def check_duplicate(session: Session, cl_ord_id: str) -> Refusal | None:
    """Check that the session has not used this ClOrdID today, for an order or a request."""
    if not session.has_used(cl_ord_id):
        return None
    return Refusal(RejectReason.DUPLICATE_CL_ORD_ID, f"11={cl_ord_id} was used before today")


def check_terms(request: Request, terms: OrderTerms) -> Refusal | None:
    """Check that the request has the order's symbol and side."""
    if request.symbol != terms.symbol:
        return refuse_change("55", request.symbol, terms.symbol)
    if request.side != terms.side:
        return refuse_change("54", request.side, terms.side)
    return None


def refuse_change(tag: str, asked: str, kept: str | None) -> Refusal:
    """ORDER_TERMS_CHANGED: what no replacement may change."""
    return Refusal(RejectReason.ORDER_TERMS_CHANGED, f"{tag}={asked} was {kept or 'not given'}")


def take_route(request: Request, order: Order) -> tuple[str | None, str]:
    """Send the order's further reports by the route of this request, if its own session asked.

    Returns the session that asked, if it is another one, and the route of its answer; then nothing
    changes. Else None and "".
    """
    terms = order.terms
    if request.session != terms.session:
        return request.session, request.route
    if request.route != terms.route:
        order.terms = msgspec.structs.replace(terms, route=request.route)
        assert order.terms.order_id == terms.order_id
    return None, ""


def reject_request(
    state: EngineState,
    session: Session | None,
    order: Order | None,
    request: Request,
    response_to: CxlRejResponseTo,
    refusal: Refusal,
) -> None:
    """CancelRejected; the request's ClOrdID is used up."""
    assert order is None or (session is not None and order.terms.member == session.member.name)
    if session is not None:
        session.use_up(request.cl_ord_id)
    state.events.append(
        CancelRejected(
            *state.stamp(),
            request.symbol,
            request.session,
            "" if session is None else session.member.name,
            request.cl_ord_id,
            request.orig_cl_ord_id,
            NO_ORDER_ID if order is None else order.terms.order_id,
            OrdStatus.REJECTED if order is None else order.status,
            response_to,
            refusal.reason,
            refusal.detail,
            request.route,
        )
    )


def _check_modified(order: Order, orig_ord_mod_ms: int) -> Refusal | None:
    modified_ms = order.modified_ns // 1_000_000
    whole_second = orig_ord_mod_ms % 1000 == 0 and modified_ms // 1000 == orig_ord_mod_ms // 1000
    if orig_ord_mod_ms == modified_ms or whole_second:
        return None
    return Refusal(
        RejectReason.ORDER_MODIFIED_SINCE,
        f"586 is {orig_ord_mod_ms - modified_ms} ms from its last acceptance",
    )
