"""A reader's book equals the engine's at every update, from whichever moment on it follows."""

import random
import zlib
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec
import pytest

from venue.domain.events import AnyEvent
from venue.domain.types import OrdStatus, Side
from venue.engine.state.market import Market
from venue.engine.state.orders import Order
from venue.marketdata.feed import Feed
from venue.marketdata.followed_book import BookBroken, FollowedBook, Update
from venue.marketdata.last_values import Publication
from venue.marketdata.messages import (
    Action,
    OrderByOrder,
    OrderChange,
    PriceLevel,
    PublicOrder,
    Snapshot,
    Trade,
    TradeBusted,
    TradeCorrected,
)
from venue.marketdata.public_ids import PublicIds

from .events import (
    accepted,
    canceled,
    day_started,
    instrument_added,
    order,
    replaced,
    traded,
)
from .random_venue import SYMBOLS, RandomVenue

KEY = b"k" * 32
COMMANDS = 900


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


def batches(venue: RandomVenue, chance: random.Random) -> Iterator[tuple[list[AnyEvent], bool]]:
    """The events in batches that begin and end anywhere; whether one ends with its command."""
    batch: list[AnyEvent] = []
    for events in venue.run(COMMANDS):
        for number, event in enumerate(events, 1):
            batch.append(event)
            if chance.random() < 0.15:
                yield batch, number == len(events)
                batch = []
        if batch and chance.random() < 0.7:
            yield batch, True
            batch = []


@pytest.mark.parametrize("seed", range(4))
def test_books_of_readers_equal_the_engines_whenever_they_have_joined(seed: int) -> None:
    chance, venue = random.Random(seed), RandomVenue(seed)
    feed = Feed(key=KEY, epoch=1)
    ids = PublicIds(KEY)
    readers: list[Reader] = []
    compared = 0
    for batch, is_whole in batches(venue, chance):
        for event in batch:
            feed.apply(event)
        publications = feed.take()
        for reader in readers:
            reader.hear(publications, feed)
        if chance.random() < 0.03:
            feed = Feed.of(through_json(feed, batch[-1].event_seq), key=KEY)
            assert feed.take() == []
        ids.trading_day = venue.engine.state.trading_day
        for symbol in feed.symbols():
            if len(readers) < 8 and feed.published(symbol) and chance.random() < 0.02:
                reader = Reader(symbol)
                reader.join(feed)
                readers.append(reader)
        for reader in readers if is_whole else ():
            market = venue.engine.state.markets[reader.symbol]
            assert reader.book is not None, "a whole command leaves a book that is published"
            book = readers_book(reader.book)
            assert book == engines_book(market, ids)
            definition = reader.book.definition
            assert definition is not None
            decimals = definition.price_decimals, definition.quantity_decimals
            assert reader.book.checksum == naive_checksum(book, *decimals)
            compared += 1
    assert compared > 2_000 and len(readers) == 8
    assert any(reader.snapshots > 1 for reader in readers)
    assert {definition.symbol for definition in SYMBOLS.values()} == set(feed.symbols())


def through_json(feed: Feed, event_seq: int):  # type: ignore[no-untyped-def]
    image = feed.image(event_seq)
    return msgspec.json.decode(msgspec.json.encode(image), type=type(image))


def test_a_reader_hears_trades_statistics_and_status_as_they_are_published() -> None:
    venue, feed, reader = RandomVenue(5), Feed(key=KEY), Reader("ACME")
    said: dict[str, list[bytes]] = {"trade": [], "stats": [], "status": []}
    for events in venue.run(COMMANDS):
        for event in events:
            feed.apply(event)
        publications = feed.take()
        if reader.book is None and "ACME" in feed.symbols():
            reader.join(feed)
            continue
        before = reader.snapshots
        reader.hear(publications, feed)
        if reader.snapshots != before:
            continue
        for symbol, kind, payload, _ in publications:
            if symbol == "ACME" and kind in said:
                said[kind].append(payload)
    heard = {
        "trade": [trade for update in reader.heard for trade in update.trades],
        "stats": [update.statistics for update in reader.heard if update.statistics],
        "status": [update.status for update in reader.heard if update.status],
    }
    assert {kind: [msgspec.json.encode(m) for m in heard[kind]] for kind in heard} == said
    kinds = {type(trade) for trade in heard["trade"]}
    assert kinds == {Trade, TradeBusted, TradeCorrected}
    assert reader.book is not None
    assert msgspec.json.encode(reader.book.statistics) == said["stats"][-1]


