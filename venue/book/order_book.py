"""The book of one instrument: matching by price, then time, at the resting order's price.

Pure. The caller keeps the orders and decides what rests; the book keeps priority and quantity.
"""

from collections.abc import Iterator
from typing import NamedTuple

from venue.book.book_side import BookSide
from venue.book.price_level import RestingOrder
from venue.domain.types import Side


class Match(NamedTuple):
    """One trade between the aggressor and `resting`, at the resting order's price.

    lots is 0 where both orders have the same owner and must not trade. The caller then cancels or
    reduces one of them before it asks for the next match.
    """

    resting: RestingOrder
    price_ticks: int
    lots: int


class OrderBook:
    """Both sides of one instrument. Invariant at rest: best bid below best ask."""

    __slots__ = ("asks", "bids")

    def __init__(self) -> None:
        self.bids = BookSide(Side.BUY)
        self.asks = BookSide(Side.SELL)

    def match(self, aggressor: RestingOrder) -> Iterator[Match]:
        """Trade an order that is not in the book with the other side, best price first.

        Trading goes on while `aggressor` has quantity left and its limit allows the next price. A
        Match is yielded after both open quantities were lowered. The resting order has then left
        the book, or shows the next slice of an iceberg at the back of its level. Each slice of an
        iceberg gives a Match of its own.
        """
        opposite = self.opposite_of(aggressor.side)
        limit_ticks = aggressor.price_ticks
        own = aggressor.self_match_key
        while aggressor.leaves_lots > 0 and opposite.crosses(limit_ticks):
            level = opposite.best
            assert level is not None and level.first is not None
            resting = level.first
            price_ticks = level.price_ticks
            if own is not None and own == resting.self_match_key:
                yield Match(resting, price_ticks, 0)
                assert resting.level is None or aggressor.leaves_lots == 0, "neither gave way"
                continue
            lots = aggressor.leaves_lots
            if lots < resting.shown_lots:
                level.trade(resting, lots)
            else:
                lots = resting.shown_lots
                opposite.remove(resting)
                resting.leaves_lots -= lots
                if resting.leaves_lots:
                    opposite.rest(resting)
            aggressor.leaves_lots -= lots
            yield Match(resting, price_ticks, lots)

    def available(self, aggressor: RestingOrder, skip_own: bool) -> int:
        """Lots that `match` would trade at once, at most what the aggressor has left.

        With `skip_own`, orders of the same owner do not count. Without it, trading ends at the
        first of them. Icebergs ahead of that order count with the shown slice only, because their
        next slice would queue behind it.
        """
        own = aggressor.self_match_key
        wanted = aggressor.leaves_lots
        found = 0
        for level in self.opposite_of(aggressor.side).levels_to(aggressor.price_ticks):
            if own is None:  # nobody's own: what the level tells will do
                found += level.whole_lots
                if found >= wanted:
                    return wanted
                continue
            shown = 0
            whole = 0
            for resting in level:
                if own != resting.self_match_key:
                    shown += resting.shown_lots
                    whole += resting.leaves_lots
                    if found + shown >= wanted:
                        return wanted
                elif not skip_own:
                    return found + shown
            found += whole
            if found >= wanted:
                return wanted
        return found

    def needs_more_matches(self, aggressor: RestingOrder, most: int) -> bool:
        """Whether it takes more than so many matches to fill all that an order has left.

        Orders of the same owner count too, for something is done about each.
        """
        wanted, matches = aggressor.leaves_lots, 0
        for level in self.opposite_of(aggressor.side).levels_to(aggressor.price_ticks):
            for resting in level:
                if wanted <= 0:
                    return False
                matches += resting.slices()
                if matches > most:
                    return True
                if resting.self_match_key is None or (
                    resting.self_match_key != aggressor.self_match_key
                ):
                    wanted -= resting.leaves_lots
        return False

    def rest(self, order: RestingOrder) -> None:
        """Add an order that does not cross, behind all others at its price."""
        assert not self.opposite_of(order.side).crosses(order.price_ticks)
        self.side_of(order.side).rest(order)

    def remove(self, order: RestingOrder) -> None:
        """Take an order out of the book; its open quantity stays as it is."""
        self.side_of(order.side).remove(order)
        assert order.shown_lots == 0, "an order out of the book shows something"

    def resize(self, order: RestingOrder, leaves_lots: int) -> None:
        """Change a resting order's open quantity (to more than 0); its place is kept."""
        assert order.level is not None
        order.level.resize(order, leaves_lots)

    def crosses(self, order: RestingOrder) -> bool:
        """Whether an order that does not rest would trade at once."""
        return self.opposite_of(order.side).crosses(order.price_ticks)

    def side_of(self, side: Side) -> BookSide:
        """The side on which an order of `side` rests."""
        return self.bids if side is Side.BUY else self.asks

    def opposite_of(self, side: Side) -> BookSide:
        """The side with which an order of `side` trades."""
        return self.asks if side is Side.BUY else self.bids
