"""Kraken's public methods: clock, assets, pairs, tickers, books, trades, candles.

Each answers from what the gateway knows already; only past trades may have to be read first.
"""

import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from venue.clock import iso
from venue.domain.types import Phase, Side
from venue.gateway.kraken.errors import UNKNOWN_ASSET, Refused
from venue.gateway.kraken.figures import fixed, json_seconds, ns_of_seconds
from venue.gateway.kraken.history import INTERVALS, LATEST, with_gaps_filled
from venue.gateway.kraken.names import Pair
from venue.gateway.kraken.profile import Kraken, percent
from venue.gateway.kraken.terms import invalid
from venue.gateway.kraken.told import number_of_match
from venue.gateway.markets import Ticker
from venue.marketdata.bars import BarTotals
from venue.marketdata.messages import Status
from venue.marketdata.trade_history import PastTrade

Params = Mapping[str, Any]
ASSET_DECIMALS = 8
DEPTH, DEPTH_MAX = 100, 500
_NS = 10**9


async def server_time(kraken: Kraken, params: Params) -> dict[str, Any]:
    """Time: the gateway's clock."""
    now = int(time.time())
    text = time.strftime("%a, %d %b %y %H:%M:%S +0000", time.gmtime(now))
    return {"unixtime": now, "rfc1123": text}


async def system_status(kraken: Kraken, params: Params) -> dict[str, Any]:
    """SystemStatus: online while books follow the venue's."""
    status = system_of(kraken)
    return {"status": status, "timestamp": iso(time.time_ns())}


def system_of(kraken: Kraken) -> str:
    """Kraken's word for how the venue is."""
    return "online" if kraken.gateway.markets.is_current else "maintenance"


async def assets(kraken: Kraken, params: Params) -> dict[str, Any]:
    """Assets: what is held and traded; `asset` chooses some."""
    known, wanted = kraken.pairs.assets(), str(params.get("asset", ""))
    chosen = wanted.split(",") if wanted else known
    if not set(chosen) <= set(known):
        raise Refused(UNKNOWN_ASSET)
    return {
        asset: {
            "aclass": "currency",
            "altname": asset,
            "decimals": ASSET_DECIMALS,
            "display_decimals": ASSET_DECIMALS,
            "status": "enabled",
        }
        for asset in chosen
    }


async def asset_pairs(kraken: Kraken, params: Params) -> dict[str, Any]:
    """AssetPairs: the terms of what is traded; `pair` chooses some."""
    return {pair.id: _pair(kraken, pair) for pair in _chosen(kraken, params)}


async def ticker(kraken: Kraken, params: Params) -> dict[str, Any]:
    """Ticker: best prices and the trading day; both columns are the day's."""
    return {pair.id: await _ticker(kraken, pair) for pair in _chosen(kraken, params)}


async def depth(kraken: Kraken, params: Params) -> dict[str, Any]:
    """Depth: price levels with quantity and the time of the book."""
    pair = kraken.pairs.of(params.get("pair"))
    book = kraken.gateway.markets.book(pair.symbol, _count(params, "count", DEPTH, DEPTH_MAX))
    seconds = book.as_of_ns // _NS
    sides = {"asks": book.asks, "bids": book.bids}
    return {
        pair.id: {
            name: [
                (
                    fixed(level.price, pair.price_decimals),
                    fixed(level.quantity, pair.quantity_decimals),
                    seconds,
                )
                for level in levels
            ]
            for name, levels in sides.items()
        }
    }


async def trades(kraken: Kraken, params: Params) -> dict[str, Any]:
    """Trades: the latest, or the first ones after `since` (seconds, or the `last` of an answer)."""
    pair = kraken.pairs.of(params.get("pair"))
    most, since_ns = _count(params, "count", LATEST, LATEST), _since(params)
    if since_ns is None:
        history = await kraken.tape.of(pair.symbol)
        found = [*history.latest][-most:]
    else:
        found = await kraken.tape.since(pair.symbol, since_ns, most)
    last_ns = found[-1].timestamp_ns if found else since_ns or 0
    return {pair.id: [_trade(each, pair) for each in found], "last": str(last_ns)}


