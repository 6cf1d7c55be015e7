"""The venue's book and the naive one, given the same operations and compared after each."""

from venue.book.order_book import OrderBook
from venue.book.resting_order import RestingOrder
from venue.domain.types import Side

from .reference import NaiveBook, NaiveMatch


class TwinBooks:
    """Applies every operation to both. `open`: names of resting orders in order of entry."""

    def __init__(self) -> None:
        self.book = OrderBook()
        self.naive = NaiveBook()
        self.open: dict[int, RestingOrder] = {}
        self.entered = 0
        self.entered_lots = 0
        self.traded_lots = 0
        self.removed_lots = 0

    def enter(
        self, side: Side, limit: int | None, lots: int, rests: bool = True
    ) -> list[NaiveMatch]:
        """Match a new order and rest what is left if it may; the matches, equal in both books."""
        self.entered += 1
        self.entered_lots += lots
        name = self.entered
        names = {id(order): name for name, order in self.open.items()}
        matches = [
            NaiveMatch(names[id(resting)], price, traded)
            for resting, price, traded in self.book.match(side, limit, lots)
        ]
        assert matches == self.naive.enter(name, side, limit, lots, rests)
        left = lots - sum(match.lots for match in matches)
        self.traded_lots += lots - left
        for match in matches:
            if self.open[match.resting].leaves_lots == 0:
                del self.open[match.resting]
        if left and rests and limit is not None:
            order = self.open[name] = RestingOrder(side, limit, left)
            self.book.rest(order)
        else:
            self.removed_lots += left
        return matches

    def cancel(self, name: int) -> None:
        """Cancel an open order."""
        order = self.open.pop(name)
        self.book.remove(order)
        self.naive.cancel(name)
        self.removed_lots += order.leaves_lots

    def reduce(self, name: int, lots: int) -> None:
        """Lower an open order's quantity by less than all of it."""
        self.book.reduce(self.open[name], lots)
        self.naive.reduce(name, lots)
        self.removed_lots += lots

    def replace(self, name: int, price: int, lots: int) -> list[NaiveMatch]:
        """Cancel and enter anew on the same side, as a replace that loses priority does."""
        side = self.open[name].side
        self.cancel(name)
        return self.enter(side, price, lots)

    def check(self) -> None:
        """Both books hold the same, and what must always hold does."""
        bids, asks = self.levels(Side.BUY), self.levels(Side.SELL)
        assert bids == self.naive.levels(Side.BUY)
        assert asks == self.naive.levels(Side.SELL)
        assert not bids or not asks or bids[0][0] < asks[0][0], "crossed at rest"
        names = {id(order): name for name, order in self.open.items()}
        for side, book_side in ((Side.BUY, self.book.bids), (Side.SELL, self.book.asks)):
            queue = [names[id(order)] for level in book_side.levels() for order in level]
            assert queue == [order.name for order in self.naive.queue(side)], "price, then time"
            assert book_side.best is next(book_side.levels(), None)
            assert len(book_side) == len(list(book_side.levels()))
        resting = sum(order.leaves_lots for order in self.open.values())
        # a trade takes its quantity from both of its sides
        assert self.entered_lots == resting + 2 * self.traded_lots + self.removed_lots

    def levels(self, side: Side) -> list[tuple[int, int, int]]:
        """(price, total, count) as the levels state it, which must agree with their queues."""
        book_side = self.book.bids if side is Side.BUY else self.book.asks
        stated = [(level.price_ticks, level.lots, level.count) for level in book_side.levels()]
        counted = [
            (level.price_ticks, sum(order.leaves_lots for order in level), len(list(level)))
            for level in book_side.levels()
        ]
        assert stated == counted
        return stated