def test_update_numbers_are_gapless_and_the_same_on_every_face() -> None:
    venue, feed = RandomVenue(3), Feed(key=KEY)
    updates = dict.fromkeys(SYMBOLS, 0)
    for events in venue.run(400):
        for event in events:
            feed.apply(event)
        published = [(p.symbol, p.kind, msgspec.json.decode(p.payload)) for p in feed.take()]
        for symbol, kind, message in published:
            if kind == "l3":
                assert message["update"] == message["seq"] == updates[symbol] + 1
                updates[symbol] += 1
        checksums = {s: m["checksum"] for s, kind, m in published if kind == "l3"}
        for symbol, kind, message in published:
            assert message["update"] == updates[symbol], kind
            if kind in ("depth", "bbo"):
                assert message["checksum"] == checksums[symbol]
    assert all(updates.values())


def opened(*more: AnyEvent) -> tuple[Feed, Reader]:
    """ACME with a bid of 10 at 100, and who follows it."""
    feed = Feed(key=KEY)
    bid = accepted(3, order("O1", Side.BUY, "100", "10"))
    for event in (instrument_added(1), day_started(2), bid, *more):
        feed.apply(event)
    feed.take()
    reader = Reader("ACME")
    reader.join(feed)
    return feed, reader


def heard(feed: Feed, reader: Reader, *events: AnyEvent) -> list[tuple[Action, str, str]]:
    """Action, price and quantity of the changes that a reader hears of these events."""
    for event in events:
        feed.apply(event)
    before = len(reader.heard)
    reader.hear(feed.take(), feed)
    changes = [change for update in reader.heard[before:] for change in update.changes]
    return [(change.action, change.price, change.quantity) for change in changes]


def shown_first(reader: Reader) -> list[str]:
    assert reader.book is not None
    return [each.quantity for each in reader.book.orders(Side.BUY)]


def test_less_quantity_keeps_the_place_and_more_loses_it() -> None:
    second = accepted(4, order("O2", Side.BUY, "100", "7"))
    feed, reader = opened(second)
    now = msgspec.structs.replace(order("O1", Side.BUY, "100", "6"), order_qty="999999")
    assert heard(feed, reader, replaced(5, now)) == [(Action.CHANGE, "100", "6")]
    assert shown_first(reader) == ["6", "7"]
    now = msgspec.structs.replace(order("O1", Side.BUY, "100", "8"), order_qty="1000001")
    changes = heard(feed, reader, replaced(6, now))
    assert changes == [(Action.DELETE, "100", "6"), (Action.NEW, "100", "8")]
    assert shown_first(reader) == ["7", "8"]


def test_an_icebergs_next_slice_is_at_the_back_and_shows_no_more() -> None:
    iceberg = accepted(4, order("O2", Side.BUY, "101", "50", max_floor="5"))
    behind = accepted(5, order("O3", Side.BUY, "101", "3"))
    feed, reader = opened(iceberg, behind)
    gone = order("S1", Side.SELL, "101", "0", status=OrdStatus.FILLED)
    part = order("O2", Side.BUY, "101", "48", max_floor="5", displayed="3")
    assert heard(feed, reader, traded(6, "101", "2", part, gone))[0] == (Action.CHANGE, "101", "3")
    assert shown_first(reader)[:2] == ["3", "3"]
    slice_gone = order("O2", Side.BUY, "101", "45", max_floor="5", displayed="5")
    changes = heard(feed, reader, traded(7, "101", "3", slice_gone, gone, aggressor=Side.SELL))
    assert changes == [(Action.DELETE, "101", "3"), (Action.NEW, "101", "5")]
    assert shown_first(reader)[:2] == ["3", "5"]