async def candles(kraken: Kraken, params: Params) -> dict[str, Any]:
    """OHLC: at most 720 candles, the oldest first; flat ones where nothing has traded."""
    pair = kraken.pairs.of(params.get("pair"))
    interval, since_ns = interval_of(params.get("interval", 1)), _since(params) or 0
    history = await kraken.tape.of(pair.symbol)
    bars = with_gaps_filled(history.candles(interval), interval, time.time_ns())
    last = bars[-2].start_ns if len(bars) > 1 else 0
    found = [_candle(bar, pair) for bar in bars if bar.start_ns > since_ns or not since_ns]
    return {pair.id: found, "last": last // _NS}


def interval_of(value: object) -> int:
    """The length of a candle in minutes. Raises Refused."""
    text = str(value)
    if not (text.isascii() and text.isdigit()) or int(text[:9]) not in INTERVALS:
        raise invalid("interval", f"there are {', '.join(map(str, INTERVALS))}")
    return int(text)


def vwap(bar: BarTotals) -> Decimal:
    """The average price of a bar; 0 where nothing has traded."""
    return bar.value / bar.volume if bar.volume else Decimal(0)


def _chosen(kraken: Kraken, params: Params) -> list[Pair]:
    return kraken.pairs.named(str(params.get("pair") or ""))


def _count(params: Params, name: str, otherwise: int, most: int) -> int:
    text = str(params.get(name) or otherwise)
    if not (text.isascii() and text.isdigit()) or int(text[:9]) < 1:
        raise invalid(name)
    return min(int(text[:9]), most)


def _since(params: Params) -> int | None:
    text = str(params.get("since") or "")
    try:
        return ns_of_seconds(text) if text else None
    except ValueError as error:
        raise invalid("since") from error


def _pair(kraken: Kraken, pair: Pair) -> dict[str, Any]:
    fees = kraken.pairs.fees(pair)
    return {
        "altname": pair.id,
        "wsname": pair.name,
        "aclass_base": "currency",
        "base": pair.base,
        "aclass_quote": "currency",
        "quote": pair.quote,
        "lot": "unit",
        "cost_decimals": ASSET_DECIMALS,
        "pair_decimals": pair.price_decimals,
        "lot_decimals": pair.quantity_decimals,
        "lot_multiplier": 1,
        "leverage_buy": [],
        "leverage_sell": [],
        "fees": [[0, msgspec.Raw(percent(fees.taker_bps).encode())]],
        "fees_maker": [[0, msgspec.Raw(percent(fees.maker_bps).encode())]],
        "fee_volume_currency": pair.quote,
        "ordermin": pair.least_quantity,
        "costmin": "0",
        "tick_size": pair.tick_size,
        "status": _status(kraken.gateway.markets.ticker(pair.symbol).status),
    }


def _status(status: Status | None) -> str:
    """Kraken's word for a symbol's phase: what takes no orders still takes cancels."""
    is_open = status is not None and status.phase is Phase.CONTINUOUS and not status.disabled
    return "online" if is_open else "cancel_only"


async def _ticker(kraken: Kraken, pair: Pair) -> dict[str, Any]:
    told: Ticker = kraken.gateway.markets.ticker(pair.symbol)
    found: dict[str, Any] = {}
    for name, level in (("a", told.ask), ("b", told.bid)):
        if level is not None:
            quantity = fixed(level.quantity, pair.quantity_decimals)
            price = fixed(level.price, pair.price_decimals)
            found[name] = [price, quantity.partition(".")[0], quantity]
    day = told.statistics
    if day is None:
        return found
    if day.last is not None:
        found["c"] = [fixed(day.last, pair.price_decimals), *await _last_quantity(kraken, pair)]
    found["v"] = [fixed(day.volume, pair.quantity_decimals)] * 2
    found["t"] = [day.trades] * 2
    for name, price_or_none in (("p", day.vwap), ("l", day.low), ("h", day.high)):
        if price_or_none is not None:
            found[name] = [fixed(price_or_none, pair.price_decimals)] * 2
    if day.open is not None:
        found["o"] = fixed(day.open, pair.price_decimals)
    return found


async def _last_quantity(kraken: Kraken, pair: Pair) -> list[str]:
    """The quantity of the last trade, where past trades can be had."""
    try:
        latest = (await kraken.tape.of(pair.symbol)).latest
    except Refused:
        return []
    return [fixed(latest[-1].quantity, pair.quantity_decimals)] if latest else []


def _trade(trade: PastTrade, pair: Pair) -> list[Any]:
    return [
        fixed(trade.price, pair.price_decimals),
        fixed(trade.quantity, pair.quantity_decimals),
        json_seconds(trade.timestamp_ns),
        "s" if trade.aggressor is Side.SELL else "b",
        "l",
        "",
        number_of_match(trade.match_id),
    ]


def _candle(bar: BarTotals, pair: Pair) -> list[Any]:
    prices = (bar.open, bar.high, bar.low, bar.close, vwap(bar))
    return [
        bar.start_ns // _NS,
        *(fixed(price, pair.price_decimals) for price in prices),
        fixed(bar.volume, pair.quantity_decimals),
        bar.trades,
    ]


METHODS = {
    "Time": server_time,
    "SystemStatus": system_status,
    "Assets": assets,
    "AssetPairs": asset_pairs,
    "Ticker": ticker,
    "Depth": depth,
    "Trades": trades,
    "OHLC": candles,
}
"""What is served of Kraken's public methods."""
