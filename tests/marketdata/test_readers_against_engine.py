"""A reader's book equals the engine's at every update, from whichever moment on it follows."""

import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from venue.domain.events import AnyEvent
from venue.marketdata.feed import Feed
from venue.marketdata.messages import Trade, TradeBusted, TradeCorrected
from venue.marketdata.public_ids import PublicIds

from .random_venue import SYMBOLS, RandomVenue
from .readers import KEY, Reader, engines_book, naive_checksum, readers_book, through_json

COMMANDS = 900


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
            feed = Feed.of(through_json(feed.image(batch[-1].event_seq)), key=KEY)
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
    heard: dict[str, list[Any]] = {
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
