"""Bars: the trades of an interval in one line. Pure; exact decimals."""

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

    def content(self) -> dict[str, Any]:
        """The bar as it is published."""
        numbers = ("open", "high", "low", "close", "volume", "value")
        content: dict[str, Any] = {name: decimal_text(getattr(self, name)) for name in numbers}
        return {"start_ns": self.start_ns, **content, "trades": self.trades}


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
