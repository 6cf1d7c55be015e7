"""The past trades of one symbol as candles and a tape, kept up trade by trade. Pure; exact.

A bust or a correction is not undone here: whoever keeps it reads the trades again.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from venue.marketdata.bars import BarTotals, with_trade
from venue.marketdata.messages import MINUTE_NS, AnyTrade, Trade, TradeBusted
from venue.marketdata.trade_history import PastTrade

INTERVALS = (1, 5, 15, 30, 60, 240, 1_440, 10_080, 21_600)
"""Lengths of candles, in minutes."""
LATEST = 1_000
CANDLES = 720
"""Most trades, and candles of one interval, that are given at once."""
MINUTES = 30 * 1_440
"""Minutes with a trade that are kept."""


class History:
    """Trades from some time on. changes: busts and corrections, by match."""

    def __init__(self, changes: Mapping[str, AnyTrade]) -> None:
        self._known = dict(changes)
        self.changes = dict(changes)
        self.latest: deque[PastTrade] = deque(maxlen=LATEST)
        self.event_seq = 0
        """Of the last message that is in it."""
        self._minutes: deque[BarTotals] = deque(maxlen=MINUTES)
        self._candles: dict[int, deque[BarTotals]] = {}
        """Of the intervals that were asked for."""

    @property
    def is_sound(self) -> bool:
        """Whether all busts and corrections were known before their trades were counted."""
        return self.changes.keys() == self._known.keys() and all(
            self.changes[match_id].event_seq == self._known[match_id].event_seq
            for match_id in self.changes
        )

    def add(self, message: AnyTrade) -> None:
        """Take the next message; one that it has already changes nothing."""
        if message.event_seq <= self.event_seq:
            return
        self.event_seq = message.event_seq
        if not isinstance(message, Trade):
            self.changes[message.match_id] = message
            return
        changed = self._known.get(message.match_id)
        if isinstance(changed, TradeBusted):
            return
        stands = changed or message
        past = PastTrade(
            message.match_id,
            message.timestamp_ns,
            stands.price,
            stands.quantity,
            message.aggressor,
            "corrected" if changed else "",
        )
        self.latest.append(past)
        self._count(past)

    def candles(self, interval: int, most: int = CANDLES) -> list[BarTotals]:
        """The last candles, the oldest first; intervals without a trade have none."""
        if interval not in self._candles:
            self._candles[interval] = _joined(self._minutes, interval)
        return list(self._candles[interval])[-most:]

    def _count(self, trade: PastTrade) -> None:
        price, quantity = Decimal(trade.price), Decimal(trade.quantity)
        _add(self._minutes, price, quantity, trade.timestamp_ns, 1)
        for interval, candles in self._candles.items():
            _add(candles, price, quantity, trade.timestamp_ns, interval)


def _add(
    bars: deque[BarTotals], price: Decimal, quantity: Decimal, timestamp_ns: int, interval: int
) -> None:
    last = bars[-1] if bars else None
    bar = with_trade(last, price, quantity, timestamp_ns, interval * MINUTE_NS)
    if bar is not last:
        bars.append(bar)


def _joined(minutes: Iterable[BarTotals], interval: int) -> deque[BarTotals]:
    """Bars of an interval, from those of its minutes."""
    step, found = interval * MINUTE_NS, deque[BarTotals](maxlen=CANDLES)
    for minute in minutes:
        start_ns = minute.start_ns - minute.start_ns % step
        if found and found[-1].start_ns == start_ns:
            found[-1].add(minute)
        else:
            found.append(msgspec.structs.replace(minute, start_ns=start_ns))
    return found


def with_gaps_filled(bars: list[BarTotals], interval: int, until_ns: int) -> list[BarTotals]:
    """Bars with flat ones between them, where nothing traded, up to that time; the last ones."""
    step, found = interval * MINUTE_NS, list[BarTotals]()
    ends = [bar.start_ns for bar in bars[1:]] + [until_ns - until_ns % step + step]
    for bar, end in zip(bars, ends, strict=False):
        found.append(bar)
        # none is made that would be cut off again
        first = max(bar.start_ns + step, end - CANDLES * step)
        for start in range(first, end, step):
            close, zero = bar.close, Decimal(0)
            found.append(BarTotals(start, close, close, close, close, zero, zero, 0))
    return found[-CANDLES:]
