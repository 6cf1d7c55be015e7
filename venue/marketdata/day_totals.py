"""Totals of a symbol's trading day, counted from the events.

May know trades and their changes only. Pure; exact decimals.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache
from typing import Any, Self

import msgspec

from venue.domain.events import TradeBusted, TradeCorrected, TradeExecuted
from venue.marketdata.messages import Statistics

EXACT = Context(prec=80, traps=[Inexact, InvalidOperation])
"""Sums of quantities and amounts: raises instead of rounding."""
_ROUNDING = Context(prec=80, rounding=ROUND_HALF_EVEN)
_VWAP_UNIT = Decimal("0.00000001")

AnyTradeEvent = TradeExecuted | TradeBusted | TradeCorrected


@lru_cache(maxsize=10_000)
def decimal_text(number: Decimal) -> str:
    """Shortest decimal text of an exact number, without exponent."""
    return format(number.normalize(EXACT), "f")


class DayTotals(msgspec.Struct):
    """Statistics of one symbol's trading day; open is None before its first trade.

    closed_at: the closing price of the day before, or of the last one that had any.
    """

    trading_day: str
    open: Decimal | None = None
    high: Decimal = Decimal(0)
    low: Decimal = Decimal(0)
    last: Decimal = Decimal(0)
    volume: Decimal = Decimal(0)
    value: Decimal = Decimal(0)
    trades: int = 0
    closed_at: Decimal | None = None
    ended: bool = False

    @property
    def close(self) -> Decimal | None:
        """The last price of the last day that has ended and in which anything had traded."""
        return self.last if self.ended and self.open is not None else self.closed_at

    @classmethod
    def said_by(cls, message: Statistics) -> Self:
        """The totals that were published."""
        return cls(
            message.trading_day,
            None if message.open is None else Decimal(message.open),
            high=Decimal(message.high or 0),
            low=Decimal(message.low or 0),
            last=Decimal(message.last or 0),
            volume=Decimal(message.volume),
            value=Decimal(message.value),
            trades=message.trades,
            closed_at=None if message.close is None else Decimal(message.close),
        )

    def apply(self, event: AnyTradeEvent) -> None:
        """Count a trade, a bust or a correction.

        A bust or a correction leaves the day's prices: the market has traded at them.
        """
        if isinstance(event, TradeExecuted):
            self._count_price(Decimal(event.last_px))
            self._count(event.last_qty, event.amount, 1)
        elif isinstance(event, TradeBusted):
            self._count(f"-{event.last_qty}", f"-{event.amount}", -1)
        else:
            self._count(f"-{event.previous_qty}", f"-{event.previous_amount}", -1)
            self._count(event.last_qty, event.amount, 1)

    def _count_price(self, price: Decimal) -> None:
        if self.open is None:
            self.open = self.high = self.low = price
        self.high, self.low, self.last = max(self.high, price), min(self.low, price), price

    def _count(self, quantity: str, amount: str, trades: int) -> None:
        self.volume = EXACT.add(self.volume, Decimal(quantity))
        self.value = EXACT.add(self.value, Decimal(amount))
        self.trades += trades

    def content(self) -> dict[str, Any]:
        """The totals as they are published."""

        def price_text(price: Decimal) -> str | None:
            return None if self.open is None else decimal_text(price)

        return {
            "trading_day": self.trading_day,
            "open": price_text(self.open or Decimal(0)),
            "high": price_text(self.high),
            "low": price_text(self.low),
            "last": price_text(self.last),
            "volume": decimal_text(self.volume),
            "value": decimal_text(self.value),
            "trades": self.trades,
            "vwap": self._vwap_text(),
            "close": None if self.close is None else decimal_text(self.close),
        }

    def _vwap_text(self) -> str | None:
        if not self.volume:
            return None
        vwap = _ROUNDING.divide(self.value, self.volume)
        return decimal_text(vwap.quantize(_VWAP_UNIT, context=_ROUNDING))
