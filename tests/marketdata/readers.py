"""Readers of market data in tests, and books as the public may see them."""

import zlib
from decimal import Decimal
from typing import NamedTuple

import msgspec

from venue.domain.types import Side
from venue.engine.state.market import Market
from venue.engine.state.orders import Order
from venue.marketdata.feed import Feed
from venue.marketdata.feed_image import FeedImage
from venue.marketdata.followed_book import BookBroken, FollowedBook, Update
from venue.marketdata.last_values import Publication
from venue.marketdata.messages import OrderByOrder, PriceLevel, PublicOrder, Snapshot
from venue.marketdata.public_ids import PublicIds

KEY = b"k" * 32


class Book(NamedTuple):
    """A book as the public may see it: levels of both sides, and the orders as they queue."""

    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]
    orders: list[PublicOrder]


def engines_book(market: Market, ids: PublicIds) -> Book:
    instrument = market.instrument
    sides, orders = [], []
    for side, resting in ((Side.BUY, market.book.bids), (Side.SELL, market.book.asks)):
        levels = []
        for level in resting.levels():
            price = instrument.price_text(level.price_ticks)
            levels.append(PriceLevel(price, instrument.qty_text(level.lots), level.count))
            for each in level:
                assert isinstance(each, Order)
                public, shown = ids.of(each.terms.order_id), instrument.qty_text(each.shown_lots)
                orders.append(PublicOrder(public, side, price, shown))
        sides.append(tuple(levels))
    return Book(sides[0], sides[1], orders)


def readers_book(book: FollowedBook) -> Book:
    everything = 10**6
    orders = book.orders(Side.BUY) + book.orders(Side.SELL)
    return Book(book.bids(everything), book.asks(everything), orders)


def naive_checksum(book: Book, price_decimals: int, quantity_decimals: int) -> int:
    text = ""
    for level in book.asks[:10] + book.bids[:10]:
        for number, decimals in (
            (level.price, price_decimals),
            (level.quantity, quantity_decimals),
        ):
            text += f"{Decimal(number):.{decimals}f}".replace(".", "").lstrip("0")
    return zlib.crc32(text.encode())


class Reader:
    """Follows one symbol from what it can hear: l3 messages and snapshots, both through JSON."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.book: FollowedBook | None = None
        self.snapshots = 0
        self.heard: list[Update] = []

    def join(self, feed: Feed) -> None:
        """Take a snapshot; later where the venue does not give one now."""
        self.book = None
        if feed.published(self.symbol) is None:
            return
        pages = feed.snapshot(self.symbol, page_orders=3)
        encoded = [msgspec.json.encode(page) for page in pages]
        self.book = FollowedBook([msgspec.json.decode(each, type=Snapshot) for each in encoded])
        self.snapshots += 1

    def hear(self, publications: list[Publication], feed: Feed) -> None:
        if self.book is None:
            self.join(feed)
            return
        for symbol, kind, payload, _ in publications:
            if kind == "l3" and symbol == self.symbol and self.book is not None:
                try:
                    update = self.book.apply(msgspec.json.decode(payload, type=OrderByOrder))
                except BookBroken as broken:
                    assert "epoch" in str(broken), broken
                    self.join(feed)
                else:
                    assert update is not None and update.seq == self.book.seq
                    self.heard.append(update)


def through_json(image: FeedImage) -> FeedImage:
    """The image as it is read again."""
    return msgspec.json.decode(msgspec.json.encode(image), type=FeedImage)
