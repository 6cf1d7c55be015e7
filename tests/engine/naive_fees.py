"""What every fill must cost, reckoned from the events alone: shares no arithmetic with the engine.

Money is Decimal in the currency, rates are Decimal basis points.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import NamedTuple

from venue.domain import events as e
from venue.domain.order_state import Fill

_UNIT = Decimal("0.00000001")
_Trade = e.TradeExecuted | e.TradeBusted | e.TradeCorrected


class _Terms(NamedTuple):
    maker: Decimal
    taker: Decimal
    minimum: Decimal


class _Side(NamedTuple):
    order_id: str
    member: str
    is_taker: bool
    is_first: bool


class NaiveFees:
    """Takes all events in order, and compares the fees of each trade with its own.

    seen: how many fills of each kind it has met. rebated and charged: what all fills have cost.
    """

    def __init__(self) -> None:
        self.seen: dict[str, int] = defaultdict(int)
        self._schedules: dict[str, list[e.FeeScheduleSet]] = defaultdict(list)
        self._assigned: dict[tuple[str, str], str] = {}
        self._instruments: dict[str, e.InstrumentAdded] = {}
        self._terms: dict[str, _Terms | None] = {}
        self._filled: dict[str, Decimal] = defaultdict(Decimal)
        self._sides: dict[str, tuple[_Side, _Side]] = {}
        self._paid: dict[str, tuple[str, str]] = {}
        self._volumes: list[dict[tuple[str, str], Decimal]] = [defaultdict(Decimal)]
        self._day = ""

    def take(self, events: Iterable[e.AnyEvent]) -> None:
        """Next events."""
        for event in events:
            match event:
                case e.FeeScheduleSet():
                    self._schedules[event.schedule].append(event)
                case e.FeesAssigned():
                    self._assigned[event.member, event.instrument] = event.schedule
                case e.InstrumentAdded():
                    self._instruments[event.symbol] = event
                case e.DayStarted():
                    self._day = event.trading_day
                    self._volumes.append(defaultdict(Decimal))
                case e.OrderAccepted():
                    terms = event.order.terms
                    self._terms[terms.order_id] = self._terms_of(terms.member, event.symbol)
                case e.TradeExecuted():
                    self._executed(event)
                case e.TradeBusted():
                    assert (event.buy.fee, event.sell.fee) == self._paid.pop(event.match_id)
                    self._count(event, -Decimal(event.amount), -Decimal(event.last_qty))
                case e.TradeCorrected():
                    self._corrected(event)

    def _terms_of(self, member: str, symbol: str) -> _Terms | None:
        definition = self._instruments[symbol].definition
        for name in (
            self._assigned.get((member, symbol), ""),
            self._assigned.get((member, ""), ""),
            definition.fee_schedule,
        ):
            begun = [v for v in self._schedules.get(name, ()) if v.valid_from <= self._day]
            if not begun:
                continue
            latest = max(version.valid_from for version in begun)
            version = [each for each in begun if each.valid_from == latest][-1]
            volume = sum(day[member, definition.currency] for day in self._volumes[-31:-1])
            rates = version.maker_bps, version.taker_bps
            for tier in version.tiers:
                if Decimal(tier.from_volume) <= volume:
                    rates = tier.maker_bps, tier.taker_bps
                    self.seen["of a tier"] += 1
            maker, taker = rates
            return _Terms(Decimal(maker), Decimal(taker), Decimal(version.minimum))
        return None

    def _executed(self, event: e.TradeExecuted) -> None:
        sides = []
        for is_buy, fill in ((True, event.buy), (False, event.sell)):
            terms = fill.order.terms
            is_taker = (event.aggressor == "1") is is_buy
            is_first = not self._filled[terms.order_id]
            sides.append(_Side(terms.order_id, terms.member, is_taker, is_first))
        self._sides[event.match_id] = (sides[0], sides[1])
        self._check(event)
        self._count(event, Decimal(event.amount), Decimal(event.last_qty))

    def _corrected(self, event: e.TradeCorrected) -> None:
        was = self._paid[event.match_id]
        sell_was = event.previous_sell_fee
        told = event.previous_fee, event.previous_fee if sell_was is None else sell_was
        assert told == was and sell_was != event.previous_fee
        self._check(event)
        more = Decimal(event.amount) - Decimal(event.previous_amount)
        self._count(event, more, Decimal(event.last_qty) - Decimal(event.previous_qty))

    def _check(self, event: e.TradeExecuted | e.TradeCorrected) -> None:
        for side, fill in zip(self._sides[event.match_id], (event.buy, event.sell), strict=True):
            wanted = self._fee(side, event.symbol, Decimal(event.amount))
            assert Decimal(fill.fee) == wanted, (event, side)
        self._paid[event.match_id] = (event.buy.fee, event.sell.fee)

    def _fee(self, side: _Side, symbol: str, amount: Decimal) -> Decimal:
        terms = self._terms[side.order_id]
        if terms is None:
            self.seen["by fee_bps"] += 1
            return _share(amount, Decimal(self._instruments[symbol].definition.fee_bps))
        rate = terms.taker if side.is_taker else terms.maker
        fee = _share(amount, rate)
        kind = "rebate" if rate < 0 else "maker" if not side.is_taker else "taker"
        if rate > 0 and side.is_first and fee < terms.minimum:
            kind, fee = "minimum", terms.minimum
        self.seen[kind] += 1
        return min(fee, amount)

    def _count(self, event: _Trade, amount: Decimal, quantity: Decimal) -> None:
        schedules = bool(self._schedules)
        fills: tuple[Fill, Fill] = (event.buy, event.sell)
        for fill in fills:
            terms = fill.order.terms
            self._filled[terms.order_id] += quantity
            if schedules:
                self._volumes[-1][terms.member, event.currency] += amount


def _share(amount: Decimal, basis_points: Decimal) -> Decimal:
    with localcontext() as context:
        context.prec = 80
        return (amount * basis_points / 10_000).quantize(_UNIT, ROUND_HALF_UP)
