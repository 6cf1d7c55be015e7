"""What pages begin with: the newest trades, bars and alerts, as the hub has told them.

Knows the hub's news. Bounded: what is older is asked of the API. One for the whole gateway.
"""

from collections import deque
from decimal import Decimal
from typing import Any

from venue.bus.alerts import Alert
from venue.gateway.hub import EVERYBODY, Hub, Topic
from venue.marketdata.day_totals import decimal_text
from venue.marketdata.followed_book import Update
from venue.marketdata.messages import MINUTE_NS, Bar, Trade, TradeBusted, TradeCorrected

MOST_TRADES, MOST_BARS, MOST_ALERTS = 200, 720, 50
Candle = dict[str, Any]
"""start_ns, open, high, low, close, volume: exact text, but for the start."""


class Kept:
    """The newest of each symbol and member."""

    def __init__(self, hub: Hub) -> None:
        self._trades: dict[str, deque[dict[str, Any]]] = {}
        self._bars: dict[str, dict[int, Candle]] = {}
        self._alerts: dict[str, deque[dict[str, str]]] = {}
        self._told_bars: set[str] = set()
        hub.listen(Topic.MARKET, EVERYBODY, self._hear_market)
        hub.listen(Topic.BARS, EVERYBODY, self._hear_bar)
        hub.listen(Topic.ALERTS, EVERYBODY, self._hear_alert)

    def trades(self, symbol: str) -> list[dict[str, Any]]:
        """Public trades since the gateway was started, the newest first."""
        return [*self._trades.get(symbol, ())]

    def bars(self, symbol: str) -> list[Candle]:
        """Bars of a minute, the oldest first."""
        return [bar for _, bar in sorted(self._bars.get(symbol, {}).items())]

    def alerts(self, member: str) -> list[dict[str, str]]:
        """What the member was told, the newest first."""
        return [*self._alerts.get(member, ())]

    def add_past(
        self, symbol: str, bars: list[dict[str, Any]], trades: list[dict[str, Any]]
    ) -> None:
        """Add what the API tells of before, both the oldest first, where it is not known here."""
        known = self._bars.setdefault(symbol, {})
        for bar in bars:
            start_ns = int(bar["time_ns"])
            known.setdefault(start_ns, {**_only_candle(bar), "start_ns": start_ns})
        self._cut(symbol)
        kept = self._trades.setdefault(symbol, deque(maxlen=MOST_TRADES))
        ids = {each["id"] for each in kept}
        for trade in reversed(trades):
            if trade["match_id"] not in ids and len(kept) < MOST_TRADES:
                kept.append(_past(trade))

    def _hear_market(self, symbol: str, update: Update) -> None:
        for trade in update.trades:
            match trade:
                case Trade():
                    told = _told(trade)
                    self._trades.setdefault(symbol, deque(maxlen=MOST_TRADES)).appendleft(told)
                    if symbol not in self._told_bars:
                        self._count(symbol, trade)
                case TradeBusted() | TradeCorrected():
                    self._mark(symbol, trade)

    def _mark(self, symbol: str, change: TradeBusted | TradeCorrected) -> None:
        """A trade of the tape is undone, or has another price or quantity."""
        for told in self._trades.get(symbol, ()):
            if told["id"] == change.match_id:
                told["kind"] = "busted" if isinstance(change, TradeBusted) else "corrected"
                told["price"], told["quantity"] = change.price, change.quantity

    def _count(self, symbol: str, trade: Trade) -> None:
        """Count a trade in its minute, while nobody has told bars of the symbol."""
        bars = self._bars.setdefault(symbol, {})
        start_ns = trade.timestamp_ns // MINUTE_NS * MINUTE_NS
        bar = bars.get(start_ns)
        if bar is None:
            price = trade.price
            bars[start_ns] = _candle(start_ns, price, price, price, price, trade.quantity)
            self._cut(symbol)
            return
        bar["high"] = max(bar["high"], trade.price, key=Decimal)
        bar["low"] = min(bar["low"], trade.price, key=Decimal)
        bar["close"] = trade.price
        bar["volume"] = decimal_text(Decimal(bar["volume"]) + Decimal(trade.quantity))

    def _hear_bar(self, symbol: str, bar: Bar) -> None:
        """The venue's own bar goes before what was counted here."""
        self._told_bars.add(symbol)
        bars = self._bars.setdefault(symbol, {})
        if bar.open is None or bar.high is None or bar.low is None or bar.close is None:
            bars.pop(bar.start_ns, None)  # all of its trades were busted
            return
        bars[bar.start_ns] = _candle(
            bar.start_ns, bar.open, bar.high, bar.low, bar.close, bar.volume
        )
        self._cut(symbol)

    def _cut(self, symbol: str) -> None:
        bars = self._bars[symbol]
        for start_ns in sorted(bars)[:-MOST_BARS]:
            del bars[start_ns]

    def _hear_alert(self, member: str, alert: Alert) -> None:
        told = {
            "id": alert.id or f"{alert.consumer}-{alert.timestamp_ns}-{alert.event_seq}",
            "time": clock_text(alert.timestamp_ns),
            "type": alert.type,
            "symbol": alert.symbol,
            "text": alert.error,
        }
        kept = self._alerts.setdefault(member, deque(maxlen=MOST_ALERTS))
        if all(each["id"] != told["id"] for each in kept):
            kept.appendleft(told)


def clock_text(timestamp_ns: int) -> str:
    """The time of day of a time, UTC, to the millisecond."""
    milliseconds = timestamp_ns // 1_000_000
    seconds, rest = divmod(milliseconds % 86_400_000, 1000)
    hours, seconds = divmod(seconds, 3600)
    return f"{hours:02}:{seconds // 60:02}:{seconds % 60:02}.{rest:03}"


def _candle(start_ns: int, open_: str, high: str, low: str, close: str, volume: str) -> Candle:
    names = ("start_ns", "open", "high", "low", "close", "volume")
    return dict(zip(names, (start_ns, open_, high, low, close, volume), strict=True))


def _only_candle(bar: dict[str, Any]) -> Candle:
    return {name: bar[name] for name in ("open", "high", "low", "close", "volume")}


def _past(trade: dict[str, Any]) -> dict[str, Any]:
    """A trade as the API tells it, as the tape has it."""
    side = trade["aggressor"] or "auction"
    return {
        "id": trade["match_id"],
        "time": clock_text(int(trade["time_ns"])),
        "price": trade["price"],
        "quantity": trade["quantity"],
        "side": side,
        "kind": trade["state"] or side,
    }


def _told(trade: Trade) -> dict[str, Any]:
    side = {"1": "buy", "2": "sell"}.get("" if trade.aggressor is None else trade.aggressor.value)
    return {
        "id": trade.match_id,
        "time": clock_text(trade.timestamp_ns),
        "price": trade.price,
        "quantity": trade.quantity,
        "side": side or "auction",
        "kind": side or "auction",
    }
