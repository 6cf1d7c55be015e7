"""The book of one instrument: matching by price, then time, at the resting order's price.

Pure. The caller keeps the orders and decides what rests; the book keeps priority and quantity.
"""

from collections.abc import Iterator
from typing import NamedTuple

from venue.book.book_side import BookSide
from venue.book.resting_order import RestingOrder
from venue.domain.types import Side


class Match(NamedTuple):
    """One trade between the aggressor and `resting`, at the resting order's price."""

    resting: RestingOrder
    price_ticks: int
    lots: int


class OrderBook:
    """Both sides of one instrument. Invariant at rest: best bid below best ask."""

    __slots__ = ("asks", "bids")

    def __init__(self) -> None:
        self.bids = BookSide(Side.BUY)
        self.asks = BookSide(Side.SELL)

    def match(self, side: Side, limit_ticks: int | None, lots: int) -> Iterator[Match]:
        """Trade up to `lots` of an aggressor on `side` against the other side, best first.

        Each Match is yielded after the resting order was reduced or, when nothing of it is left,
        removed. Stops at `limit_ticks` (None: at no price).
        """
        opposite = self.asks if side is Side.BUY else self.bids
        while lots > 0 and opposite.crosses(limit_ticks):
            level = opposite.best
            assert level is not None and level.first is not None
            resting = level.first
            price_ticks = level.price_ticks
            if lots < resting.leaves_lots:
                traded = lots
                level.reduce(resting, traded)
            else:
                traded = resting.leaves_lots
                opposite.remove(resting)
                resting.leaves_lots = 0
            lots -= traded
            yield Match(resting, price_ticks, traded)

    def rest(self, order: RestingOrder) -> None:
        """Add an order that does not cross, behind all others at its price."""
        opposite = self.asks if order.side is Side.BUY else self.bids
        assert not opposite.crosses(order.price_ticks)
        self._side_of(order).rest(order)

    def remove(self, order: RestingOrder) -> None:
        """Take an order out of the book; its open quantity stays as it is."""
        self._side_of(order).remove(order)

    def reduce(self, order: RestingOrder, lots: int) -> None:
        """Lower an order's open quantity by `lots` (less than all of it); priority is kept."""
        assert order.level is not None
        order.level.reduce(order, lots)

    def _side_of(self, order: RestingOrder) -> BookSide:
        return self.bids if order.side is Side.BUY else self.asks
