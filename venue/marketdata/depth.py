"""The aggregated book of one symbol: price levels, kept from the events alone.

May know events only. Pure: no I/O, nothing asked of the engine; it never shows who owns an order.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, Self

from sortedcontainers import SortedDict

from venue.domain.events import (
    AnyEvent,
    Event,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderReplaced,
    OrderRestated,
    TradeBusted,
    TradeCorrected,
    TradeExecuted,
)
from venue.domain.order_state import OrderState
from venue.domain.types import OPEN_STATUSES, OrdType, Side, TimeInForce
from venue.marketdata.day_totals import EXACT

_ZERO = Decimal(0)
_RESTING_ORD_TYPES = frozenset(
    {
        OrdType.LIMIT.value,
        OrdType.STOP_LIMIT.value,
        OrdType.MARKET_WITH_LEFTOVER_AS_LIMIT.value,
        OrdType.PEGGED.value,
    }
)
_NEVER_RESTING = frozenset({TimeInForce.IMMEDIATE_OR_CANCEL.value, TimeInForce.FILL_OR_KILL.value})


class Level(NamedTuple):
    """One price level: the quantity that its orders show in all, and how many orders it has."""

    price: Decimal
    quantity: Decimal
    orders: int


class RestingOrder(NamedTuple):
    """What one order adds to its price level."""

    is_bid: bool
    price: Decimal
    shown_qty: Decimal


def _own_order(event: Any) -> tuple[OrderState, ...]:
    return (event.order,)


def _both_orders(event: TradeExecuted | TradeBusted | TradeCorrected) -> tuple[OrderState, ...]:
    return (event.buy.order, event.sell.order)


ORDERS_CHANGED: Mapping[type[Event], Callable[[Any], tuple[OrderState, ...]]] = {
    OrderAccepted: _own_order,
    OrderReplaced: _own_order,
    OrderCanceled: _own_order,
    OrderExpired: _own_order,
    OrderRestated: _own_order,
    TradeExecuted: _both_orders,
    TradeBusted: _both_orders,
    TradeCorrected: _both_orders,
}
"""Event -> the orders that it leaves in a new state. An event that is not here changes no order.

An event that changes an order needs a line here; a test compares the table with the events.
"""


def orders_changed(event: AnyEvent) -> tuple[OrderState, ...]:
    """The states in which `event` leaves the orders it is about; empty when it changes no order."""
    of_event = ORDERS_CHANGED.get(type(event))
    return of_event(event) if of_event is not None else ()


class Depth:
    """Price levels of one symbol. Quantities and prices are exact decimals of the events' texts."""

    def __init__(self) -> None:
        self._resting: dict[str, RestingOrder] = {}
        self._bids: SortedDict[Decimal, tuple[Decimal, int]] = SortedDict()
        self._asks: SortedDict[Decimal, tuple[Decimal, int]] = SortedDict()

    @classmethod
    def of(cls, resting: Mapping[str, RestingOrder]) -> Self:
        """The book with these orders, given by OrderID."""
        depth = cls()
        for order_id, order in resting.items():
            depth._resting[order_id] = order
            depth._add(order, order.shown_qty, 1)
        return depth

    @property
    def resting(self) -> Mapping[str, RestingOrder]:
        """The orders in the book, by OrderID."""
        return self._resting

    def apply(self, order: OrderState) -> None:
        """Take in the state of an order after an event."""
        before = self._resting.pop(order.terms.order_id, None)
        if before is not None:
            self._add(before, _ZERO - before.shown_qty, -1)
        after = _resting(order)
        if after is not None:
            self._resting[order.terms.order_id] = after
            self._add(after, after.shown_qty, 1)

    def _add(self, resting: RestingOrder, quantity: Decimal, orders: int) -> None:
        levels = self._bids if resting.is_bid else self._asks
        held, count = levels.get(resting.price, (_ZERO, 0))
        held, count = EXACT.add(held, quantity), count + orders
        if count:
            levels[resting.price] = (held, count)
        else:
            assert held == 0, f"quantity {held} without an order at {resting.price}"
            del levels[resting.price]

    @property
    def crossed(self) -> bool:
        """Whether the best bid reaches the best ask: an aggressor's trades are still to come."""
        if not self._bids or not self._asks:
            return False
        best_bid: Decimal = self._bids.peekitem(-1)[0]
        best_ask: Decimal = self._asks.peekitem(0)[0]
        return best_bid >= best_ask

    def bids(self, limit: int) -> tuple[Level, ...]:
        """At most `limit` bid levels, the highest price first."""
        best = self._bids.islice(max(len(self._bids) - limit, 0), reverse=True)
        return tuple(Level(price, *self._bids[price]) for price in best)

    def asks(self, limit: int) -> tuple[Level, ...]:
        """At most `limit` ask levels, the lowest price first."""
        best = self._asks.islice(0, limit)
        return tuple(Level(price, *self._asks[price]) for price in best)


def _resting(order: OrderState) -> RestingOrder | None:
    """What an order adds to the book; None if it is finished, waits or may never rest."""
    terms = order.terms
    if (
        order.price is None
        or order.waiting
        or order.ord_status not in OPEN_STATUSES
        or terms.ord_type not in _RESTING_ORD_TYPES
        or terms.time_in_force in _NEVER_RESTING
    ):
        return None
    shown_qty = _shown_qty(order)
    if shown_qty == 0:
        return None
    return RestingOrder(terms.side is Side.BUY, Decimal(order.price), shown_qty)


def _shown_qty(order: OrderState) -> Decimal:
    """All of LeavesQty, or an iceberg's slice: a full one while the order is on its way to rest."""
    if order.displayed_qty is not None:
        return Decimal(order.displayed_qty)
    leaves_qty = Decimal(order.leaves_qty)
    return leaves_qty if order.max_floor is None else min(leaves_qty, Decimal(order.max_floor))
