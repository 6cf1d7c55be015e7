"""Queries and their answers. They change nothing, are not journaled, and have no event_seq.

An answer has the route of its query: header fields that send it back the way the query came.
"""

import msgspec

from venue.domain.order_state import OrderState

NO_SYMBOL, UNDISCLOSED = "NA", "7"
"""Symbol(55) and Side(54) of a report about no order, where the query named none."""
UNKNOWN_ORDER = "5"
"""OrdRejReason(103)."""


class OrderStatusQuery(msgspec.Struct, frozen=True, gc=False):
    """OrderStatusRequest(H), or a new order with PossResend(97)=Y and a ClOrdID that is known."""

    session: str
    cl_ord_id: str
    symbol: str
    side: str
    ord_status_req_id: str | None = None
    order_id: str | None = None
    route: str = ""


class OrderMassStatusQuery(msgspec.Struct, frozen=True, gc=False):
    """OrderMassStatusRequest(AF): the member's open orders, by symbol (585=1) or all (585=7)."""

    session: str
    mass_status_req_id: str
    request_type: str
    symbol: str | None = None
    side: str | None = None
    route: str = ""


class OrderStatus(msgspec.Struct, frozen=True, gc=False):
    """The order as it is now (ExecType I). of: how many reports answer the mass status request."""

    session: str
    order: OrderState
    timestamp_ns: int
    ord_status_req_id: str | None = None
    mass_status_req_id: str | None = None
    of: int = 0
    last: bool = False
    route: str = ""


class OrderUnknown(msgspec.Struct, frozen=True, gc=False):
    """No order was found, or none was looked for: ExecType I, OrdStatus 8, OrderID NONE."""

    session: str
    symbol: str
    side: str
    timestamp_ns: int
    text: str
    cl_ord_id: str | None = None
    ord_status_req_id: str | None = None
    mass_status_req_id: str | None = None
    ord_rej_reason: str = UNKNOWN_ORDER
    route: str = ""


Query = OrderStatusQuery | OrderMassStatusQuery
Answer = OrderStatus | OrderUnknown
