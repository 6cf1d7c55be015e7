"""What the channels `book` and `ticker` say, made of a followed book and its updates. Pure."""

from typing import Any

from venue.domain.types import Side
from venue.gateway.streams.book_view import BookView
from venue.gateway.streams.feed import Feed, Key
from venue.gateway.streams.messages import (
    BookSnapshot,
    BookUpdate,
    TickerSnapshot,
    TickerUpdate,
)
from venue.marketdata.followed_book import FollowedBook, Update


class BookSource:
    """A book of one depth."""

    def __init__(self, key: Key, epoch: str, book: FollowedBook) -> None:
        self._book = book
        self._view = BookView(book, key.depth)
        self.feed = Feed(key, epoch, self._whole, is_kept=False)

    def take(self, book: FollowedBook, update: Update) -> None:
        """Say what an update has changed; a book from a snapshot, or in other terms, whole."""
        self._book = book
        if update.fresh or update.definition is not None:
            self._view.begin(book)
            self.feed.say_whole()
            return
        bids, asks = self._view.changes(book, update)
        if bids or asks:
            number = self.feed.number + 1
            self.feed.say(BookUpdate(number=number, bids=bids, asks=asks, **self._place()))

    def _whole(self) -> BookSnapshot:
        defined = self._book.definition
        return BookSnapshot(
            number=self.feed.number,
            bids=self._view.best(self._book, Side.BUY),
            asks=self._view.best(self._book, Side.SELL),
            price_decimals=None if defined is None else defined.price_decimals,
            quantity_decimals=None if defined is None else defined.quantity_decimals,
            **self._place(),
        )

    def _place(self) -> dict[str, Any]:
        book = self._book
        return {
            "epoch": self.feed.epoch,
            "symbol": book.symbol,
            "depth": self._view.depth,
            "sequence": book.seq,
            "checksum": book.checksum,
            "timestamp_ns": book.timestamp_ns,
        }


class TickerSource:
    """The best levels and the day of one symbol."""

    def __init__(self, key: Key, epoch: str, book: FollowedBook) -> None:
        self._book = book
        self._said: dict[str, Any] = {}
        self.feed = Feed(key, epoch, self._whole, is_kept=False)
        self._said = self._prices()

    def take(self, book: FollowedBook, update: Update) -> None:
        """Say the prices where an update has changed one of them."""
        self._book = book
        prices = self._prices()
        if prices != self._said:
            self._said = prices
            place = {**self._place(), "number": self.feed.number + 1}
            self.feed.say(TickerUpdate(**place, **prices))

    def _whole(self) -> TickerSnapshot:
        return TickerSnapshot(**self._place(), number=self.feed.number, **self._prices())

    def _place(self) -> dict[str, Any]:
        book = self._book
        return {
            "epoch": self.feed.epoch,
            "symbol": book.symbol,
            "sequence": book.seq,
            "timestamp_ns": book.timestamp_ns,
        }

    def _prices(self) -> dict[str, Any]:
        book, day = self._book, self._book.statistics
        bids, asks = book.bids(1), book.asks(1)
        prices = ("open", "high", "low", "last", "close", "vwap")
        return {
            "bid": bids[0] if bids else None,
            "ask": asks[0] if asks else None,
            "trading_day": "" if day is None else day.trading_day,
            **{name: getattr(day, name, None) for name in prices},
            "volume": "0" if day is None else day.volume,
            "value": "0" if day is None else day.value,
            "trades": 0 if day is None else day.trades,
        }
