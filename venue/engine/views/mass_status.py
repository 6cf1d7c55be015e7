"""The answer to an OrderMassStatusRequest, a slice at a time: the state may change in between.

Reads only. Tells of the orders that were open when it began and entered before.
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
    """One status for each of the session's open orders asked for; one OrderUnknown for none.

    done: nothing is left to say. Each order is told of as it is then; one that has ended meanwhile
    is left out, unless all behind it have too: then the last answer is about it, for there has to
    be one that says it is the last.
    """

    __slots__ = ("_after", "_before", "_held", "_of", "_query", "_state", "done")

    def __init__(self, state: EngineState, query: OrderMassStatusQuery) -> None:
        self._state = state
        self._query = query
        self._before = state.next_order_id
        self._after = 0
        self._of = self._count()
        self._held: list[Order] = []  # at most one, that may turn out to be the last
        self.done = False

    def answers(self) -> list[Answer]:
        """The next slice's, in order of entry; there may be none yet."""
        assert not self.done
        if not self._of:
            return self._nothing(self._why_none())
        query = self._query
        session = self._state.sessions[query.session]
        found = next_slice(
            session.open_orders.between(self._after, self._before),
            asked_for(query.request_type, query.symbol, query.side),
        )
        orders = [*self._held, *found.orders]
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
        """Answer that it is not answered now (THROTTLED)."""
        return self._nothing(f"{RejectReason.THROTTLED} {detail}", OTHER)

    def _count(self) -> int:
        """How many orders are asked for and open now."""
        query = self._query
        session = self._state.sessions.get(query.session)
        if session is None or query.request_type not in (SECURITY, ALL):
            return 0
        symbol = None if query.request_type == ALL else query.symbol or ""
        return session.open_orders.count(symbol, query.side)

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
