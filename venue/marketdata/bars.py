"""Bars: the trades of an interval in one line; the minute of the last trade. Pure; exact."""

from decimal import Decimal
from typing import Any, Self

import msgspec

from venue.marketdata.day_totals import EXACT, decimal_text
from venue.marketdata.messages import MINUTE_NS


class BarTotals(msgspec.Struct):
    """The trades from start_ns on, up to the end of the interval. value is price times quantity."""

    start_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    value: Decimal
    trades: int

    @classmethod
    def of(cls, price: Decimal, quantity: Decimal, timestamp_ns: int, interval_ns: int) -> Self:
        """A bar with its first trade."""
        start_ns = timestamp_ns - timestamp_ns % interval_ns
        value = EXACT.multiply(price, quantity)
        return cls(start_ns, price, price, price, price, quantity, value, 1)

    def add(self, later: "BarTotals") -> None:
        """Count in the trades of a later bar, of whatever interval."""
        self.high, self.low = max(self.high, later.high), min(self.low, later.low)
        self.close = later.close
        self.volume = EXACT.add(self.volume, later.volume)
        self.value = EXACT.add(self.value, later.value)
        self.trades += later.trades


def bar_content(start_ns: int, bar: BarTotals | None, revision: int) -> dict[str, Any]:
    """A bar as it is published. None: none of its trades stands."""
    prices: dict[str, Any] = dict.fromkeys(("open", "high", "low", "close"))
    totals = dict.fromkeys(("volume", "value"), "0")
    if bar is not None:
        prices = {name: decimal_text(getattr(bar, name)) for name in prices}
        totals = {name: decimal_text(getattr(bar, name)) for name in totals}
    trades = bar.trades if bar is not None else 0
    return {"start_ns": start_ns, **prices, **totals, "trades": trades, "revision": revision}


def with_trade(
    bar: BarTotals | None,
    price: Decimal,
    quantity: Decimal,
    timestamp_ns: int,
    interval_ns: int = MINUTE_NS,
) -> BarTotals:
    """The bar that a trade is in: the one there is, with it, or the next."""
    trade = BarTotals.of(price, quantity, timestamp_ns, interval_ns)
    if bar is None or bar.start_ns != trade.start_ns:
        return trade
    bar.add(trade)
    return bar


class Minute(msgspec.Struct):
    """The minute of a symbol's last trade. trades: price and quantity of those that stand.

    It may have begun before its trades were kept: then a change of one of them is not known here.
    """

    start_ns: int
    bar: BarTotals | None = None
    trades: dict[str, tuple[Decimal, Decimal]] = {}
    revision: int = 0

    @classmethod
    def of(cls, bar: BarTotals) -> Self:
        """A minute of which only the bar was kept."""
        return cls(bar.start_ns, bar)

    def add(self, match_id: str, price: Decimal, quantity: Decimal) -> None:
        """Count a trade of this minute."""
        self.trades[match_id] = (price, quantity)
        self.bar = with_trade(self.bar, price, quantity, self.start_ns)

    def change(self, match_id: str, price: Decimal, quantity: Decimal) -> bool:
        """A trade was corrected, or (quantity 0) busted. False: it is not known here."""
        if match_id not in self.trades or self.bar is None or self.bar.trades != len(self.trades):
            return False
        if quantity:
            self.trades[match_id] = (price, quantity)
        else:
            del self.trades[match_id]
        self.bar = None
        for each in self.trades.values():
            self.bar = with_trade(self.bar, *each, self.start_ns)
        self.revision += 1
        return True

    def content(self) -> dict[str, Any]:
        """Its bar as it is published."""
        return bar_content(self.start_ns, self.bar, self.revision)


def minute_of(timestamp_ns: int) -> int:
    """When the minute of that time begins."""
    return timestamp_ns - timestamp_ns % MINUTE_NS
