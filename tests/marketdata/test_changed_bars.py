"""Bars are said again when a trade of theirs is busted or corrected, in whatever minute."""

import asyncio
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from venue.bus.connection import connected
from venue.domain.events import AnyEvent, TradeExecuted
from venue.domain.types import OrdStatus, Side
from venue.marketdata.bars import bar_content
from venue.marketdata.feed import ChangedTrade, Feed
from venue.marketdata.feed_image import FeedImage
from venue.marketdata.messages import MINUTE_NS, TradeBusted
from venue.marketdata.trade_history import as_they_stand, bars_of, published_trades
from venue.marketdata.worker import MarketData

from .events import busted, corrected, day_started, instrument_added, order, traded
from .scenario import Heard, last_values, listening, publish, running, until

E = TypeVar("E", bound=AnyEvent)
FIRST_MINUTE = 1_767_600_000_000_000_000
BUYER = order("B", Side.BUY, "100", "0", status=OrdStatus.FILLED)
SELLER = order("S", Side.SELL, "100", "0", status=OrdStatus.FILLED)


def at(event: E, minute: int) -> E:
    """The same event in another minute."""
    at_ns = FIRST_MINUTE + minute * MINUTE_NS + event.event_seq
    return msgspec.structs.replace(event, timestamp_ns=at_ns)


def trade(seq: int, minute: int, price: str, quantity: str) -> TradeExecuted:
    return at(traded(seq, price, quantity, BUYER, SELLER), minute)


def corrected_to(
    seq: int, minute: int, before: TradeExecuted, price: str, quantity: str
) -> AnyEvent:
    return at(corrected(seq, before, price, quantity, "1", BUYER, SELLER), minute)


def busted_at(seq: int, minute: int, before: TradeExecuted) -> AnyEvent:
    return at(busted(seq, before, BUYER, SELLER), minute)


def bars_said(feed: Feed, *events: AnyEvent) -> list[tuple[Any, ...]]:
    """Revision, prices, volume and number of trades of each bar that is published."""
    for event in events:
        feed.apply(event)
    names = ("revision", "open", "high", "low", "close", "volume", "trades")
    bars = [msgspec.json.decode(each.payload) for each in feed.take() if each.kind == "bars.1m"]
    return [tuple(bar[name] for name in names) for bar in bars]


def test_the_minute_that_lasts_is_said_again_as_its_trades_stand() -> None:
    feed = Feed()
    first, second = trade(1, 0, "100", "4"), trade(2, 0, "103", "1")
    assert bars_said(feed, first, second) == [(0, "100", "103", "100", "103", "5", 2)]
    assert bars_said(feed, corrected_to(3, 0, second, "99", "2")) == [
        (1, "100", "100", "99", "99", "6", 2)
    ]
    assert bars_said(feed, busted_at(4, 0, first)) == [(2, "99", "99", "99", "99", "2", 1)]
    assert bars_said(feed, busted_at(5, 0, second)) == [(3, None, None, None, None, "0", 0)]
    assert bars_said(feed, trade(6, 0, "101", "1")) == [(3, "101", "101", "101", "101", "1", 1)]
    assert bars_said(feed, trade(7, 1, "102", "1")) == [(0, "102", "102", "102", "102", "1", 1)]
    assert not feed.to_revise


def test_minutes_that_end_within_a_batch_are_said_as_they_ended() -> None:
    feed = Feed(silent_through=2)
    assert bars_said(feed, trade(1, 0, "90", "1"), trade(2, 1, "91", "1")) == [
        (0, "91", "91", "91", "91", "1", 1)
    ], "what is public already is not said again"
    batch = [trade(3, 1, "92", "1"), trade(4, 2, "93", "1"), trade(5, 3, "94", "1")]
    assert bars_said(feed, *batch) == [
        (0, "91", "92", "91", "92", "2", 2),
        (0, "93", "93", "93", "93", "1", 1),
        (0, "94", "94", "94", "94", "1", 1),
    ]
    assert bars_said(feed, trade(6, 4, "95", "1")) == [(0, "95", "95", "95", "95", "1", 1)]


def test_a_change_of_an_earlier_minute_is_left_to_do_also_over_a_restart() -> None:
    feed = Feed()
    old = trade(1, 0, "100", "4")
    assert len(bars_said(feed, old, trade(2, 1, "102", "1"))) == 2
    assert bars_said(feed, busted_at(3, 1, old)) == []
    image = msgspec.json.encode(feed.image(3))
    again = Feed.of(msgspec.json.decode(image, type=FeedImage))
    for each in (feed, again):
        assert each.to_revise == {("ACME", "M1"): 3}
        each.revise(ChangedTrade("ACME", "M1", 3, bar_content(FIRST_MINUTE, None, 1)))
        assert each.to_revise, "until it is said"
        assert bars_said(each) == [
            (1, None, None, None, None, "0", 0),
            (0, "102", "102", "102", "102", "1", 1),
        ], "the last minute behind it, so that the last value is of it"
        assert bars_said(each) == []
        assert not each.to_revise


