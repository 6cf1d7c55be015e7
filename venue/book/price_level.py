"""Resting orders, and the queue of the orders at one price in time order.

An order joins and leaves its queue in constant time. Pure.
"""

from collections.abc import Iterator

from venue.domain.types import Side


class RestingOrder:
    """An order as the book sees it: side, limit price in ticks, open quantity in lots.

    floor_lots: the largest slice that an iceberg shows; 0 for an order that shows all of it.
    shown_lots: what the order shows now; 0 while it does not rest. self_match_key: orders with
    equal keys must not trade with each other; None: no such rule.
    """

    __slots__ = (
        "ahead",
        "behind",
        "floor_lots",
        "leaves_lots",
        "level",
        "price_ticks",
        "self_match_key",
        "shown_lots",
        "side",
    )

    def __init__(self, side: Side, price_ticks: int, leaves_lots: int) -> None:
        self.side = side
        self.price_ticks = price_ticks
        self.leaves_lots = leaves_lots
        self.floor_lots = 0
        self.shown_lots = 0
        self.self_match_key: str | None = None
        self.level: PriceLevel | None = None
        self.ahead: RestingOrder | None = None
        self.behind: RestingOrder | None = None

    def slice_lots(self) -> int:
        """Lots that the order shows when it joins the back of a queue."""
        if self.floor_lots and self.floor_lots < self.leaves_lots:
            return self.floor_lots
        return self.leaves_lots

    def slices(self) -> int:
        """How many times it shows something, at most, before it is filled."""
        return -(-self.leaves_lots // self.floor_lots) + 1 if self.floor_lots else 1


class PriceLevel:
    """The orders at one price. lots: what they show in all; count: how many there are.

    whole_lots: all that is open there, shown or not.
    """

    __slots__ = ("count", "first", "last", "lots", "price_ticks", "whole_lots")

    def __init__(self, price_ticks: int) -> None:
        self.price_ticks = price_ticks
        self.first: RestingOrder | None = None
        self.last: RestingOrder | None = None
        self.lots = 0
        self.whole_lots = 0
        self.count = 0

    def append(self, order: RestingOrder) -> None:
        """Add `order` behind all others."""
        assert order.level is None and order.leaves_lots > 0
        last = self.last
        order.level = self
        order.ahead = last
        order.behind = None
        if last is None:
            self.first = order
        else:
            last.behind = order
        self.last = order
        order.shown_lots = order.slice_lots()
        self.lots += order.shown_lots
        self.whole_lots += order.leaves_lots
        self.count += 1

    def remove(self, order: RestingOrder) -> None:
        """Take `order` out of the queue; its open quantity stays as it is."""
        assert order.level is self
        ahead, behind = order.ahead, order.behind
        if ahead is None:
            self.first = behind
        else:
            ahead.behind = behind
        if behind is None:
            self.last = ahead
        else:
            behind.ahead = ahead
        order.level = order.ahead = order.behind = None
        self.lots -= order.shown_lots
        self.whole_lots -= order.leaves_lots
        order.shown_lots = 0
        self.count -= 1

    def resize(self, order: RestingOrder, leaves_lots: int) -> None:
        """Change the open and the shown quantity of `order`; it keeps its place."""
        assert order.level is self and leaves_lots > 0
        taken = order.leaves_lots - leaves_lots
        order.leaves_lots = leaves_lots
        self.whole_lots -= taken
        shown = order.shown_lots
        order.shown_lots = order.slice_lots() if taken < 0 else min(shown, leaves_lots)
        self.lots += order.shown_lots - shown
        assert 0 < order.shown_lots <= leaves_lots

    def trade(self, order: RestingOrder, lots: int) -> None:
        """Trade `lots` of what `order` shows: fewer than it shows, so that it keeps its place."""
        assert order.level is self and 0 < lots < order.shown_lots
        order.leaves_lots -= lots
        order.shown_lots -= lots
        self.lots -= lots
        self.whole_lots -= lots

    def __iter__(self) -> Iterator[RestingOrder]:
        order = self.first
        while order is not None:
            yield order
            order = order.behind
