"""The orders in the book of one symbol, in the order of their priority, kept from the events alone.

May know events only. Pure: no I/O, nothing asked of the engine; it never shows who owns an order.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

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
from venue.marketdata.day_totals import EXACT, decimal_text
from venue.marketdata.levels import Levels
from venue.marketdata.messages import Action, OrderChange, PublicOrder
from venue.marketdata.public_ids import PublicIds

_RESTING_ORD_TYPES = frozenset(
    {
        OrdType.LIMIT.value,
        OrdType.STOP_LIMIT.value,
        OrdType.MARKET_WITH_LEFTOVER_AS_LIMIT.value,
        OrdType.PEGGED.value,
    }
)
_NEVER_RESTING = frozenset({TimeInForce.IMMEDIATE_OR_CANCEL.value, TimeInForce.FILL_OR_KILL.value})


class RestingOrder(NamedTuple):
    """One order in the book: what it shows at its price, and what its place depends on.

    kept: the terms that cost it its place if they change, as one text.
    """

    is_bid: bool
    price: Decimal
    shown_qty: Decimal
    order_qty: str
    kept: str

    @property
    def side(self) -> Side:
        """As the public sees it: a short sale is a sale."""
        return Side.BUY if self.is_bid else Side.SELL

    def change(self, action: Action, public_id: str) -> OrderChange:
        """What the public is told of the order."""
        price, quantity = decimal_text(self.price), decimal_text(self.shown_qty)
        return OrderChange(action, public_id, self.side, price, quantity)

    def shown(self, public_id: str) -> PublicOrder:
        """The order as the public sees it."""
        price, quantity = decimal_text(self.price), decimal_text(self.shown_qty)
        return PublicOrder(public_id, self.side, price, quantity)


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
    """The book of one symbol. `resting` has its orders, those of one price in time priority.

    It remembers what the public was told last: `take_changes` says what has changed since.
    """

    def __init__(self, ids: PublicIds) -> None:
        self.levels = Levels()
        self._ids = ids
        self._resting: dict[str, RestingOrder] = {}
        self._told: dict[str, RestingOrder | None] = {}
        """Orders that have changed, in the order in which they have joined last; as told before."""
        self._moved: set[str] = set()
        """Those of them that have joined a queue, or left one."""

    def begin_with(self, resting: Mapping[str, RestingOrder]) -> None:
        """Begin with these orders, given by OrderID in their order; they count as told."""
        for order_id, order in resting.items():
            self._join(order_id, order)

    @property
    def resting(self) -> Mapping[str, RestingOrder]:
        """The orders in the book, by OrderID."""
        return self._resting

    @property
    def is_told(self) -> bool:
        """Whether the public was told of all changes."""
        return not self._told

    def apply(self, order: OrderState, event: AnyEvent) -> None:
        """Take in the state of an order after an event."""
        order_id = order.terms.order_id
        before = self._resting.get(order_id)
        after = _in_book(order)
        if before is not None and after is not None and _keeps_place(event, before, after):
            if after.shown_qty != before.shown_qty:
                self._told.setdefault(order_id, before)
                more = EXACT.subtract(after.shown_qty, before.shown_qty)
                self.levels.add(after.is_bid, after.price, more, 0)
            self._resting[order_id] = after
        elif before is not None or after is not None:
            self._told[order_id] = self._told.pop(order_id, before)
            self._moved.add(order_id)
            if before is not None:
                del self._resting[order_id]
                taken = before.shown_qty.copy_negate()
                self.levels.add(before.is_bid, before.price, taken, -1)
            if after is not None:
                self._join(order_id, after)

    def _join(self, order_id: str, order: RestingOrder) -> None:
        self._resting[order_id] = order
        self.levels.add(order.is_bid, order.price, order.shown_qty, 1)

    def take_changes(self) -> tuple[OrderChange, ...]:
        """What leads from the book that was told last to this one; it counts as told then."""
        changes = []
        for order_id, was in self._told.items():
            now = self._resting.get(order_id)
            if was is None and now is None:
                continue
            public_id, moved = self._ids.of(order_id), order_id in self._moved
            if was is not None and moved:
                changes.append(was.change(Action.DELETE, public_id))
            if now is not None and (was is None or moved):
                changes.append(now.change(Action.NEW, public_id))
            elif now is not None and was is not None and now.shown_qty != was.shown_qty:
                changes.append(now.change(Action.CHANGE, public_id))
        self.forget_changes()
        return tuple(changes)

    def forget_changes(self) -> None:
        """Count all changes as told."""
        self._told.clear()
        self._moved.clear()

    def public_orders(self) -> list[PublicOrder]:
        """All orders as the public sees them, in the order in which they have joined."""
        of = self._ids.of
        return [order.shown(of(order_id)) for order_id, order in self._resting.items()]


def _in_book(order: OrderState) -> RestingOrder | None:
    """The order in the book; None if it is finished, waits or may never rest."""
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
    return RestingOrder(
        terms.side is Side.BUY, Decimal(order.price), shown_qty, order.order_qty, _kept(order)
    )


def _keeps_place(event: AnyEvent, before: RestingOrder, after: RestingOrder) -> bool:
    """Whether an order is where it was in its queue (RULES_OF_ENGAGEMENT.md, time priority).

    It goes to the back with another price, with more quantity or other terms, and when all that an
    iceberg has shown was traded.
    """
    if (before.is_bid, before.price) != (after.is_bid, after.price):
        return False
    if isinstance(event, TradeExecuted):
        return Decimal(event.last_qty) != before.shown_qty
    if isinstance(event, OrderReplaced):
        less = Decimal(after.order_qty) <= Decimal(before.order_qty)
        return less and after.kept == before.kept
    return True


def _kept(order: OrderState) -> str:
    terms = order.terms
    if order.max_floor is None and terms.exec_inst is None and terms.peg_offset is None:
        return ""
    exec_inst = " ".join(sorted((terms.exec_inst or "").split()))
    offset = decimal_text(Decimal(terms.peg_offset or 0))
    return f"{order.max_floor or ''}/{exec_inst}/{offset}"


def _shown_qty(order: OrderState) -> Decimal:
    """All of LeavesQty, or an iceberg's slice: a full one while the order is on its way to rest."""
    if order.displayed_qty is not None:
        return Decimal(order.displayed_qty)
    leaves_qty = Decimal(order.leaves_qty)
    return leaves_qty if order.max_floor is None else min(leaves_qty, Decimal(order.max_floor))
