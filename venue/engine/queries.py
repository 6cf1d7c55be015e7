"""Answers to questions about orders: read only, as the state is between two commands."""

from venue.domain.answers import Answer, OrderStatus, OrderStatusQuery, OrderUnknown
from venue.engine.state import EngineState


def order_status(state: EngineState, query: OrderStatusQuery) -> Answer:
    """The order that any ClOrdID of its chain names, as it is now; OrderUnknown otherwise."""
    session = state.sessions.get(query.session)
    order = None if session is None else session.cl_ord_ids.get(query.cl_ord_id)
    if order is None:
        return OrderUnknown(
            query.session,
            query.cl_ord_id,
            query.symbol,
            query.side,
            state.timestamp_ns,
            query.ord_status_req_id,
        )
    return OrderStatus(query.session, order.state(), state.timestamp_ns, query.ord_status_req_id)


def knows_cl_ord_id(state: EngineState, session: str, cl_ord_id: str) -> bool:
    """Whether the session has used this ClOrdID on the trading day."""
    known = state.sessions.get(session)
    return known is not None and cl_ord_id in known.cl_ord_ids
