"""Public channels: book, ticker, trade, ohlc. Each begins with a snapshot, then tells what is new.

Knows the sockets that listen. Nothing is told where there is nothing to tell: clients take the
first row of every message for granted.
"""

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from venue.clock import iso
from venue.domain.types import Side
from venue.gateway.hub import Topic
from venue.gateway.kraken.errors import Refused
from venue.gateway.kraken.figures import json_number, json_number_or_null
from venue.gateway.kraken.history import with_gaps_filled
from venue.gateway.kraken.names import Pair
from venue.gateway.kraken.public import interval_of, vwap
from venue.gateway.kraken.requests import MALFORMED, Request, answer
from venue.gateway.kraken.shown_books import DEPTHS
from venue.gateway.kraken.socket import SUBSCRIPTIONS_MAX, Socket
from venue.gateway.kraken.told import number_of_match
from venue.marketdata.bars import BarTotals
from venue.marketdata.followed_book import Update
from venue.marketdata.messages import MINUTE_NS, PriceLevel, Trade
from venue.marketdata.trade_history import PastTrade

TRADES_OF_A_SNAPSHOT = 50
_HUNDREDTHS = 2
_encode = msgspec.json.Encoder().encode
Row = dict[str, Any]


async def book(socket: Socket, request: Request, pair: Pair) -> None:
    """Levels of one of Kraken's depths, with the checksum of ten of them."""
    depth = request.count("depth", DEPTHS[0])
    if depth not in DEPTHS:
        raise Refused("Subscription depth not supported", f"there are {DEPTHS}")
    with_snapshot = request.switch("snapshot", True)
    books = socket.kraken.books
    begin(socket, ("book", pair.name), books.listen(pair, depth, socket.say))
    told = {"channel": "book", "symbol": pair.name, "depth": depth, "snapshot": with_snapshot}
    socket.say(answer(request, told))
    if with_snapshot:
        socket.say(books.snapshot(pair, depth))


async def ticker(socket: Socket, request: Request, pair: Pair) -> None:
    """Best prices and the day: with each trade, or (`bbo`) with each change of the best too."""
    trigger = request.params.get("event_trigger", "trades")
    if trigger not in ("trades", "bbo"):
        raise Refused(MALFORMED, "event_trigger is trades or bbo")
    last = _ticker(socket, pair)

    def hear(symbol: str, update: Update) -> None:
        nonlocal last
        now = _ticker(socket, pair)
        is_traded = bool(update.trades) or update.statistics is not None
        if now != last and (trigger == "bbo" or is_traded):
            last = now
            socket.say(_message("ticker", "update", [now]))

    _listen(socket, "ticker", pair, hear)
    with_snapshot = request.switch("snapshot", True)
    told = {"channel": "ticker", "symbol": pair.name, "event_trigger": trigger}
    socket.say(answer(request, {**told, "snapshot": with_snapshot}))
    if with_snapshot:
        socket.say(_message("ticker", "snapshot", [last]))


async def trade(socket: Socket, request: Request, pair: Pair) -> None:
    """Trades as they happen, behind the last 50."""
    with_snapshot = request.switch("snapshot", True)
    history = await socket.kraken.tape.of(pair.symbol) if with_snapshot else None

    def hear(symbol: str, update: Update) -> None:
        rows = [_trade(each, pair) for each in update.trades if isinstance(each, Trade)]
        if rows:
            socket.say(_message("trade", "update", rows))

    _listen(socket, "trade", pair, hear)
    told = {"channel": "trade", "symbol": pair.name, "snapshot": with_snapshot}
    socket.say(answer(request, told))
    latest = [] if history is None else [*history.latest][-TRADES_OF_A_SNAPSHOT:]
    if latest:
        rows = [_trade(each, pair) for each in latest]
        socket.say(_message("trade", "snapshot", rows))


