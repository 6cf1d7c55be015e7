"""One way to look at one symbol's book: what is shown of it, and what each update changes of that.

Pure. All sessions that look the same way share one view, so that it is rendered once for all.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from venue.domain.types import Side
from venue.fixmd.entries import (
    BID,
    CHANGE,
    DELETE,
    NEW,
    NOTHING,
    OFFER,
    STATISTICS,
    TRADE,
    Entries,
    Numbers,
    changed_level,
    changed_order,
    changed_statistic,
    changed_trade,
    shown_level,
    shown_order,
    shown_statistic,
)
from venue.fixmd.requests import Look
from venue.marketdata.followed_book import FollowedBook, Update
from venue.marketdata.messages import PriceLevel

_ALL = 1 << 30
_SIDES = ((Side.BUY, BID), (Side.SELL, OFFER))


class Changes(NamedTuple):
    """What some updates change of a view. trades: those among `entries`, never conflated."""

    entries: Entries
    trades: Entries
    updates: int

    def then(self, others: "Changes") -> "Changes":
        """These, and those of later updates."""
        return Changes(
            self.entries.then(others.entries),
            self.trades.then(others.trades),
            self.updates + others.updates,
        )


class View:
    """look: what is looked at. is_full: with RptSeq(83) and the checksum, for the venue dialect."""

    def __init__(self, look: Look, book: FollowedBook, *, is_full: bool) -> None:
        self.look = look
        self._is_full = is_full
        self._symbol = book.symbol
        self._shown: dict[str, dict[str, PriceLevel]] = {}
        self._statistics: dict[str, str] = {}
        self._asked: tuple[FollowedBook, int, str] | None = None
        self._answer = NOTHING
        self.begin(book)

    def begin(self, book: FollowedBook) -> None:
        """Look at a book that is another one than before."""
        self._numbers = Numbers(book.definition)
        self._shown = {kind: self._levels(book, side) for side, kind in self._sides()}
        self._statistics = self._statistics_of(book)

    def snapshot(self, book: FollowedBook, text: str = "") -> Entries:
        """All that is looked at, as it is now. text: stands in Text(58) of the first entry."""
        asked = (book, book.seq, text)
        if self._asked != asked:  # else somebody has just been sent the same
            self._asked, self._answer = asked, self._whole(book, text)
        return self._answer

    def _whole(self, book: FollowedBook, text: str) -> Entries:
        seq, numbers = self._seq(book.seq), self._numbers
        texts: list[str] = []

        def add(entry: Callable[..., str], kind: str, what: object, *place: int) -> None:
            first = f"58={text}\x01" if text and not texts else ""
            texts.append(entry(kind, what, numbers, *place, text=first, seq=seq))

        for side, kind in self._sides():
            if self.look.by_order:
                for place, order in enumerate(book.orders(side), 1):
                    add(shown_order, kind, order, place)
            else:
                for place, level in enumerate(self._best(book, side), 1):
                    add(shown_level, kind, level, place)
        if TRADE in self.look.types and book.statistics is not None and book.statistics.last:
            add(shown_statistic, TRADE, book.statistics.last)
        for kind, value in self._statistics_of(book).items():
            add(shown_statistic, kind, value)
        return Entries.of(texts)

    def changes(self, book: FollowedBook, update: Update) -> Changes:
        """What `update`, which `book` has taken in, changes of what was shown."""
        seq = self._seq(update.seq)
        if update.definition is not None:
            self._numbers = Numbers(update.definition)
        texts: list[str] = []
        if update.changes and self.look.by_order:
            kinds = {side for side, _ in self._sides()}
            texts += [
                changed_order(self._symbol, change, self._numbers, seq)
                for change in update.changes
                if change.side in kinds
            ]
        elif update.changes:
            changed = {change.side for change in update.changes}
            for side, kind in self._sides():
                if side in changed:
                    texts += self._changed_levels(book, update, side, kind, seq)
        if update.statistics is not None:
            texts += self._changed_statistics(book, seq)
        trades = NOTHING
        if update.trades and TRADE in self.look.types:
            trades = Entries.of(
                [changed_trade(self._symbol, each, self._numbers, seq) for each in update.trades]
            )
        return Changes(trades.then(Entries.of(texts)), trades, 1)

    def tail(self, book: FollowedBook) -> str:
        """What stands behind the entries: BookChecksum(5041) in the venue dialect."""
        return f"5041={book.checksum}\x01" if self._is_full else ""

    def _changed_levels(
        self, book: FollowedBook, update: Update, side: Side, kind: str, seq: str
    ) -> Iterator[str]:
        """Deleted levels first: a client that keeps so many never has more."""
        before = self._shown[kind]
        if self.look.depth:
            after = self._levels(book, side)
            touched = [*before, *(price for price in after if price not in before)]
            self._shown[kind] = after
        else:
            prices = dict.fromkeys(each.price for each in update.changes if each.side is side)
            after, touched = {}, []
            for text in prices:
                price, level = book.level(side, text)
                touched.append(price)
                if level is not None:
                    after[price] = level
        gone = [price for price in touched if price not in after]
        for price in gone:
            old = before.get(price)
            if old is not None:
                yield changed_level(DELETE, kind, self._symbol, old, self._numbers, seq)
        for price, level in after.items():
            old = before.get(price)
            if old != level:
                action = NEW if old is None else CHANGE
                yield changed_level(action, kind, self._symbol, level, self._numbers, seq)
        if not self.look.depth:
            for price in gone:
                before.pop(price, None)
            before.update(after)

    def _changed_statistics(self, book: FollowedBook, seq: str) -> Iterator[str]:
        before, after = self._statistics, self._statistics_of(book)
        self._statistics = after
        for kind, value in before.items():
            if kind not in after:
                yield changed_statistic(DELETE, kind, self._symbol, value, self._numbers, seq)
        for kind, value in after.items():
            if before.get(kind) != value:
                action = CHANGE if kind in before else NEW
                yield changed_statistic(action, kind, self._symbol, value, self._numbers, seq)

    def _sides(self) -> list[tuple[Side, str]]:
        return [each for each, wanted in zip(_SIDES, self.look.sides, strict=True) if wanted]

    def _best(self, book: FollowedBook, side: Side) -> tuple[PriceLevel, ...]:
        most = self.look.depth or _ALL
        return book.bids(most) if side is Side.BUY else book.asks(most)

    def _levels(self, book: FollowedBook, side: Side) -> dict[str, PriceLevel]:
        if self.look.by_order:
            return {}
        return {level.price: level for level in self._best(book, side)}

    def _statistics_of(self, book: FollowedBook) -> dict[str, str]:
        found = book.statistics
        if found is None:
            return {}
        values = {
            kind: getattr(found, name)
            for kind, name in STATISTICS.items()
            if kind in self.look.types
        }
        return {kind: value for kind, value in values.items() if value is not None}

    def _seq(self, seq: int) -> str:
        return f"83={seq}\x01" if self._is_full else ""


__all__ = ["Changes", "View"]