def test_a_change_that_came_while_the_one_before_was_followed_is_still_to_do() -> None:
    feed = Feed()
    old = trade(1, 0, "100", "4")
    bars_said(feed, old, trade(2, 1, "102", "1"), corrected_to(3, 1, old, "99", "4"))
    feed.apply(busted_at(4, 1, old))
    feed.revise(ChangedTrade("ACME", "M1", 3, bar_content(FIRST_MINUTE, None, 1)))
    assert len(bars_said(feed)) == 2
    assert feed.to_revise == {("ACME", "M1"): 4}
    feed.revise(ChangedTrade("ACME", "M1", 4, None))
    assert bars_said(feed) == [] and not feed.to_revise


def test_a_bar_of_before_revisions_is_taken_up_and_nothing_is_said_of_it() -> None:
    feed = Feed()
    bars_said(feed, trade(1, 0, "100", "4"))
    image = msgspec.json.decode(msgspec.json.encode(feed.image(1)))
    minute = image["symbols"]["ACME"].pop("minute")
    image["symbols"]["ACME"]["bar"] = minute["bar"]
    for last in image["last"]:
        last.pop("revision", None)
    again = Feed.of(msgspec.convert(image, FeedImage, strict=False))
    assert bars_said(again) == []
    assert bars_said(again, trade(2, 0, "101", "1")) == [(0, "100", "101", "100", "101", "5", 2)]


def published_bars(heard: Heard, symbol: str) -> dict[int, dict[str, Any]]:
    """Each minute's bar as a reader has it: by start and revision."""
    bars: dict[int, dict[str, Any]] = {}
    for bar in heard.of(f"md.{symbol}.bars.1m"):
        if bar["revision"] >= bars.get(bar["start_ns"], bar)["revision"]:
            bars[bar["start_ns"]] = bar
    return bars


def test_published_bars_are_those_of_the_trades_that_stand(tmp_path: Path, nats_url: str) -> None:
    trades = [trade(seq, 1 + (seq - 3) // 4, str(90 + seq), str(seq)) for seq in range(3, 23)]
    events: list[AnyEvent] = [at(instrument_added(1), 0), at(day_started(2), 0), *trades]
    changes: list[AnyEvent] = [
        corrected_to(23, 6, trades[1], "200", "3"),
        busted_at(24, 6, trades[2]),
        corrected_to(25, 6, trades[1], "201", "4"),
        *(busted_at(26 + each, 6, trades[4 + each]) for each in range(4)),
        corrected_to(30, 6, trades[-1], "50", "1"),
        trade(31, 6, "120", "2"),
        busted_at(32, 6, trades[9]),
    ]

    def are_all(heard: Heard, revisions: list[int]) -> bool:
        bars = published_bars(heard, "ACME")
        return [bars[start]["revision"] for start in sorted(bars)] == revisions

    async def scenario() -> None:
        async with (
            listening(nats_url, "md.*.bars.1m") as heard,
            running(MarketData(tmp_path, nats_url).run),
        ):
            await publish(nats_url, events)
            await until(lambda: are_all(heard, [0] * 5))
            for event in changes:
                await publish(nats_url, [event])
            await until(lambda: are_all(heard, [3, 4, 1, 0, 1, 0]))
        bars = published_bars(heard, "ACME")
        async with connected(nats_url, "test") as connection:
            past = as_they_stand(await published_trades(connection.client, "ACME", 0))
        for bar in bars_of(past, MINUTE_NS):
            mine = bars.pop(bar.start_ns)
            content = bar_content(bar.start_ns, bar, mine["revision"])
            assert {name: mine[name] for name in content} == content
        ((_, empty),) = bars.items()
        assert (empty["trades"], empty["open"]) == (0, None), "of a minute with no trade left"
        numbers = [bar["seq"] for bar in heard.of("md.ACME.bars.1m")]
        assert numbers == list(range(1, len(numbers) + 1))
        last = (await last_values(nats_url))["ACME.bars.1m"]
        assert last["start_ns"] == FIRST_MINUTE + 6 * MINUTE_NS

    asyncio.run(scenario())


def test_a_change_that_no_stream_can_tell_of_is_given_up(tmp_path: Path, nats_url: str) -> None:
    old = trade(3, 0, "100", "4")

    async def scenario() -> None:
        async with listening(nats_url) as heard:
            market_data = MarketData(tmp_path, nats_url)
            async with running(market_data.run):
                await publish(nats_url, [at(instrument_added(1), 0), at(day_started(2), 0)])
                await publish(nats_url, [old, trade(4, 1, "101", "1")])
                await until(lambda: heard.has("md.ACME.trade", 2))
                async with connected(nats_url, "test") as connection:
                    await connection.client.jetstream().purge_stream("MD_TRADES")
                await publish(nats_url, [busted_at(5, 1, old)])
                await until(lambda: heard.has("md.ACME.trade", 3))
                await until(lambda: not market_data._feed.to_revise)
                await publish(nats_url, [trade(6, 1, "102", "1")])
                await until(lambda: heard.has("md.ACME.trade", 4))
        bars = published_bars(heard, "ACME")
        assert bars[FIRST_MINUTE]["revision"] == 0
        kinds = [payload["type"] for payload in heard.of("md.ACME.trade")]
        assert kinds == ["Trade", "Trade", TradeBusted.__name__, "Trade"]

    asyncio.run(scenario())
