"""Answers to questions about orders: read only, as the state is between two commands."""

from venue.domain.answers import Answer, OrderStatus, OrderStatusQuery, OrderUnknown
from venue.engine.state.engine_state import EngineState


def knows_cl_ord_id(state: EngineState, session: str, cl_ord_id: str) -> bool:
    """Whether the session has used this ClOrdID on the trading day."""
    known = state.sessions.get(session)
    return known is not None and known.has_used(cl_ord_id)


def order_status(state: EngineState, query: OrderStatusQuery) -> Answer:
    """The order that any ClOrdID of its chain, or its OrderID, names, as it is now.

    OrderUnknown otherwise. Sessions of a member may have used the same ClOrdID: OrderID decides.
    """
    session = state.sessions.get(query.session)
    order = None if session is None else session.order_of(query.cl_ord_id)
    asked = query.order_id
    found = None if order is None else order.terms.order_id
    if session is not None and asked is not None and asked != found:
        order = state.orders.get(asked)
        if order is not None and order.terms.member != session.member.name:
            order = None
    if order is None:
        return OrderUnknown(
            query.session,
            query.symbol,
            query.side,
            state.timestamp_ns,
            f"UNKNOWN_ORDER 11={query.cl_ord_id} names no order",
            query.cl_ord_id,
            query.ord_status_req_id,
            route=query.route,
        )
    return OrderStatus(
        query.session,
        order.state(),
        state.timestamp_ns,
        query.ord_status_req_id,
        route=query.route,
    )
