"""Public market data for who asks: books, statistics, definitions; the newest that there is.

Knows the books that follow NATS. Where NATS is away the last values stand, said to be stale.
"""

import asyncio
from collections.abc import Callable

import msgspec

from venue.domain.types import Side
from venue.gateway.problems import Code, Problem
from venue.marketdata.followed import FollowedBooks
from venue.marketdata.followed_book import FollowedBook, Update
from venue.marketdata.messages import PriceLevel, PublicOrder, Statistics, Status

MOST_LEVELS = 1_000
SILENT_SECONDS = 1.4
"""Market data is asked twice a second; where it has not answered for so long, books are stale."""
Changed = Callable[[str, Update], None]


class Book(msgspec.Struct, frozen=True):
    """sequence: of the symbol's updates, gapless, the same on every face. checksum: CRC-32 of its
    ten best levels. bids, asks: [price, quantity, orders], the best first. stale: the venue's may
    be another one by now. as_of_ns: time of the last event in it (UTC nanoseconds)."""

    symbol: str
    sequence: int
    checksum: int
    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]
    stale: bool
    as_of_ns: int


class Ticker(msgspec.Struct, frozen=True):
    """Best prices, statistics of the trading day, and state; null where nothing is known yet."""

    symbol: str
    sequence: int
    bid: PriceLevel | None
    ask: PriceLevel | None
    statistics: Statistics | None
    status: Status | None
    stale: bool
    as_of_ns: int


class InstrumentTold(msgspec.Struct, frozen=True):
    """The public terms of an instrument; numbers are exact decimal text. Decimals are those of
    tick and lot."""

    symbol: str
    asset: str
    currency: str
    tick_size: str
    lot_size: str
    price_decimals: int
    quantity_decimals: int
    reference_price: str
    price_collar_percent: str
    max_order_qty: str


class Markets:
    """The markets of all symbols."""

    def __init__(self, nats_url: str, changed: Changed = lambda symbol, update: None) -> None:
        """changed: called in the loop behind each change of a book; must not block."""
        self._books = FollowedBooks(nats_url, changed, name="gateway", sounds=True)
        self._was_complete = False

    @property
    def is_current(self) -> bool:
        """Whether all books follow the venue's now, and market data answers."""
        return self._books.is_complete and self._books.silent_seconds() < SILENT_SECONDS

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until `stop` is set."""
        await self._books.run(stop)

    def require_all(self) -> None:
        """Raises Problem AWAY as long as not all symbols are known: what is known is not a list."""
        self._was_complete = self._was_complete or self._books.is_complete
        if not self._was_complete:
            raise Problem(Code.AWAY, "not all symbols are known yet", retry_after=1)

    def symbols(self) -> list[str]:
        """All symbols that are known."""
        return sorted(self._books.books)

    def instruments(self) -> list[InstrumentTold]:
        """The terms of all instruments that have said them."""
        found = []
        for symbol in self.symbols():
            defined = self._of(symbol).definition
            if defined is not None:
                names = InstrumentTold.__struct_fields__
                found.append(InstrumentTold(**{name: getattr(defined, name) for name in names}))
        return found

    def book(self, symbol: str, depth: int) -> Book:
        """A symbol's book. Raises Problem NOT_FOUND, AWAY."""
        book = self._of(symbol)
        return Book(
            symbol,
            book.seq,
            book.checksum,
            book.bids(depth),
            book.asks(depth),
            not book.current,
            book.timestamp_ns,
        )

    def ticker(self, symbol: str) -> Ticker:
        """A symbol's last values. Raises Problem NOT_FOUND, AWAY."""
        book = self._of(symbol)
        bids, asks = book.bids(1), book.asks(1)
        return Ticker(
            symbol,
            book.seq,
            bids[0] if bids else None,
            asks[0] if asks else None,
            book.statistics,
            book.status,
            not book.current,
            book.timestamp_ns,
        )

    def queue(self, symbol: str, *, is_buy: bool) -> list[PublicOrder]:
        """The orders of one side, the best price first, those of one price as they queue.

        Raises Problem NOT_FOUND, AWAY.
        """
        return self._of(symbol).orders(Side.BUY if is_buy else Side.SELL)

    def followed(self, symbol: str) -> FollowedBook:
        """A symbol's book as it is followed. Raises Problem NOT_FOUND, AWAY."""
        return self._of(symbol)

    def _of(self, symbol: str) -> FollowedBook:
        found = self._books.books.get(symbol)
        if found is None:
            if not self._books.is_complete:
                raise Problem(Code.AWAY, f"{symbol} is not known yet", retry_after=1)
            known = ", ".join(self.symbols())
            text = f"symbol {symbol} is not traded here; there are {known}"
            raise Problem(Code.NOT_FOUND, text, field="symbol")
        return found
