"""Trades of the past, asked of NATS: each once, as busts and corrections have left them; bars."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from venue.bus.connection import connected
from venue.data_directory import DataDirectory
from venue.domain.events import AnyEvent
from venue.domain.types import OrdStatus, Side
from venue.marketdata import trade_history
from venue.marketdata.bars import BarTotals
from venue.marketdata.messages import MINUTE_NS, AnyTrade, Trade, TradeBusted, TradeCorrected
from venue.marketdata.trade_history import PastTrade, as_they_stand, bars_of, published_trades
from venue.marketdata.worker import CONSUMER, MarketData

from .events import busted, corrected, day_started, instrument_added, order, traded
from .random_venue import SYMBOLS, RandomVenue
from .scenario import delete_bucket, done, publish, running

MINUTE = 1_767_600_000_000_000_000


def trade(match_id: str, price: str, quantity: str, at_ns: int = MINUTE) -> Trade:
    return Trade(
        event_seq=1, timestamp_ns=at_ns, symbol="ACME", seq=1, match_id=match_id, price=price,
        quantity=quantity, aggressor=Side.BUY,
    )  # fmt: skip


def bust(match_id: str) -> TradeBusted:
    return TradeBusted(
        event_seq=1, timestamp_ns=MINUTE, symbol="ACME", seq=1, match_id=match_id, price="1",
        quantity="1",
    )  # fmt: skip


def test_trades_stand_as_busts_and_corrections_have_left_them() -> None:
    correction = TradeCorrected(
        event_seq=1, timestamp_ns=MINUTE + 9, symbol="ACME", seq=1, match_id="M1", price="101",
        quantity="3", previous_price="100", previous_quantity="4",
    )  # fmt: skip
    messages: list[AnyTrade] = [
        trade("M1", "100", "4"),
        trade("M2", "1", "1"),
        correction,
        bust("M2"),
        bust("M0"),
    ]
    assert as_they_stand(messages) == [
        PastTrade("M1", MINUTE, "101", "3", Side.BUY, "corrected"),
        PastTrade("M2", MINUTE, "1", "1", Side.BUY, "busted"),
    ]


def test_bars_hold_the_trades_that_stand_of_their_interval() -> None:
    second, later = MINUTE + 59 * 10**9, MINUTE + 7 * MINUTE_NS
    messages: list[AnyTrade] = [
        trade("M1", "100", "4"),
        trade("M2", "99.5", "1", second),
        trade("M3", "500", "9", second),
        bust("M3"),
        trade("M4", "101", "2", later),
    ]
    trades = as_they_stand(messages)
    first = BarTotals(
        MINUTE, Decimal(100), Decimal(100), Decimal("99.5"), Decimal("99.5"), Decimal(5),
        Decimal("499.5"), 2,
    )  # fmt: skip
    last = BarTotals.of(Decimal(101), Decimal(2), later, 1)
    assert bars_of(trades, MINUTE_NS) == [first, last]
    (hour,) = bars_of(trades, 60 * MINUTE_NS)
    assert [hour.open, hour.high, hour.low, hour.close] == [
        *map(Decimal, ("100", "101", "99.5", "101"))
    ]
    assert (hour.volume, hour.value, hour.trades) == (Decimal(7), Decimal("701.5"), 3)


@pytest.mark.parametrize("batch", [1_000, 7])
def test_all_trades_of_a_symbol_come_from_the_stream_once(
    tmp_path: Path, nats_url: str, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trade_history, "BATCH", batch)
    venue = RandomVenue(21)
    events = [event for each in venue.run(250) for event in each]

    async def scenario() -> None:
        async with running(MarketData(tmp_path, nats_url).run):
            await publish(nats_url, events)
            await done(tmp_path, events[-1].event_seq)
        trades = list(venue.engine.state.trades.items())
        assert len(trades) > 20
        async with connected(nats_url, "test") as connection:
            for symbol in SYMBOLS:
                past = as_they_stand(await published_trades(connection.client, symbol, 0))
                found = {each.match_id: each.state == "busted" for each in past}
                kept = {match_id: t.busted for match_id, t in trades if t.symbol == symbol}
                assert kept.items() <= found.items()
            assert await published_trades(connection.client, "NOPE", 0) == []
            late = events[-1].timestamp_ns + 1
            assert await published_trades(connection.client, "ACME", late) == []

    asyncio.run(scenario())


def test_a_trade_that_is_published_again_is_stored_once(tmp_path: Path, nats_url: str) -> None:
    buy, sell = (
        order(name, side, "100", "0", status=OrdStatus.FILLED)
        for name, side in (("B", Side.BUY), ("S", Side.SELL))
    )
    first = traded(3, "100", "4", buy, sell)
    correction = corrected(4, first, "99", "4", "396", buy, sell)
    events: list[AnyEvent] = [
        instrument_added(1),
        day_started(2),
        first,
        correction,
        busted(5, first, buy, sell),
    ]

    async def scenario() -> None:
        await publish(nats_url, events)
        for _ in range(2):
            async with running(MarketData(tmp_path, nats_url).run):
                await done(tmp_path, 5)
            await delete_bucket(nats_url)
            for file in (DataDirectory(tmp_path).books, DataDirectory(tmp_path).position(CONSUMER)):
                file.unlink()
        async with connected(nats_url, "test") as connection:
            stored = await connection.client.jetstream().stream_info("MD_TRADES")
            assert stored.state.messages == 3
            past = as_they_stand(await published_trades(connection.client, "ACME", 0))
        assert past == [PastTrade("M3", first.timestamp_ns, "100", "4", Side.BUY, "busted")]

    asyncio.run(scenario())
