"""All orders of the trading day, and those of earlier days that are open or have remembered trades.

Made for many orders: an open one costs one pointer instead of a place in a dictionary, a finished
one its part of a page.
"""

from collections.abc import Iterator
from itertools import groupby, islice

from sortedcontainers import SortedDict

from venue.engine.state.day import Day
from venue.engine.state.finished import FinishedPage, Standings
from venue.engine.state.orders import Order

_PAGE = 32
_RECENT = 4_096
_GAP_MAX = 1000
_DIGITS_MAX = 18

Entry = Order | FinishedPage


class DayOrders:
    """The day's orders by OrderID. OrderIDs count up, so an OrderID is a place in a list.

    Mass cancels use OrderIDs too, so the list has gaps. Orders before a large gap, such as those of
    earlier days, are kept in a dictionary. So is an order with an OrderID that is lower than the
    list's first: it occurs only where a what-if executes recorded commands in another state.

    Finished orders are packed, `page` of them together, but for the last `recent`, which late
    cancels ask for most. Whoever looks at a packed one gets an object of his own, and gives it to
    `put_back` if he has changed it.
    """

    __slots__ = (
        "_count",
        "_earlier",
        "_finished",
        "_first",
        "_highest",
        "_listed",
        "_standings",
        "page",
        "recent",
    )

    def __init__(self) -> None:
        self._earlier: SortedDict[int, Entry] = SortedDict()
        self._first = 1
        self._highest = 0
        self._listed: list[Entry | None] = []
        self._count = 0
        self._finished: list[Order] = []
        """Those that are not packed yet, in the order in which they ended."""
        self._standings = Standings()
        self.page = _PAGE
        self.recent = _RECENT

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
                self._earlier.update(self._entries_between(self._first - 1, self._highest + 1))
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

    def add_earlier(self, order: Order) -> None:
        """Add an order of a day before the current one; all others are added behind these."""
        number = _number(order)
        assert number > self._highest and not self._listed
        self._earlier[number] = order
        self._count += 1
        self._highest = number
        self._first = number + 1

    def finish(self, order: Order) -> None:
        """Have an order that has just ended packed some time."""
        self._finished.append(order)

    def pack_finished(self) -> None:
        """Pack finished orders, pages full of them. Nobody may still use the objects."""
        while len(self._finished) >= self.recent + self.page:
            ended = self._finished[: self.page]
            del self._finished[: self.page]
            still = [order for order in ended if self._entry(_number(order)) is order]
            for _, run in groupby(still, key=_day_of):
                page = FinishedPage(list(run), self._standings)
                for number in page.numbers:
                    self._enter(number, page)

    def put_back(self, order: Order) -> None:
        """Keep an order as it is now, after a change of what was looked up here."""
        number = _number(order)
        if self._entry(number) is not order:
            assert not order.is_open
            self._enter(number, order)
            self.finish(order)

    def count_trades(self, order_id: str, more: int) -> None:
        """Count trades of an order that are remembered, or (negative) are not any more."""
        number = int(order_id)
        entry = self._entry(number)
        if isinstance(entry, FinishedPage):
            entry.count_trades(number, more)
        else:
            assert entry is not None and entry.trades + more >= 0
            entry.trades += more

    def forget(self, after: int, before: int, most: int) -> int | None:
        """Look at `most` orders with OrderIDs between these, and forget those of days before.

        Trades that are remembered keep their orders. Returns the last OrderID that was looked at,
        None after the last one of all.
        """
        looked_at = list(islice(self._entries_between(after, before), most))
        for number, entry in looked_at:
            place = number - self._first
            is_listed = place >= 0 and number not in self._earlier
            if is_listed:
                self._listed[place] = None
            trades = entry.trades(number) if isinstance(entry, FinishedPage) else entry.trades
            if not entry.day.is_over or trades:
                if entry.day.is_over:
                    _roll_over(number, entry)
                self._earlier[number] = entry
                continue
            assert isinstance(entry, FinishedPage) or not entry.is_open
            if not is_listed:
                del self._earlier[number]
            self._count -= 1
        if len(looked_at) == most:
            return after if not looked_at else looked_at[-1][0]
        left = min(max(before - self._first, 0), len(self._listed))
        del self._listed[:left]
        self._first += left
        return None

    def between(self, after: int, before: int) -> Iterator[Order]:
        """Orders with an OrderID above `after` and below `before`, in order of entry."""
        for number, entry in self._entries_between(after, before):
            yield entry.order(number) if isinstance(entry, FinishedPage) else entry

    def behind(self, order_id: int) -> Iterator[Order]:
        """The orders with an OrderID above this one."""
        return self.between(order_id, self._highest + 1)

    def values(self) -> Iterator[Order]:
        """All orders in order of entry."""
        return self.behind(0)

    def items(self) -> Iterator[tuple[str, Order]]:
        """All orders with their OrderIDs, in order of entry."""
        return ((order.terms.order_id, order) for order in self.values())

    def numbered(self, number: int) -> Order | None:
        """The order with this OrderID, None where there is none."""
        entry = self._entry(number)
        return entry.order(number) if isinstance(entry, FinishedPage) else entry

    def is_past(self, number: int) -> bool:
        """Whether the order with this OrderID had ended before the current day, or is forgotten."""
        entry = self._entry(number)
        return entry is None or entry.day.is_over

    def has(self, number: int) -> bool:
        """Whether there is an order with this OrderID."""
        return self._entry(number) is not None

    def get(self, order_id: str) -> Order | None:
        """The order with exactly this OrderID, None where there is none."""
        if len(order_id) > _DIGITS_MAX or not order_id.isdecimal():
            return None
        number = int(order_id)
        return self.numbered(number) if str(number) == order_id else None

    def __getitem__(self, order_id: str) -> Order:
        order = self.get(order_id)
        if order is None:
            raise KeyError(order_id)
        return order

    def __contains__(self, order_id: object) -> bool:
        return isinstance(order_id, str) and self.get(order_id) is not None

    def __iter__(self) -> Iterator[str]:
        return (str(number) for number, _ in self._entries_between(0, self._highest + 1))

    def __len__(self) -> int:
        return self._count

    def _entry(self, number: int) -> Entry | None:
        place = number - self._first
        if 0 <= place < len(self._listed):
            entry = self._listed[place]
            if entry is not None:
                return entry
        return self._earlier.get(number)

    def _enter(self, number: int, entry: Entry) -> None:
        """Put an entry in the place of the one that its order has."""
        place = number - self._first
        if 0 <= place < len(self._listed) and self._listed[place] is not None:
            self._listed[place] = entry
        else:
            assert number in self._earlier
            self._earlier[number] = entry

    def _entries_between(self, after: int, before: int) -> Iterator[tuple[int, Entry]]:
        for number in self._earlier.irange(after + 1, before - 1):
            yield number, self._earlier[number]
        listed, first = self._listed, self._first
        for place in range(max(after + 1 - first, 0), min(before - first, len(listed))):
            entry = listed[place]
            if entry is not None:
                yield first + place, entry


def _roll_over(number: int, entry: Entry) -> None:
    if isinstance(entry, FinishedPage):
        entry.roll_over(number)
    else:
        entry.roll_over()


def _number(order: Order) -> int:
    return int(order.terms.order_id)


def _day_of(order: Order) -> Day:
    return order.day
