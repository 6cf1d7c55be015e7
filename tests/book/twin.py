"""The venue's book and the naive one, given the same operations and compared after each."""

from typing import NamedTuple

from venue.book.depth import Depth
from venue.book.order_book import OrderBook
from venue.book.price_level import RestingOrder
from venue.domain.types import Side

from .reference import NaiveBook, NaiveMatch, NaiveOrder

ANY_PRICE = {Side.BUY: 1 << 40, Side.SELL: 0}
"""Limits that every order of the other side is within."""


class Entry(NamedTuple):
    """An order to enter. price None: at any price. cancels_resting: of two of one owner."""

    side: Side
    price: int | None
    lots: int
    rests: bool = True
    floor: int = 0
    owner: int = 0
    cancels_resting: bool = False


class TwinBooks:
    """Applies every operation to both. `open`: names of resting orders in order of entry."""

    def __init__(self) -> None:
        self.book = OrderBook()
        self.naive = NaiveBook()
        self.open: dict[int, RestingOrder] = {}
        self.entries: dict[int, Entry] = {}
        self.entered = 0
        self.traded_lots = 0
        self.added_lots = 0
        self.removed_lots = 0
        self.own_met = 0
        self.slices = 0

    def enter(self, entry: Entry) -> list[NaiveMatch]:
        """Match a new order and rest what is left if it may; the matches, equal in both books."""
        self.entered += 1
        self.added_lots += entry.lots
        name = self.entered
        self.entries[name] = entry
        limit = ANY_PRICE[entry.side] if entry.price is None else entry.price
        order = RestingOrder(entry.side, limit, entry.lots)
        order.floor_lots = entry.floor
        order.self_match_key = f"owner {entry.owner}" if entry.owner else None
        new = NaiveOrder(name, entry.side, limit, entry.lots, entry.floor, entry.owner)
        market = entry.price is None
        expected = self.naive.would_match(new, market, entry.cancels_resting)
        assert self.book.available(order, skip_own=entry.cancels_resting) == expected
        depth = Depth(self.book.opposite_of(order.side))
        assert depth.has_all_of(order, entry.cancels_resting) is (expected == entry.lots)
        matches = self._match(entry, order)
        assert matches == self.naive.match(new, market, entry.cancels_resting)
        assert order.leaves_lots == new.lots
        traded = sum(match.lots for match in matches)
        assert traded == expected
        self.traded_lots += traded
        if new.lots and entry.rests and not market:
            self.open[name] = order
            self.book.rest(order)
            self.naive.rest(new)
        else:
            self.removed_lots += new.lots
        return matches

    def _match(self, entry: Entry, order: RestingOrder) -> list[NaiveMatch]:
        names = {id(resting): name for name, resting in self.open.items()}
        matches = []
        for resting, price, lots in self.book.match(order):
            name = names[id(resting)]
            matches.append(NaiveMatch(name, price, lots))
            if lots == 0:
                self.own_met += 1
                gives_way = resting if entry.cancels_resting else order
                self.removed_lots += gives_way.leaves_lots
                if gives_way is order:
                    order.leaves_lots = 0
                else:
                    self.book.remove(resting)
                    del self.open[name]
            elif resting.leaves_lots == 0:
                assert resting.level is None
                del self.open[name]
            elif resting.floor_lots:
                self.slices += resting.behind is None
        return matches

    def cancel(self, name: int) -> None:
        """Cancel an open order."""
        order = self.open.pop(name)
        self.book.remove(order)
        self.naive.cancel(name)
        self.removed_lots += order.leaves_lots

    def resize(self, name: int, lots: int) -> None:
        """Give an open order another open quantity, in its place."""
        change = lots - self.open[name].leaves_lots
        self.book.resize(self.open[name], lots)
        self.naive.resize(name, lots)
        self.added_lots += change

    def replace(self, name: int, price: int, lots: int) -> list[NaiveMatch]:
        """Cancel and enter anew on the same side, as a replace that loses priority does."""
        self.cancel(name)
        return self.enter(self.entries[name]._replace(price=price, lots=lots))

    def check(self) -> None:
        """Both books hold the same, and what must always hold does."""
        bids, asks = self.levels(Side.BUY), self.levels(Side.SELL)
        assert bids == self.naive.levels(Side.BUY)
        assert asks == self.naive.levels(Side.SELL)
        assert not bids or not asks or bids[0][0] < asks[0][0], "crossed at rest"
        names = {id(order): name for name, order in self.open.items()}
        for side, book_side in ((Side.BUY, self.book.bids), (Side.SELL, self.book.asks)):
            queue = [
                (names[id(order)], order.leaves_lots, order.shown_lots)
                for level in book_side.levels()
                for order in level
            ]
            naive = [(order.name, order.lots, order.shown) for order in self.naive.queue(side)]
            assert queue == naive, "price, then time"
            assert book_side.best is next(book_side.levels(), None)
            assert len(book_side) == len(list(book_side.levels()))
        resting = sum(order.leaves_lots for order in self.open.values())
        # a trade takes its quantity from both of its sides
        assert self.added_lots == resting + 2 * self.traded_lots + self.removed_lots

    def levels(self, side: Side) -> list[tuple[int, int, int]]:
        """(price, shown, count) as the levels state it, which must agree with their queues."""
        book_side = self.book.bids if side is Side.BUY else self.book.asks
        stated = [(level.price_ticks, level.lots, level.count) for level in book_side.levels()]
        counted = [
            (level.price_ticks, sum(order.shown_lots for order in level), len(list(level)))
            for level in book_side.levels()
        ]
        assert stated == counted
        return stated
