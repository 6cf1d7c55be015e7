"""Questions that change nothing, and what is answered: not journaled, without event_seq."""

import msgspec

from venue.domain.events import OrderState


class OrderStatusQuery(msgspec.Struct, frozen=True, gc=False):
    """OrderStatusRequest(H), or a PossResend(97)=Y of an order that is known already."""

    session: str
    cl_ord_id: str
    symbol: str
    side: str
    ord_status_req_id: str | None = None


class OrderStatus(msgspec.Struct, frozen=True, gc=False):
    """The order as it is now (ExecType I)."""

    session: str
    order: OrderState
    timestamp_ns: int
    ord_status_req_id: str | None = None


class OrderUnknown(msgspec.Struct, frozen=True, gc=False):
    """No order has this ClOrdID: ExecType I, OrdStatus 8, OrderID NONE, OrdRejReason 5."""

    session: str
    cl_ord_id: str
    symbol: str
    side: str
    timestamp_ns: int
    ord_status_req_id: str | None = None


Query = OrderStatusQuery
Answer = OrderStatus | OrderUnknown
