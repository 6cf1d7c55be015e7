"""The market-data process on a real nats-server: live, restarted, and with NATS gone or wiped."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from venue.bus.parking import read_parked
from venue.data_directory import DataDirectory
from venue.domain.events import AnyEvent
from venue.domain.types import OrdStatus, Side
from venue.marketdata.books_file import read_books
from venue.marketdata.feed import Feed
from venue.marketdata.worker import MarketData
from venue.sequencer.writer import JournalWriter
from venue.servers.nats import NatsServer

from .events import accepted, day_started, instrument_added, order, traded
from .scenario import (
    append,
    delete_bucket,
    journal,
    last_values,
    listening,
    publish,
    running,
    until,
    wipe,
)


def trading_morning() -> list[AnyEvent]:
    """Eight events: two instruments, the day, a trade in ACME that leaves 4 to sell at 100."""
    return [
        instrument_added(1, "ACME"),
        instrument_added(2, "BTC-USD"),
        day_started(3),
        accepted(4, order("S1", Side.SELL, "100", "10")),
        accepted(5, order("B1", Side.BUY, "99.5", "2")),
        accepted(6, order("B2", Side.BUY, "100", "6")),
        traded(
            7,
            "100",
            "6",
            order("B2", Side.BUY, "100", "0", status=OrdStatus.FILLED),
            order("S1", Side.SELL, "100", "4", status=OrdStatus.PARTIALLY_FILLED),
            amount="600",
        ),
        accepted(8, order("B3", Side.BUY, "50000.01", "0.00000001", symbol="BTC-USD")),
    ]


def test_live_events_become_market_data_and_last_values(tmp_path: Path, nats_url: str) -> None:
    async def scenario() -> None:
        async with listening(nats_url) as heard, running(MarketData(tmp_path, nats_url).run):
            await publish(nats_url, trading_morning())
            await until(lambda: heard.reached(8))
        (trade,) = heard.of("md.ACME.trade")
        assert (trade["match_id"], trade["price"], trade["quantity"]) == ("M7", "100", "6")
        assert (trade["event_seq"], trade["timestamp_ns"]) == (7, 1_700_000_000_000_000_007)
        depths = heard.of("md.ACME.depth")
        assert depths[-1]["bids"] == [["99.5", "2", 1]]
        assert depths[-1]["asks"] == [["100", "4", 1]]
        for depth in depths:
            bids, asks = depth["bids"], depth["asks"]
            assert not (bids and asks) or Decimal(bids[0][0]) < Decimal(asks[0][0])
        assert [depth["seq"] for depth in depths] == list(range(1, len(depths) + 1))
        kept = await last_values(nats_url)
        assert kept["ACME.depth"] == depths[-1]
        assert kept["ACME.trade"] == trade
        assert kept["ACME.stats"]["value"] == "600"
        assert kept["BTC-USD.bbo"]["bid"] == ["50000.01", "0.00000001", 1]
        assert kept["BTC-USD.status"]["phase"] == "CONTINUOUS"

    asyncio.run(scenario())


def test_restarted_it_rebuilds_in_silence_and_goes_on_where_it_was(
    tmp_path: Path, nats_url: str
) -> None:
    morning = trading_morning()

    async def scenario(writer: JournalWriter) -> None:
        async with listening(nats_url) as heard, running(MarketData(tmp_path, nats_url).run):
            await publish(nats_url, morning)
            await until(lambda: heard.reached(8))
        before = heard.of("md.ACME.depth")[-1]
        async with listening(nats_url) as heard, running(MarketData(tmp_path, nats_url).run):
            more = accepted(9, order("B4", Side.BUY, "99.5", "1"))
            append(writer, [more])
            await publish(nats_url, [more])
            await until(lambda: heard.reached(9))
        assert [subject for subject, _ in heard.messages] == [
            "md.ACME.l3",
            "md.ACME.depth",
            "md.ACME.bbo",
        ]
        (depth,) = heard.of("md.ACME.depth")
        assert depth["bids"] == [["99.5", "3", 2]]
        assert depth["seq"] == before["seq"] + 1

    with journal(tmp_path, morning) as writer:
        asyncio.run(scenario(writer))


def test_what_happened_before_its_first_start_is_published_too(
    tmp_path: Path, nats_url: str
) -> None:
    async def scenario() -> None:
        await publish(nats_url, trading_morning())
        async with listening(nats_url) as heard, running(MarketData(tmp_path, nats_url).run):
            await until(lambda: heard.reached(8))
        (trade,) = heard.of("md.ACME.trade")
        assert (trade["event_seq"], trade["seq"]) == (7, 1)

    with journal(tmp_path, trading_morning()):
        asyncio.run(scenario())


def test_lost_last_values_do_not_make_an_earlier_run_a_first_one(
    tmp_path: Path, nats_url: str
) -> None:
    async def scenario() -> None:
        await publish(nats_url, trading_morning())
        async with listening(nats_url) as heard, running(MarketData(tmp_path, nats_url).run):
            await until(lambda: heard.reached(8))
        await delete_bucket(nats_url)
        DataDirectory(tmp_path).books.unlink()
        async with listening(nats_url) as heard, running(MarketData(tmp_path, nats_url).run):
            await until(lambda: heard.reached(8))
        assert heard.of("md.ACME.trade") == []

    with journal(tmp_path, trading_morning()):
        asyncio.run(scenario())


def test_trades_that_happened_while_it_was_away_are_published_once(
    tmp_path: Path, nats_url: str
) -> None:
    morning = trading_morning()

    async def scenario(writer: JournalWriter) -> None:
        async with listening(nats_url) as heard:
            async with running(MarketData(tmp_path / "elsewhere", nats_url).run):
                await publish(nats_url, morning[:5])
                await until(lambda: heard.reached(5))
            await publish(nats_url, morning[5:])
            async with running(MarketData(tmp_path, nats_url).run):
                await until(lambda: heard.reached(8))
            assert len(heard.of("md.ACME.trade")) == 1
            extra = accepted(9, order("B4", Side.BUY, "99.5", "1"))
            append(writer, [extra])
            async with running(MarketData(tmp_path, nats_url).run):
                await publish(nats_url, [extra])
                await until(lambda: heard.reached(9))
            assert len(heard.of("md.ACME.trade")) == 1

    with journal(tmp_path, morning) as writer:
        asyncio.run(scenario(writer))


def test_nats_wiped_and_restarted_it_goes_on_and_fills_last_values_again(
    tmp_path: Path, nats_url: str, nats_server: NatsServer
) -> None:
    morning = trading_morning()

    async def scenario() -> None:
        async with running(MarketData(tmp_path, nats_url).run):
            await publish(nats_url, morning)
            # Not only out, but acknowledged: otherwise it would rightly be said again.
            position = DataDirectory(tmp_path).position("marketdata")
            await until(lambda: position.exists() and b'"event_seq":8' in position.read_bytes())
            await wipe(nats_url)
            nats_server.stop()
            nats_server.launch()
            nats_server.wait_ready()
            async with listening(nats_url) as heard:
                extra = accepted(9, order("B4", Side.BUY, "99.5", "1"))
                await publish(nats_url, [*morning, extra])
                await until(lambda: heard.reached(9))
            assert heard.of("md.ACME.trade") == []
            assert heard.of("md.ACME.depth")[0]["bids"] == [["99.5", "3", 2]]
        kept = await last_values(nats_url)
        assert kept["BTC-USD.bbo"]["bid"] == ["50000.01", "0.00000001", 1]
        assert kept["ACME.trade"]["match_id"] == "M7"

    asyncio.run(scenario())


def test_event_that_breaks_the_books_halts_it_and_they_are_not_kept(
    tmp_path: Path, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Feed.apply

    def broken(feed: Feed, event: AnyEvent) -> None:
        real(feed, event)
        if event.event_seq == 6:
            raise KeyError("a mistake")

    monkeypatch.setattr(Feed, "apply", broken)

    async def scenario() -> None:
        async with running(MarketData(tmp_path, nats_url).run):
            await publish(nats_url, trading_morning())
            await until(lambda: bool(read_parked(tmp_path)))
        (parked,) = read_parked(tmp_path)
        assert (parked.consumer, parked.event_seq) == ("marketdata", 6)
        assert "a mistake" in parked.error and "B2" in parked.payload

    asyncio.run(scenario())
    books = read_books(DataDirectory(tmp_path).books)
    assert books is None or books.event_seq < 6
