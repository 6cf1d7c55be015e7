"""The best levels of one book, so deep, and what each update changes of them. Pure."""

from venue.domain.types import Side
from venue.marketdata.followed_book import FollowedBook, Update
from venue.marketdata.messages import PriceLevel

Levels = tuple[PriceLevel, ...]
GONE = "0"
"""Quantity of a level that is not among them any more."""


class BookView:
    """A client that replaces levels by their price, and takes out those of no quantity, has it."""

    def __init__(self, book: FollowedBook, depth: int) -> None:
        self.depth = depth
        self._shown: dict[Side, dict[str, PriceLevel]] = {}
        self.begin(book)

    def begin(self, book: FollowedBook) -> None:
        """Look at a book that is another one than before."""
        for side in (Side.BUY, Side.SELL):
            self._shown[side] = {level.price: level for level in self.best(book, side)}

    def best(self, book: FollowedBook, side: Side) -> Levels:
        """The levels that are shown of a side, the best first."""
        return book.bids(self.depth) if side is Side.BUY else book.asks(self.depth)

    def changes(self, book: FollowedBook, update: Update) -> tuple[Levels, Levels]:
        """What an update, which `book` has taken in, changes of bids and asks."""
        touched = {change.side for change in update.changes}
        bids = self._changed(book, Side.BUY) if Side.BUY in touched else ()
        asks = self._changed(book, Side.SELL) if Side.SELL in touched else ()
        return bids, asks

    def _changed(self, book: FollowedBook, side: Side) -> Levels:
        before = self._shown[side]
        after = self._shown[side] = {level.price: level for level in self.best(book, side)}
        gone = [PriceLevel(price, GONE, 0) for price in before if price not in after]
        new = [level for price, level in after.items() if before.get(price) != level]
        return (*gone, *new)
