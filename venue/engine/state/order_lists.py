"""A session's open orders in order of entry: an order costs one pointer, and no place in a
dictionary."""

from bisect import bisect_right, insort
from collections.abc import Iterator

from venue.engine.state.orders import Order

_FINISHED_MIN = 64


class OpenOrders:
    """A session's open orders. Ended ones are dropped once they are the larger part of the list.

    Counts by symbol and side are kept, so that `count` needs no look at the orders.
    """

    __slots__ = ("_count", "_counts", "_listed")

    def __init__(self) -> None:
        self._listed: list[Order] = []
        self._count = 0
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, order: Order, is_highest: bool) -> None:
        """Add an open order. is_highest: its OrderID is the highest so far (see DayOrders)."""
        assert order.leaves_lots > 0
        if is_highest:
            self._listed.append(order)
        else:
            insort(self._listed, order, key=_number)
        self._count += 1
        key = (order.terms.symbol, order.side)
        self._counts[key] = self._counts.get(key, 0) + 1

    def count_ended(self, order: Order) -> None:
        """Count one open order less: `order` has just ended."""
        self._count -= 1
        key = (order.terms.symbol, order.side)
        self._counts[key] = left = self._counts[key] - 1
        assert left >= 0
        if len(self._listed) > 2 * self._count + _FINISHED_MIN:
            self._listed = [order for order in self._listed if order.is_open]
            assert len(self._listed) == self._count

    def values(self) -> Iterator[Order]:
        """All open orders in order of entry."""
        return (order for order in self._listed if order.is_open)

    def between(self, after: int, before: int) -> Iterator[Order]:
        """Open orders with an OrderID above `after` and below `before`, in order of entry.

        While the caller iterates, orders may end but none may be added.
        """
        listed = self._listed
        for place in range(bisect_right(listed, after, key=_number), len(listed)):
            order = listed[place]
            if _number(order) >= before:
                return
            if order.is_open:
                yield order

    def count(self, symbol: str | None, side: str | None) -> int:
        """How many open orders have this symbol and side; None stands for any."""
        if symbol is None and side is None:
            return self._count
        return sum(
            count
            for (its_symbol, its_side), count in self._counts.items()
            if symbol in (None, its_symbol) and side in (None, its_side)
        )

    @property
    def last(self) -> int:
        """OrderID of the last open order, 0 without any."""
        return next((_number(order) for order in reversed(self._listed) if order.is_open), 0)

    def __iter__(self) -> Iterator[str]:
        """OrderIDs of the open orders in order of entry."""
        return (order.terms.order_id for order in self._listed if order.is_open)

    def __len__(self) -> int:
        return self._count


def _number(order: Order) -> int:
    return int(order.terms.order_id)