def test_what_came_and_went_between_two_updates_is_not_told() -> None:
    feed, reader = opened()
    there = order("O2", Side.BUY, "99", "1")
    gone = order("O2", Side.BUY, "99", "0", status=OrdStatus.CANCELED)
    assert heard(feed, reader, accepted(4, there), canceled(5, gone)) == []


def test_ids_are_the_orders_for_the_day_and_say_nothing_of_it() -> None:
    feed, reader = opened()
    assert reader.book is not None
    (first,) = reader.book.orders(Side.BUY)
    again = Feed.of(through_json(feed, 3), key=KEY)
    second = Reader("ACME")
    second.join(again)
    assert second.book is not None and second.book.orders(Side.BUY) == [first]
    heard(feed, reader, day_started(4, "2026-01-06"))
    (renewed,) = reader.book.orders(Side.BUY)
    assert (renewed.price, renewed.quantity) == (first.price, first.quantity)
    assert renewed.id != first.id and "O1" not in (renewed.id, first.id)
    other_key = PublicIds(b"another")
    other_key.trading_day = "2026-01-05"
    assert other_key.of("O1") != first.id


def message_of(feed: Feed, *events: AnyEvent) -> OrderByOrder:
    for event in events:
        feed.apply(event)
    (payload,) = [p.payload for p in feed.take() if p.kind == "l3"]
    return msgspec.json.decode(payload, type=OrderByOrder)


def test_a_repeat_is_passed_over_and_a_gap_breaks_the_book() -> None:
    feed, reader = opened()
    book = reader.book
    assert book is not None
    first = message_of(feed, accepted(4, order("O2", Side.BUY, "99", "1")))
    assert book.apply(first) is not None
    assert book.apply(first) is None
    message_of(feed, accepted(5, order("O3", Side.BUY, "98", "1")))
    third = message_of(feed, accepted(6, order("O4", Side.BUY, "97", "1")))
    with pytest.raises(BookBroken, match=f"updates {first.seq + 1} to {third.seq - 1} are missing"):
        book.apply(third)


def test_a_wrong_message_breaks_the_book() -> None:
    def broken(**wrong: object) -> str:
        feed, reader = opened()
        right = message_of(feed, accepted(4, order("O2", Side.BUY, "99", "1")))
        assert reader.book is not None
        with pytest.raises(BookBroken) as raised:
            reader.book.apply(msgspec.structs.replace(right, **wrong))
        return str(raised.value)

    _, reader = opened()
    assert reader.book is not None
    (known,) = reader.book.orders(Side.BUY)
    change = OrderChange(Action.NEW, "x", Side.BUY, "99", "2")
    assert "checksum" in broken(checksum=1)
    assert "checksum" in broken(changes=(change,))
    assert "is in the book" in broken(changes=(msgspec.structs.replace(change, id=known.id),))
    for action in (Action.CHANGE, Action.DELETE):
        unknown = msgspec.structs.replace(change, action=action)
        assert "is not in the book" in broken(changes=(unknown,))
    moved = msgspec.structs.replace(change, action=Action.CHANGE, id=known.id)
    assert "keeps its place" in broken(changes=(moved,))
    assert "epoch" in broken(epoch=7)


def test_pages_of_two_snapshots_are_none() -> None:
    feed, _ = opened(*(accepted(4 + n, order(f"P{n}", Side.BUY, "99", "1")) for n in range(5)))
    first, second = feed.snapshot("ACME", page_orders=3)
    with pytest.raises(BookBroken, match="pages"):
        FollowedBook([second, first])
    with pytest.raises(BookBroken, match="checksum"):
        FollowedBook([msgspec.structs.replace(first, pages=1)])


def test_no_snapshot_is_given_of_a_crossed_book() -> None:
    feed, reader = opened()
    feed.apply(accepted(4, order("S1", Side.SELL, "100", "4")))
    feed.take()
    assert feed.published("ACME") is None
    part = order("O1", Side.BUY, "100", "6", status=OrdStatus.PARTIALLY_FILLED)
    gone = order("S1", Side.SELL, "100", "0", status=OrdStatus.FILLED)
    trade = traded(5, "100", "4", part, gone, aggressor=Side.SELL)
    assert heard(feed, reader, trade) == [(Action.CHANGE, "100", "6")]
    assert feed.published("ACME") is not None
