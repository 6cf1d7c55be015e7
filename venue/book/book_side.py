"""One side of a book: price levels sorted by price, with the best at hand."""

from bisect import bisect_left, insort
from collections.abc import Iterator

from venue.book.price_level import PriceLevel, RestingOrder
from venue.domain.types import Side


class BookSide:
    """The price levels of one side. A key is `sign` x price in ticks: the best level's is largest.

    The keys are sorted with the best one last. Levels come and go near the best, so few keys have
    to move.
    """

    __slots__ = ("_keys", "_levels", "_sign", "best")

    def __init__(self, side: Side) -> None:
        self._sign = 1 if side is Side.BUY else -1
        self._keys: list[int] = []
        self._levels: dict[int, PriceLevel] = {}
        self.best: PriceLevel | None = None

    def rest(self, order: RestingOrder) -> None:
        """Add `order` at the back of its price level."""
        price_ticks = order.price_ticks
        level = self._levels.get(price_ticks)
        if level is None:
            level = self._levels[price_ticks] = PriceLevel(price_ticks)
            key = self._sign * price_ticks
            insort(self._keys, key)
            if key == self._keys[-1]:
                self.best = level
            assert self.best is not None and self._sign * self.best.price_ticks >= key
        level.append(order)

    def remove(self, order: RestingOrder) -> None:
        """Take `order` out, and its price level with the last of its orders."""
        level = order.level
        assert level is not None
        level.remove(order)
        if level.count == 0:
            del self._levels[level.price_ticks]
            keys = self._keys
            if level is self.best:
                keys.pop()
                self.best = self._levels[self._sign * keys[-1]] if keys else None
            else:
                del keys[bisect_left(keys, self._sign * level.price_ticks)]

    def place_of(self, price_ticks: int) -> int:
        """A price as a number that is smaller the better it is on this side."""
        return -self._sign * price_ticks

    def crosses(self, limit_ticks: int) -> bool:
        """Whether an order of the other side with this limit would trade at once."""
        best = self.best
        return best is not None and self._sign * best.price_ticks >= self._sign * limit_ticks

    def levels_to(self, limit_ticks: int) -> Iterator[PriceLevel]:
        """Price levels from the best outwards, as far as an order with this limit would trade."""
        for level in self.levels():
            if self._sign * level.price_ticks < self._sign * limit_ticks:
                return
            yield level

    def levels(self) -> Iterator[PriceLevel]:
        """Price levels from the best outwards."""
        return (self._levels[self._sign * key] for key in reversed(self._keys))

    def __len__(self) -> int:
        return len(self._levels)
