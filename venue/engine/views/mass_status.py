"""The answer to an OrderMassStatusRequest(AF), a slice at a time. The state may change in between.

Reads only. Reports the orders that were open when the answer began.
"""

from venue.domain.answers import (
    NO_SYMBOL,
    UNDISCLOSED,
    UNKNOWN_ORDER,
    Answer,
    OrderMassStatusQuery,
    OrderStatus,
    OrderUnknown,
)
from venue.domain.reject_reasons import RejectReason
from venue.engine.state.engine_state import EngineState
from venue.engine.state.orders import Order
from venue.engine.trading.slices import ALL, SECURITY, asked_for, next_slice

OTHER = "99"
"""OrdRejReason(103)."""


class MassStatus:
    """One OrderStatus for each open order that was asked for; OrderUnknown where there is none.

    Each order is reported as it is at its slice. An order that has ended meanwhile is left out. One
    exception: if all orders behind it have ended too, it is reported all the same, because one
    answer has to say that it is the last. done: there is nothing left to report.
    """

    __slots__ = ("_after", "_before", "_held", "_of", "_query", "_state", "done")

    def __init__(self, state: EngineState, query: OrderMassStatusQuery) -> None:
        self._state = state
        self._query = query
        self._before = state.next_order_id
        self._after = 0
        self._of = self._count()
        self._held: list[Order] = []  # at most one: it may turn out to be the last to report
        self.done = False

    def answers(self) -> list[Answer]:
        """The answers of the next slice, in order of entry; a slice may have none."""
        assert not self.done
        if not self._of:
            return self._nothing(self._why_none())
        query = self._query
        session = self._state.sessions[query.session]
        found = next_slice(
            session.open_orders.between(self._after, self._before),
            asked_for(query.request_type, query.symbol, query.side),
        )
        orders = [*map(self._as_now, self._held), *found.orders]
        if found.last is not None:
            self._after = int(found.last.terms.order_id)
            self._held = orders[-1:]
            return [self._status(order) for order in orders[:-1] if order.is_open]
        if not orders:
            return self._nothing(self._why_none())
        self.done = True
        *others, last = orders
        told = [self._status(order) for order in others if order.is_open]
        return [*told, self._status(last, last=True)]

    def refuse(self, detail: str) -> list[Answer]:
        """The answer of a request that is refused (THROTTLED). Nothing follows it."""
        assert not self.done
        return self._nothing(f"{RejectReason.THROTTLED} {detail}", OTHER)

    def _count(self) -> int:
        """How many of the orders that are asked for are open now."""
        query = self._query
        session = self._state.sessions.get(query.session)
        if session is None or query.request_type not in (SECURITY, ALL):
            return 0
        symbol = None if query.request_type == ALL else query.symbol or ""
        return session.open_orders.count(symbol, query.side)

    def _as_now(self, order: Order) -> Order:
        """An order of an earlier slice, which may have ended and been changed since."""
        return self._state.orders.get(order.terms.order_id) or order

    def _status(self, order: Order, *, last: bool = False) -> Answer:
        return OrderStatus(
            self._query.session,
            order.state(),
            self._state.timestamp_ns,
            mass_status_req_id=self._query.mass_status_req_id,
            of=self._of,
            last=last,
            route=self._query.route,
        )

    def _why_none(self) -> str:
        offered = self._query.request_type in (SECURITY, ALL)
        what = "no open order" if offered else f"585={self._query.request_type} is not offered"
        return f"{RejectReason.UNKNOWN_ORDER} {what}"

    def _nothing(self, text: str, ord_rej_reason: str = UNKNOWN_ORDER) -> list[Answer]:
        self.done = True
        query = self._query
        return [
            OrderUnknown(
                query.session,
                query.symbol or NO_SYMBOL,
                UNDISCLOSED,
                self._state.timestamp_ns,
                text,
                mass_status_req_id=query.mass_status_req_id,
                ord_rej_reason=ord_rej_reason,
                route=query.route,
            )
        ]
