"""Expiry: which orders' time has come, by the clock, the end of a day or the hours of a group.

In slices of SLICE orders, in order of entry.
"""

from sortedcontainers import SortedList

from venue.domain.commands import ExpireRemaining
from venue.domain.types import Phase, TimeInForce
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.orders import Order
from venue.engine.trading.placing import settle
from venue.engine.trading.slices import SLICE
from venue.engine.trading.unasked import expire


def expire_remaining(state: EngineState, command: ExpireRemaining) -> None:
    """Next slice of what expires, and of what trades have set off in any market."""
    expire_due(state)
    for market in state.markets.values():
        settle(state, market)


def expire_due(state: EngineState) -> None:
    """OrderExpired for SLICE of the orders whose time has come; the rest follows."""
    due = _find_due(state)
    touched: dict[str, Market] = {}
    for order in take_slice(state, due):
        touched[order.terms.symbol] = state.markets[order.terms.symbol]
        expire(state, order)
    for market in touched.values():
        settle(state, market)
    if due:
        state.follow_ups.append(ExpireRemaining())


def withdraw_due(state: EngineState) -> bool:
    """Take the orders whose ExpireTime has come out of their markets: nothing trades from then on.

    Returns whether there are any; they still are open until they expire.
    """
    after_ns, state.withdrawn_to_ns = state.withdrawn_to_ns, state.timestamp_ns
    due = list(state.expiring.between(after_ns, state.timestamp_ns))
    for number in due:
        order = state.orders[str(number)]
        state.markets[order.terms.symbol].take_out(order)
        order.waiting = False
        if order.conditions.stop_ticks is not None:
            order.conditions = order.conditions._replace(stop_ticks=None)
    return bool(due)


def _find_due(state: EngineState) -> SortedList[int]:
    """`state.due` as of now. What is closed only the clock adds to: no order can enter there."""
    if state.due is None:
        state.due_to_ns = 0
        state.due = SortedList()
        closed = {s for s, market in state.markets.items() if market.phase is Phase.CLOSED}
        if closed:
            state.due = SortedList(
                int(order.terms.order_id)
                for order in state.open_orders()
                if order.terms.symbol in closed
                and order.terms.expire_ns is None
                and ends_with_day(state, order)
            )
    state.due.update(state.expiring.between(state.due_to_ns, state.timestamp_ns))
    state.due_to_ns = state.timestamp_ns
    return state.due


def still_expires(state: EngineState) -> bool:
    """Whether slices of what has run out are still to come, at the end of a day for example."""
    return any(state.orders[str(number)].is_open for number in _find_due(state))


def take_slice(state: EngineState, left: SortedList[int]) -> list[Order]:
    """Take the first SLICE open orders from `left`; then it begins with an open one, or is empty.

    OrderIDs count up, so that theirs is the order of entry.
    """
    taken: list[Order] = []
    while left:
        order = state.orders[str(left[0])]
        if order.is_open:
            if len(taken) == SLICE:
                break
            taken.append(order)
        del left[0]
    return taken


def ends_with_day(state: EngineState, order: Order) -> bool:
    """Whether an open order expires at the end of the current trading day."""
    if not order.is_open or order.terms.time_in_force == TimeInForce.GOOD_TILL_CANCEL:
        return False
    if order.terms.time_in_force == TimeInForce.GOOD_TILL_DATE:
        date = order.terms.expire_date
        return date <= state.trading_day if date is not None else order.is_due(state.timestamp_ns)
    return True
