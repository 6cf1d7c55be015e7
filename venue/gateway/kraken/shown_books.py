"""Books as they are shown over WebSocket: for each symbol and depth the levels that were told last.

What changes is found and written once, however many listen.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from venue.clock import iso
from venue.gateway.hub import Hub, Topic
from venue.gateway.kraken.figures import fixed, json_number
from venue.gateway.kraken.names import Pair
from venue.gateway.markets import Book, Markets
from venue.marketdata.followed_book import Update
from venue.marketdata.messages import PriceLevel

DEPTHS = (10, 25, 100, 500, 1_000)
Heard = Callable[[bytes], None]
"""Gets a message, in the loop; must not block."""
_encode = msgspec.json.Encoder().encode


class ShownBooks:
    """The books that somebody listens to."""

    def __init__(self, markets: Markets, hub: Hub) -> None:
        self._markets = markets
        self._hub = hub
        self._shown: dict[tuple[str, int], _ShownBook] = {}

    def listen(self, pair: Pair, depth: int, heard: Heard) -> Callable[[], None]:
        """Hear all changes from now on. Returns what ends it.

        Raises Problem NOT_FOUND.
        """
        key = (pair.symbol, depth)
        shown = self._shown.get(key)
        if shown is None:
            shown = self._shown[key] = _ShownBook(self._markets, pair, depth)
            shown.end = self._hub.listen(Topic.MARKET, pair.symbol, shown.changed)
        number = shown.add(heard)

        def end() -> None:
            shown.listening.pop(number, None)
            if not shown.listening and self._shown.get(key) is shown:
                del self._shown[key]
                shown.end()

        return end

    def snapshot(self, pair: Pair, depth: int) -> bytes:
        """The book as it was told last to those who listen. Somebody has to."""
        return self._shown[pair.symbol, depth].snapshot()


class _ShownBook:
    def __init__(self, markets: Markets, pair: Pair, depth: int) -> None:
        self._markets = markets
        self._pair = pair
        self._depth = depth
        self._book = markets.book(pair.symbol, depth)
        self.listening: dict[int, Heard] = {}
        self._next = 0
        self.end: Callable[[], None] = _nothing

    def add(self, heard: Heard) -> int:
        self._next += 1
        self.listening[self._next] = heard
        return self._next

    def changed(self, symbol: str, update: Update) -> None:
        before, self._book = self._book, self._markets.book(symbol, self._depth)
        bids = self._differences(before.bids, self._book.bids)
        asks = self._differences(before.asks, self._book.asks)
        if not bids and not asks:
            return
        message = self._message("update", self._book, bids, asks)
        for heard in [*self.listening.values()]:
            heard(message)

    def snapshot(self) -> bytes:
        bids = [self._level(level) for level in self._book.bids]
        asks = [self._level(level) for level in self._book.asks]
        return self._message("snapshot", self._book, bids, [*asks, *self._padding()])

    def _padding(self) -> list[dict[str, msgspec.Raw]]:
        """Levels of nothing behind few asks: clients take the depth of both sides from there.

        ccxt would cut a book to as many levels as it has asks first.
        """
        asks = self._book.asks
        if not asks:
            return []
        tick = Decimal(self._pair.tick_size)
        last = Decimal(asks[-1].price)
        missing = self._depth - len(asks)
        return [self._empty(str(last + tick * (1 + step))) for step in range(missing)]

    def _differences(
        self, before: tuple[PriceLevel, ...], now: tuple[PriceLevel, ...]
    ) -> list[dict[str, msgspec.Raw]]:
        old = {level.price: level.quantity for level in before}
        new = {level.price: level.quantity for level in now}
        gone = [self._empty(price) for price in old if price not in new]
        other = [self._level(level) for level in now if old.get(level.price) != level.quantity]
        return gone + other

    def _level(self, level: PriceLevel) -> dict[str, msgspec.Raw]:
        return {
            "price": json_number(level.price, self._pair.price_decimals),
            "qty": json_number(level.quantity, self._pair.quantity_decimals),
        }

    def _empty(self, price: str) -> dict[str, msgspec.Raw]:
        return {
            "price": json_number(price, self._pair.price_decimals),
            "qty": msgspec.Raw(fixed("0", self._pair.quantity_decimals).encode()),
        }

    def _message(self, kind: str, book: Book, bids: list[Any], asks: list[Any]) -> bytes:
        told = {
            "symbol": self._pair.name,
            "bids": bids,
            "asks": asks,
            "checksum": book.checksum,
            "timestamp": iso(book.as_of_ns),
        }
        return _encode({"channel": "book", "type": kind, "data": [told]})


def _nothing() -> None:
    """Nobody listens yet."""
