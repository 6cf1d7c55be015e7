"""Books over a restart: from the file, over a pruned journal, and when all else is gone."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.dropcopy.scenario import stored_alerts
from venue.bus.parking import read_parked
from venue.bus.position_file import (
    Position,
    digest_of,
    read_position_file,
)
from venue.data_directory import DataDirectory
from venue.domain.codec import encode
from venue.domain.events import AnyEvent
from venue.domain.types import Side
from venue.journal.identity import journal_identity
from venue.journal.segment import list_segments
from venue.marketdata.books_file import read_books, write_books
from venue.marketdata.feed import Feed
from venue.marketdata.last_values import Publication
from venue.marketdata.messages import AnyMarketData
from venue.marketdata.worker import MarketData
from venue.replay.retention import remove_segments

from .events import accepted, day_ended, day_started, instrument_added, order, renewed, traded
from .random_venue import RandomVenue
from .readers import through_json
from .scenario import (
    Heard,
    append,
    delete_bucket,
    journal,
    last_values,
    listening,
    publish,
    running,
    until,
)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_feed_goes_on_from_its_image_as_if_nothing_had_happened(seed: int) -> None:
    feed, twin = Feed(), Feed()
    said = 0
    for number, events in enumerate(RandomVenue(seed).run(700)):
        for event in events:
            feed.apply(event)
            twin.apply(event)
        publications = feed.take()
        said += len(publications)
        assert but_for_epochs(twin.take()) == but_for_epochs(publications)
        if number % 20 == 0:
            assert through_json(feed.image(7)) == feed.image(7)
            twin = Feed.of(through_json(feed.image(7)))
            assert twin.take() == [], "all of it has been said"
    assert said > 500


def but_for_epochs(publications: list[Publication]) -> list[tuple[str, dict[str, Any]]]:
    """A feed that goes on from an image has an epoch of its own."""
    said = [(each.kind, json.loads(each.payload)) for each in publications]
    return [(kind, {name: m[name] for name in m if name != "epoch"}) for kind, m in said]


ORDERS = 3_000


def quiet_morning() -> list[AnyEvent]:
    """One instrument, and so many bids of 1 at prices from 1 on, the best at 50."""
    return [
        instrument_added(1, "ACME"),
        day_started(2),
        *(bid(seq, str(seq % 50 + 1)) for seq in range(3, ORDERS + 1)),
    ]


def bid(seq: int, price: str) -> AnyEvent:
    return accepted(seq, order(f"B{seq}", Side.BUY, price, "1"))


MORNING = quiet_morning()


@asynccontextmanager
async def market_data(data_dir: Path, nats_url: str) -> AsyncIterator[Callable[[int], Any]]:
    """The process runs inside; gives what waits until it says that it has done an event."""
    await publish(nats_url, [])  # the stream of all events is there, as the publisher makes it
    DataDirectory(data_dir).position("marketdata").unlink(missing_ok=True)

    async def done(event_seq: int) -> None:
        def reached() -> bool:
            position = read_position_file(DataDirectory(data_dir).position("marketdata"))
            return position is not None and position.event_seq >= event_seq

        await until(reached)

    async with running(MarketData(data_dir, nats_url).run):
        yield done


def best_bid(heard: Heard) -> Any:
    return heard.of("md.ACME.bbo")[-1]["bid"]


def prune(data_dir: Path) -> int:
    """Take all segments but the last; the first event that is left."""
    *gone, last = list_segments(data_dir / "journal")
    assert gone
    remove_segments(data_dir / "journal", gone)
    return last.first_event_seq


def test_restarted_it_needs_no_event_before_those_of_its_file(
    tmp_path: Path, nats_url: str
) -> None:
    more = bid(ORDERS + 1, "50")

    async def scenario() -> None:
        await publish(nats_url, MORNING)
        async with market_data(tmp_path, nats_url) as done:
            await done(ORDERS)
        before = await last_values(nats_url)
        prune(tmp_path)
        append(writer, [more])
        async with listening(nats_url) as heard, market_data(tmp_path, nats_url) as done:
            await publish(nats_url, [more])
            await done(ORDERS + 1)
            await until(lambda: bool(heard.of("md.ACME.bbo")))
        assert best_bid(heard) == ["50", "61", 61]
        assert heard.of("md.ACME.bbo")[0]["seq"] == before["ACME.bbo"]["seq"] + 1

    with journal(tmp_path, MORNING, per_batch=100, segment_bytes=1 << 17) as writer:
        asyncio.run(scenario())
    assert read_parked(tmp_path) == []


def test_retention_reads_the_file_as_a_position(tmp_path: Path) -> None:
    write_books(
        DataDirectory(tmp_path).books, Feed().image(9), Position(9, journal="mine", digest="d")
    )
    position = read_position_file(DataDirectory(tmp_path).books)
    assert position == Position(9, journal="mine", digest="d")


def test_an_older_file_is_brought_up_to_date_from_the_journal(
    tmp_path: Path, nats_url: str
) -> None:
    async def scenario() -> None:
        older = Feed()
        for event in MORNING[:1_000]:
            older.apply(event)
        older.take()
        at = Position(1_000, journal=identity(tmp_path), digest=digest_of(encode(MORNING[999])))
        write_books(DataDirectory(tmp_path).books, older.image(1_000), at)
        async with listening(nats_url) as heard, market_data(tmp_path, nats_url) as done:
            await publish(nats_url, MORNING[-1:])
            await done(ORDERS)
            await until(lambda: heard.reached(ORDERS - 1))
        assert best_bid(heard) == ["50", "60", 60]
        books = read_books(DataDirectory(tmp_path).books)
        assert books is not None and books.feed.event_seq == ORDERS
        assert books.position == Position(
            ORDERS, journal=identity(tmp_path), digest=digest_of(encode(MORNING[-1]))
        )

    with journal(tmp_path, MORNING, per_batch=100, segment_bytes=1 << 17):
        asyncio.run(scenario())


def identity(data_dir: Path) -> str:
    return journal_identity(data_dir / "journal")


def test_lost_last_values_are_filled_again_at_a_restart_and_count_on(
    tmp_path: Path, nats_url: str
) -> None:
    more = bid(ORDERS + 1, "51")

    async def scenario() -> None:
        await publish(nats_url, MORNING)
        async with market_data(tmp_path, nats_url) as done:
            await done(ORDERS)
        before = await last_values(nats_url)
        await delete_bucket(nats_url)
        async with market_data(tmp_path, nats_url) as done:
            await done(ORDERS)
            assert await last_values(nats_url) == before
            append(writer, [more])
            await publish(nats_url, [more])
            await done(ORDERS + 1)
        after = await last_values(nats_url)
        assert after["ACME.bbo"]["seq"] == before["ACME.bbo"]["seq"] + 1

    with journal(tmp_path, MORNING, per_batch=100, segment_bytes=1 << 17) as writer:
        asyncio.run(scenario())


@pytest.mark.parametrize("damage", ["cut", "other version"])
def test_a_file_that_cannot_be_used_is_left_aside(tmp_path: Path, damage: str) -> None:
    path = DataDirectory(tmp_path).books
    write_books(path, Feed().image(9), Position(9, journal="mine"))
    content = path.read_bytes()
    assert read_books(path) is not None
    if damage == "cut":
        path.write_bytes(content[:-9])
    else:
        path.write_bytes(content.replace(b'"v":2', b'"v":1'))
    assert read_books(path) is None


def test_what_retention_took_comes_from_the_stream(tmp_path: Path, nats_url: str) -> None:
    async def scenario() -> None:
        await publish(nats_url, MORNING)
        prune(tmp_path)
        async with listening(nats_url) as heard, market_data(tmp_path, nats_url) as done:
            await done(ORDERS)
            await until(lambda: heard.reached(ORDERS - 1))
        assert best_bid(heard) == ["50", "60", 60]
        assert len(heard.of("md.ACME.depth")) == 1, "history is not told again"

    with journal(tmp_path, MORNING, per_batch=100, segment_bytes=1 << 17):
        asyncio.run(scenario())


NEXT_DAY = 1_700_000_100_000_000_000


def later(event: AnyEvent, seconds: float) -> AnyEvent:
    return msgspec.structs.replace(event, timestamp_ns=NEXT_DAY + int(seconds * 1e9))


def test_without_file_and_first_events_depth_waits_for_the_next_day(
    tmp_path: Path, nats_url: str
) -> None:
    buy, sell = (order(name, side, "50", "0") for name, side in (("B", Side.BUY), ("S", Side.SELL)))
    seq = ORDERS + 1
    trade = traded(seq, "50", "3", buy, sell, amount="150")
    goes_on = msgspec.structs.replace(
        renewed(seq + 3, order("B4", Side.BUY, "44", "1")), timestamp_ns=NEXT_DAY + 10**8
    )
    night = [day_ended(seq + 1), later(day_started(seq + 2, "2026-01-06"), 0), goes_on]
    day = [later(bid(seq + 4, "40"), 0.5), later(bid(seq + 5, "41"), 2)]

    async def tell(events: list[AnyEvent], done: Callable[[int], Any]) -> None:
        append(writer, events)
        await publish(nats_url, events)
        await done(events[-1].event_seq)

    async def scenario() -> None:
        async with market_data(tmp_path, nats_url) as done:
            await tell([trade], done)
        DataDirectory(tmp_path).books.unlink()
        first = prune(tmp_path)
        await publish(nats_url, MORNING[-3:])  # the stream was wiped, and begins late
        async with listening(nats_url) as heard, market_data(tmp_path, nats_url) as done:
            await tell(night, done)
            await tell(day[:1], done)
            assert heard.of("md.ACME.depth") == heard.of("md.ACME.bbo") == []
            assert heard.of("md.ACME.status")[-1]["trading_day"] == "2026-01-06"
            await tell(day[1:], done)
            await until(lambda: bool(heard.of("md.ACME.depth")))
        assert heard.of("md.ACME.depth")[-1]["bids"] == [
            ["44", "1", 1],
            ["41", "1", 1],
            ["40", "1", 1],
        ]
        assert read_books(DataDirectory(tmp_path).books) is not None
        (alert,) = await stored_alerts(nats_url)
        assert alert["type"] == "books_incomplete"
        assert f"events 1 to {first - 1} are gone" in alert["error"]

    with journal(tmp_path, MORNING, per_batch=100, segment_bytes=1 << 17) as writer:
        asyncio.run(scenario())


def test_the_day_so_far_goes_on_from_what_was_said_of_it() -> None:
    buy, sell = (order(name, side, "50", "0") for name, side in (("B", Side.BUY), ("S", Side.SELL)))
    first = Feed()
    for event in (day_started(1), traded(2, "50", "3", buy, sell, amount="150")):
        first.apply(event)
    said = [msgspec.json.decode(p.payload, type=AnyMarketData) for p in first.take()]
    second = Feed(silent_through=2, incomplete=True)
    second.resume(said)
    second.apply(traded(9, "48", "1", buy, sell, amount="48"))
    (stats,) = [json.loads(p.payload) for p in second.take() if p.kind == "stats"]
    names = ("trading_day", "open", "high", "low", "last", "volume", "value", "trades")
    assert [stats[name] for name in names] == [
        "2026-01-05", "50", "50", "48", "48", "4", "198", 2
    ]  # fmt: skip
