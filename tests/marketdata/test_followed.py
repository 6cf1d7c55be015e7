"""Readers on a real NATS: whenever they join and whatever is lost, their books are the engine's."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
import pytest

from venue.bus.connection import connected
from venue.domain.events import AnyEvent
from venue.domain.types import Side
from venue.engine.engine import Engine
from venue.marketdata import snapshots
from venue.marketdata.followed import FollowedBooks
from venue.marketdata.followed_book import Update
from venue.marketdata.messages import OrderByOrder
from venue.marketdata.public_ids import PublicIds, key_in
from venue.marketdata.worker import MarketData
from venue.servers.nats import NatsServer

from .events import accepted, day_started, instrument_added, order
from .random_venue import SYMBOLS, RandomVenue
from .readers import engines_book, readers_book
from .scenario import publish, running, until

CHUNKS = 3


class Flow:
    """Random events in chunks, and what the engine has at the end."""

    def __init__(self, seed: int, commands: int = 200) -> None:
        venue = RandomVenue(seed)
        events = [event for each in venue.run(commands) for event in each]
        step = len(events) // CHUNKS + 1
        self.chunks = [events[at : at + step] for at in range(0, len(events), step)]
        self.engine: Engine = venue.engine
        self.last = events[-1].event_seq

    def equals(self, books: FollowedBooks, data_dir: Path) -> bool:
        """Whether the reader has every book as the engine has it."""
        ids = PublicIds(key_in(data_dir / "marketdata.key"))
        ids.trading_day = self.engine.state.trading_day
        markets = self.engine.state.markets
        return all(
            symbol in books.books
            and books.books[symbol].current
            and readers_book(books.books[symbol]) == engines_book(markets[symbol], ids)
            for symbol in SYMBOLS
        )


def nobody(symbol: str, update: Update) -> None:
    """Of a test that looks at the books only."""


def reader(nats_url: str) -> FollowedBooks:
    return FollowedBooks(nats_url, nobody)


def followed(books: FollowedBooks, symbol: str = "ACME") -> bool:
    return symbol in books.books and books.books[symbol].current


def test_readers_that_join_at_any_moment_come_to_the_engines_books(
    tmp_path: Path, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "PAGE_ORDERS", 3)
    flow = Flow(11)
    first, second, last = (reader(nats_url) for _ in range(3))

    async def scenario() -> None:
        await publish(nats_url, flow.chunks[0][:1])
        async with running(first.run), running(MarketData(tmp_path, nats_url).run):
            await publish(nats_url, flow.chunks[0][1:])
            async with running(second.run):
                await publish(nats_url, flow.chunks[1])
                await publish(nats_url, flow.chunks[2])
                async with running(last.run):
                    for books in (first, second, last):
                        await until(partial(flow.equals, books, tmp_path))
        definition = last.books["BTC-USD"].definition
        assert definition is not None and definition.lot_size == "0.001"
        assert last.books["ACME"].status is not None

    asyncio.run(scenario())


def test_readers_go_on_over_restarts_of_market_data_and_of_nats(
    tmp_path: Path, nats_url: str, nats_server: NatsServer
) -> None:
    flow = Flow(12)
    books = reader(nats_url)

    async def scenario() -> None:
        async with running(books.run):
            async with running(MarketData(tmp_path, nats_url).run):
                await publish(nats_url, flow.chunks[0])
                await until(lambda: followed(books))
            async with running(MarketData(tmp_path, nats_url).run):
                await publish(nats_url, flow.chunks[1])
                await until(lambda: followed(books))
                nats_server.stop()
                await until(lambda: not followed(books))
                nats_server.launch()
                nats_server.wait_ready()
                await publish(nats_url, flow.chunks[2])
                await until(lambda: flow.equals(books, tmp_path))

    asyncio.run(scenario())
    assert books.fetched > len(SYMBOLS)


def opened() -> list[AnyEvent]:
    return [instrument_added(1), day_started(2), accepted(3, order("O1", Side.BUY, "100", "10"))]


@pytest.mark.parametrize("wrong", [{"seq": 99}, {"checksum": 1}, {"epoch": 1}])
def test_a_gap_a_wrong_checksum_and_another_epoch_are_noticed_and_mended(
    tmp_path: Path, nats_url: str, wrong: dict[str, int]
) -> None:
    heard: list[Update] = []
    books = FollowedBooks(nats_url, lambda _, update: heard.append(update), symbols=["ACME"])

    async def scenario() -> None:
        async with running(MarketData(tmp_path, nats_url).run), running(books.run):
            await publish(nats_url, opened())
            await until(lambda: followed(books) and len(books.books["ACME"].bids(5)) == 1)
            book, fetched = books.books["ACME"], books.fetched
            forged = OrderByOrder(
                event_seq=4,
                timestamp_ns=4,
                symbol="ACME",
                seq=book.seq + 1,
                epoch=book.epoch,
                changes=(),
                checksum=book.checksum,
            )
            await say(nats_url, "md.ACME.l3", msgspec.structs.replace(forged, **wrong))
            await until(lambda: books.fetched > fetched and followed(books))
            await publish(nats_url, [accepted(4, order("O2", Side.BUY, "99", "1"))])
            await until(lambda: len(books.books["ACME"].bids(5)) == 2)
        assert [update.fresh for update in heard].count(True) == books.fetched
        assert [level.price for level in books.books["ACME"].bids(5)] == ["100", "99"]

    asyncio.run(scenario())


async def say(nats_url: str, subject: str, message: OrderByOrder) -> None:
    async with connected(nats_url, "forger") as connection:
        await connection.client.publish(subject, msgspec.json.encode(message))
        await connection.client.flush()


def test_one_symbol_is_followed_without_the_others(tmp_path: Path, nats_url: str) -> None:
    flow = Flow(13, commands=60)
    books = FollowedBooks(nats_url, nobody, symbols=["BTC-USD"])

    async def scenario() -> None:
        async with running(MarketData(tmp_path, nats_url).run), running(books.run):
            for chunk in flow.chunks:
                await publish(nats_url, chunk)
            await until(lambda: followed(books, "BTC-USD"))
            await until(lambda: books.books["BTC-USD"].event_seq > 0)
        assert set(books.books) == {"BTC-USD"}

    asyncio.run(scenario())


def test_what_a_reader_does_with_an_update_may_fail_and_ends_the_run(
    tmp_path: Path, nats_url: str
) -> None:
    def fail(symbol: str, update: Update) -> None:
        raise ValueError("a mistake")

    async def scenario(events: Sequence[AnyEvent]) -> None:
        books = FollowedBooks(nats_url, fail)
        async with running(MarketData(tmp_path, nats_url).run):
            await publish(nats_url, events)
            with pytest.raises(ValueError, match="a mistake"):
                async with asyncio.timeout(20):
                    await books.run(asyncio.Event())

    asyncio.run(scenario(opened()))


def test_reader_that_asks_knows_how_far_it_is_and_stands_still_while_nobody_answers(
    tmp_path: Path, nats_url: str
) -> None:
    flow = Flow(14, commands=60)
    books = FollowedBooks(nats_url, nobody, sounds=True)
    end = flow.last

    async def scenario() -> None:
        async with running(books.run):
            async with running(MarketData(tmp_path, nats_url).run):
                for chunk in flow.chunks:
                    await publish(nats_url, chunk)
                await until(lambda: books.position == end)
                assert flow.equals(books, tmp_path), "it has all up to there"
            more = accepted(end + 1, order("LATE", Side.BUY, "1", "1"))
            await publish(nats_url, [more])
            assert books.position == end
            async with running(MarketData(tmp_path, nats_url).run):
                await until(lambda: books.position == end + 1)

    asyncio.run(scenario())
