"""Lists of orders in order of entry: all orders of the trading day, and a session's open orders.

They are made for many orders: an order costs one pointer instead of a place in a dictionary.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, ValuesView
from itertools import chain, islice

from sortedcontainers import SortedDict

from venue.engine.state.orders import Order

_GAP_MAX = 1000
_DIGITS_MAX = 18
_FINISHED_MIN = 64


class DayOrders(Mapping[str, Order]):
    """The day's orders by OrderID. OrderIDs count up, so an OrderID is a place in a list.

    Mass cancels use OrderIDs too, so the list has gaps. Orders before a large gap, such as those of
    earlier days, are kept in a dictionary. So is an order with an OrderID that is lower than the
    list's first: it occurs only where a what-if executes recorded commands in another state.
    """

    __slots__ = ("_count", "_earlier", "_first", "_highest", "_listed")

    def __init__(self) -> None:
        self._earlier: SortedDict[int, Order] = SortedDict()
        self._first = 1
        self._highest = 0
        self._listed: list[Order | None] = []
        self._count = 0

    def add(self, order: Order) -> bool:
        """Add an order with a new OrderID. Returns whether that is the highest OrderID so far."""
        number = _number(order)
        gap = number - self._first - len(self._listed)
        if number < self._first:
            self._earlier[number] = order
        elif gap < 0:
            assert self._listed[number - self._first] is None, "an OrderID is used twice"
            self._listed[number - self._first] = order
        else:
            if gap > (max(_GAP_MAX, len(self._listed)) if self._listed else 0):
                self._earlier.update((_number(o), o) for o in self._listed if o is not None)
                self._listed = []
                self._first = number
            elif gap:
                self._listed += [None] * gap
            assert self._first + len(self._listed) == number, "an OrderID is another place"
            self._listed.append(order)
        self._count += 1
        is_highest = number > self._highest
        if is_highest:
            self._highest = number
        return is_highest

    def add_earlier(self, orders: Iterable[Order]) -> None:
        """Add orders of days before the current one, in front of all others."""
        assert not self._count
        self._earlier.update((_number(order), order) for order in orders)
        self._count = len(self._earlier)
        self._highest = self._earlier.keys()[-1] if self._earlier else 0
        self._first = self._highest + 1

    def forget(self, after: int, before: int, most: int) -> int | None:
        """Look at `most` orders with OrderIDs between these, and forget those of days before.

        Trades that are remembered keep their orders. Returns the last OrderID that was looked at,
        None after the last one of all.
        """
        looked_at = list(islice(self.between(after, before), most))
        for order in looked_at:
            number = _number(order)
            place = number - self._first
            is_listed = place >= 0 and number not in self._earlier
            if is_listed:
                self._listed[place] = None
            if not order.day.is_over or order.trades:
                if order.day.is_over:
                    order.roll_over()
                self._earlier[number] = order
                continue
            assert not order.is_open
            if not is_listed:
                del self._earlier[number]
            self._count -= 1
        if len(looked_at) == most:
            return after if not looked_at else _number(looked_at[-1])
        left = min(max(before - self._first, 0), len(self._listed))
        del self._listed[:left]
        self._first += left
        return None

    def between(self, after: int, before: int) -> Iterator[Order]:
        """Orders with an OrderID above `after` and below `before`, in order of entry."""
        for number in self._earlier.irange(after + 1, before - 1):
            yield self._earlier[number]
        listed, first = self._listed, self._first
        for place in range(max(after + 1 - first, 0), min(before - first, len(listed))):
            order = listed[place]
            if order is not None:
                yield order

    def __getitem__(self, order_id: str) -> Order:
        order: Order | None = None
        if len(order_id) <= _DIGITS_MAX and order_id.isdecimal():
            number = int(order_id)
            place = number - self._first
            if 0 <= place < len(self._listed):
                order = self._listed[place]
            if order is None:
                order = self._earlier.get(number)
        if order is None or order.terms.order_id != order_id:
            raise KeyError(order_id)
        return order

    def __iter__(self) -> Iterator[str]:
        return (order.terms.order_id for order in self.all())

    def __len__(self) -> int:
        return self._count

    def all(self) -> Iterator[Order]:
        """All orders in order of entry."""
        listed = (order for order in self._listed if order is not None)
        return chain(self._earlier.values(), listed)

    def behind(self, order_id: int) -> Iterator[Order]:
        """The orders with an OrderID above this one."""
        return self.between(order_id, self._highest + 1)

    def values(self) -> ValuesView[Order]:
        """All orders in order of entry."""
        return _Values(self)


class _Values(ValuesView[Order]):
    """The values of DayOrders, without a lookup by key for each."""

    def __init__(self, orders: DayOrders) -> None:
        super().__init__(orders)
        self._orders = orders

    def __iter__(self) -> Iterator[Order]:
        return self._orders.all()


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
