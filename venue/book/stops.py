"""Stop orders that wait for their price, in the order of StopPx from the market, then of time.

Pure. Knows no trades: the caller says which prices were traded.
"""

from collections import OrderedDict
from collections.abc import Iterator

from sortedcontainers import SortedDict

from venue.book.price_level import RestingOrder
from venue.domain.types import Side


class StopSide:
    """Stops of one side. A buy waits for a trade at or above its StopPx, a sell at or below it."""

    __slots__ = ("_levels", "_sign")

    def __init__(self, side: Side) -> None:
        self._sign = 1 if side is Side.BUY else -1
        self._levels: SortedDict[int, OrderedDict[RestingOrder, None]] = SortedDict()

    def add(self, order: RestingOrder, stop_ticks: int) -> None:
        """Add `order` behind the others with its StopPx."""
        level = self._levels.setdefault(self._sign * stop_ticks, OrderedDict())
        assert order not in level
        level[order] = None

    def remove(self, order: RestingOrder, stop_ticks: int) -> None:
        """Take `order` out."""
        key = self._sign * stop_ticks
        level = self._levels[key]
        assert order in level
        del level[order]
        if not level:
            del self._levels[key]

    def waiting(self) -> Iterator[RestingOrder]:
        """The orders as they would be triggered, first one first."""
        for level in self._levels.values():
            yield from level

    def first_reached(self, price_ticks: int) -> RestingOrder | None:
        """The first order that a trade at this price triggers, or None. Nothing is removed."""
        if not self._levels:
            return None
        key, level = self._levels.peekitem(0)
        if key > self._sign * price_ticks:
            return None
        return next(iter(level))


class Stops:
    """Waiting stop orders of one instrument."""

    __slots__ = ("_buys", "_sells")

    def __init__(self) -> None:
        self._buys = StopSide(Side.BUY)
        self._sells = StopSide(Side.SELL)

    def add(self, order: RestingOrder, stop_ticks: int) -> None:
        """Add `order`, which waits for a trade at `stop_ticks`."""
        assert order.level is None, "a stop waits and rests"
        self._side_of(order).add(order, stop_ticks)

    def remove(self, order: RestingOrder, stop_ticks: int) -> None:
        """Take `order` out."""
        assert order.level is None, "a stop waited and rested"
        self._side_of(order).remove(order, stop_ticks)

    def waiting(self) -> Iterator[RestingOrder]:
        """All orders: buys, then sells, each side as it would be triggered."""
        yield from self._buys.waiting()
        yield from self._sells.waiting()

    def first_reached(self, low_ticks: int, high_ticks: int) -> RestingOrder | None:
        """The next order to trigger after trades from low to high, buys first; None: no order."""
        return self._buys.first_reached(high_ticks) or self._sells.first_reached(low_ticks)

    def _side_of(self, order: RestingOrder) -> StopSide:
        return self._buys if order.side is Side.BUY else self._sells