async def ohlc(socket: Socket, request: Request, pair: Pair) -> None:
    """Candles of an interval; the running one with each trade. A snapshot has the newest first."""
    interval = interval_of(request.params.get("interval", 1))
    with_snapshot = request.switch("snapshot", True)
    tape = socket.kraken.tape
    history = await tape.of(pair.symbol)  # which hears of a trade before those who listen below

    def hear(symbol: str, update: Update) -> None:
        known = tape.known(symbol)
        if update.trades and known is not None and (last := known.candles(interval, 1)):
            row = _candle(last[-1], pair, interval)
            socket.say(_message("ohlc", "update", [row], timestamp=iso(time.time_ns())))

    _listen(socket, "ohlc", pair, hear, interval)
    told = {"channel": "ohlc", "symbol": pair.name, "interval": interval}
    socket.say(answer(request, {**told, "snapshot": with_snapshot}))
    bars = with_gaps_filled(history.candles(interval), interval, time.time_ns())
    if with_snapshot and bars:
        rows = [_candle(bar, pair, interval) for bar in reversed(bars)]
        socket.say(_message("ohlc", "snapshot", rows, timestamp=iso(time.time_ns())))


def begin(socket: Socket, name: tuple[object, ...], end: Callable[[], None]) -> None:
    """Note a subscription that has begun. Raises Refused where there is one, or too many."""
    if name in socket.subscriptions or len(socket.subscriptions) >= SUBSCRIPTIONS_MAX:
        end()
        is_there = name in socket.subscriptions
        raise Refused("Already subscribed" if is_there else "EGeneral:Too many subscriptions")
    socket.subscriptions[name] = end


def _listen(
    socket: Socket, channel: str, pair: Pair, hear: Callable[[str, Update], None], *more: object
) -> None:
    hub = socket.kraken.gateway.hub
    begin(socket, (channel, pair.name, *more), hub.listen(Topic.MARKET, pair.symbol, hear))


def _message(channel: str, kind: str, rows: list[Row], **more: object) -> bytes:
    return _encode({"channel": channel, "type": kind, "data": rows, **more})


def _ticker(socket: Socket, pair: Pair) -> Row:
    told = socket.kraken.gateway.markets.ticker(pair.symbol)
    prices, quantities = pair.price_decimals, pair.quantity_decimals
    day = told.statistics
    row: Row = {"symbol": pair.name}
    for name, level in (("bid", told.bid), ("ask", told.ask)):
        price, quantity = _of_level(level)
        row[name] = json_number_or_null(price, prices)
        row[f"{name}_qty"] = json_number_or_null(quantity, quantities)
    row["last"] = json_number_or_null(day.last if day else None, prices)
    row["volume"] = json_number(day.volume if day else "0", quantities)
    for name in ("vwap", "low", "high"):
        row[name] = json_number_or_null(getattr(day, name, None), prices)
    change, percent = None, None
    if day is not None and day.last is not None and day.open is not None:
        change = Decimal(day.last) - Decimal(day.open)
        percent = 100 * change / Decimal(day.open)
    row["change"] = json_number_or_null(change, prices)
    row["change_pct"] = json_number_or_null(percent, _HUNDREDTHS)
    return row


def _of_level(level: PriceLevel | None) -> tuple[str | None, str | None]:
    return (None, None) if level is None else (level.price, level.quantity)


def _trade(trade: Trade | PastTrade, pair: Pair) -> Row:
    return {
        "symbol": pair.name,
        "side": "sell" if trade.aggressor is Side.SELL else "buy",
        "price": json_number(trade.price, pair.price_decimals),
        "qty": json_number(trade.quantity, pair.quantity_decimals),
        "ord_type": "limit",
        "trade_id": number_of_match(trade.match_id),
        "timestamp": iso(trade.timestamp_ns),
    }


def _candle(bar: BarTotals, pair: Pair, interval: int) -> Row:
    prices = {
        "open": bar.open, "high": bar.high, "low": bar.low, "close": bar.close, "vwap": vwap(bar),
    }  # fmt: skip
    return {
        "symbol": pair.name,
        **{name: json_number(price, pair.price_decimals) for name, price in prices.items()},
        "trades": bar.trades,
        "volume": json_number(bar.volume, pair.quantity_decimals),
        "interval_begin": iso(bar.start_ns),
        "interval": interval,
        "timestamp": iso(bar.start_ns + interval * MINUTE_NS),
    }
