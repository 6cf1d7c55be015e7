"""One side of a book: price levels sorted so that the best is first, with the best at hand."""

from collections.abc import Iterator

from sortedcontainers import SortedDict

from venue.book.price_level import PriceLevel
from venue.book.resting_order import RestingOrder
from venue.domain.types import Side


class BookSide:
    """Price levels keyed by `sign` x price: bids by -price, asks by price, so smaller is better."""

    __slots__ = ("_levels", "_sign", "best")

    def __init__(self, side: Side) -> None:
        self._sign = -1 if side is Side.BUY else 1
        self._levels: SortedDict[int, PriceLevel] = SortedDict()
        self.best: PriceLevel | None = None

    def rest(self, order: RestingOrder) -> None:
        """Add `order` at the back of its price level."""
        key = self._sign * order.price_ticks
        level = self._levels.get(key)
        if level is None:
            level = PriceLevel(order.price_ticks)
            self._levels[key] = level
            best = self.best
            if best is None or key < self._sign * best.price_ticks:
                self.best = level
        level.append(order)

    def remove(self, order: RestingOrder) -> None:
        """Take `order` out, and its price level with the last of its orders."""
        level = order.level
        assert level is not None
        level.remove(order)
        if level.count == 0:
            del self._levels[self._sign * level.price_ticks]
            if level is self.best:
                self.best = self._levels.peekitem(0)[1] if self._levels else None

    def crosses(self, limit_ticks: int) -> bool:
        """Whether an order of the other side with this limit would trade."""
        best = self.best
        return best is not None and self._sign * best.price_ticks <= self._sign * limit_ticks

    def levels_to(self, limit_ticks: int) -> Iterator[PriceLevel]:
        """Price levels from the best outwards, as far as an order with this limit would trade."""
        for level in self._levels.values():
            if self._sign * level.price_ticks > self._sign * limit_ticks:
                return
            yield level

    def levels(self) -> Iterator[PriceLevel]:
        """Price levels from the best outwards."""
        return iter(self._levels.values())

    def __len__(self) -> int:
        return len(self._levels)
