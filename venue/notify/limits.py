"""How much members and their accounts use of their limits, counted from events alone. Pure.

Counts as risk does, with its own counters. An order without a price counts at the end of the
collar, a pegged one at the price of its last event: trading may know better. An early warning.
"""

from collections.abc import Iterable, Iterator

from venue.domain import events as e
from venue.domain.decimal_text import divide_towards_zero, format_money, parse_money
from venue.domain.instrument_definition import InstrumentDefinition
from venue.domain.instruments import Instrument
from venue.domain.order_state import OrderState
from venue.domain.types import Side
from venue.notify.kinds import LEAST_PERCENT
from venue.notify.last_prices import LastPrices
from venue.notify.limits_image import Counted, LimitsImage, ScopeImage, UseImage
from venue.notify.limits_used import USED
from venue.notify.rise import Rise, Whose
from venue.risk.exposure import Scope
from venue.risk.limits import COUNT, LIMIT_NAMES

FALL_PERCENT = 20
"""A use that has fallen by so much may rise past the same mark again."""


class LimitUse:
    """The counters of all members and accounts."""

    def __init__(self) -> None:
        self._instruments: dict[str, Instrument] = {}
        self._scopes: dict[Whose, Scope] = {}
        self._orders: dict[str, Counted] = {}
        self._marks: dict[Whose, dict[str, int]] = {}
        self._values: dict[Whose, list[tuple[str, int]]] = {}
        """The limits that are set and are not 0, of whoever has any."""
        self._with_loss_limit: dict[Whose, None] = {}
        self._prices = LastPrices()

    @property
    def members(self) -> list[str]:
        """All members that there are."""
        return [member for member, account in self._scopes if not account]

    def used(self, member: str, account: str = "") -> dict[str, int]:
        """What is used of each limit now, in the limit's own units."""
        scope = self._scopes.get((member, account)) or Scope()
        return {name: used(scope, self._prices) for name, used in USED.items()}

    def apply(self, event: e.AnyEvent) -> Iterable[Rise]:
        """Count an event; the rises that come of it."""
        match event:
            case e.TradeExecuted():
                return self._traded(event)
            case (
                e.OrderAccepted()
                | e.OrderCanceled()
                | e.OrderExpired()
                | e.OrderReplaced()
                | e.OrderRestated()
            ):
                return self._rises(self._recount(event.order))
            case e.TradeBusted():
                return self._busted(event)
            case e.TradeCorrected():
                return self._corrected(event)
            case e.ObligationBoughtIn():
                return self._bought_in(event)
            case e.MemberAdded():
                limits = self._scope(event.member, "").limits
                most = event.max_open_orders
                limits.set("credit_limit", event.credit_limit)
                limits.set("max_open_orders", None if most is None else str(most))
                return self._limits_changed(event.member, "")
            case e.LimitsSet():
                limits = self._scope(event.member, event.account).limits
                for name in LIMIT_NAMES:
                    limits.set(name, event.limits.get(name))
                return self._limits_changed(event.member, event.account)
            case e.InstrumentAdded():
                self._add(event.definition)
            case e.StockSplit():
                self._split(event)
            case e.PositionsTransferred():
                self._pass_positions(event.member, event.to_member)
            case e.DayStarted():
                for scope in self._scopes.values():
                    scope.begin_day()
        return ()

    def image(self) -> LimitsImage:
        """All that is needed to go on elsewhere."""
        return LimitsImage(
            [each.definition for each in self._instruments.values()],
            [
                ScopeImage(
                    member,
                    account,
                    scope.limits.texts(),
                    str(scope.net_bought),
                    [
                        UseImage(
                            symbol, str(use.position_lots), str(use.day_lots), str(use.day_cash)
                        )
                        for symbol, use in scope.uses.items()
                    ],
                    self._marks.get((member, account), {}),
                )
                for (member, account), scope in self._scopes.items()
            ],
            self._orders,
            self._prices.image(),
        )

    @classmethod
    def of(cls, image: LimitsImage) -> "LimitUse":
        """The counters of an image."""
        self = cls()
        self._prices = LastPrices(image.prices)
        for definition in image.instruments:
            self._add(definition)
        for each in image.scopes:
            whose = (each.member, each.account)
            scope = self._scope(*whose)
            self._marks[whose] = each.marks
            for name, text in each.limits.items():
                scope.limits.set(name, text)
            self._limits_changed(each.member, each.account)
            scope.net_bought = int(each.net_bought)
            for kept in each.uses:
                use = scope.use_of(self._instruments[kept.symbol])
                use.position_lots = int(kept.position_lots)
                use.day_lots = int(kept.day_lots)
                use.day_cash = int(kept.day_cash)
        for order_id, order in image.orders.items():
            self._count(order, 1)
            self._orders[order_id] = order
        return self

    def _add(self, definition: InstrumentDefinition) -> None:
        instrument = self._instruments[definition.symbol] = Instrument(definition)
        for scope in self._scopes.values():
            if definition.symbol in scope.uses:
                scope.uses[definition.symbol].instrument = instrument

    def _split(self, event: e.StockSplit) -> None:
        """Have positions be those behind a split, as risk counts them."""
        new, old = event.numerator, event.denominator
        for scope in self._scopes.values():
            for symbol in event.symbols:
                use = scope.uses.get(symbol)
                if use is not None:
                    use.position_lots = divide_towards_zero(use.position_lots * new, old)
                    use.day_lots = divide_towards_zero(use.day_lots * new, old)

    def _pass_positions(self, member: str, to_member: str) -> None:
        """Have another member have the positions of one in default."""
        taker = self._scope(to_member, "")
        for (name, account), scope in list(self._scopes.items()):
            for use in scope.uses.values() if name == member else ():
                if not account:
                    taker.use_of(use.instrument).position_lots += use.position_lots
                use.position_lots = 0

    def _scope(self, member: str, account: str) -> Scope:
        scope = self._scopes.get((member, account))
        if scope is None:
            scope = self._scopes[member, account] = Scope()
        return scope

    def _limits_changed(self, member: str, account: str) -> Iterable[Rise]:
        limits = self._scope(member, account).limits
        found = [(name, getattr(limits, name)) for name in USED]
        self._values[member, account] = [(name, value) for name, value in found if value]
        if limits.max_daily_loss:
            self._with_loss_limit[member, account] = None
        else:
            self._with_loss_limit.pop((member, account), None)
        return self._rises([(member, account)])

    def _count(self, order: Counted, times: int) -> None:
        """Add an open order to its scopes, or (times -1) take it off."""
        instrument = self._instruments[order.symbol]
        value = instrument.amount(order.ticks * order.lots)
        for account in _scopes_of(order.account):
            scope = self._scope(order.member, account)
            scope.exposure += times * value
            scope.open_orders += times
            scope.use_of(instrument).count_open(order.side, times * order.lots)

    def _recount(self, order: OrderState) -> list[Whose]:
        """Count an order as it is now. Returns whose counters have changed."""
        terms = order.terms
        whose = [(terms.member, account) for account in _scopes_of(terms.account or "")]
        before = self._orders.pop(terms.order_id, None)
        if before is not None:
            self._count(before, -1)
        instrument = self._instruments.get(terms.symbol)
        if instrument is None:  # it was added before the first event that was seen
            return []
        lots = instrument.lots(order.leaves_qty) or 0
        if lots:
            is_buy = terms.side is Side.BUY
            end = instrument.collar_high_ticks if is_buy else instrument.collar_low_ticks
            ticks = instrument.ticks(order.price) if order.price is not None else None
            now = Counted(
                terms.member,
                terms.account or "",
                terms.symbol,
                terms.side,
                lots,
                end if ticks is None else ticks,
            )
            self._count(now, 1)
            self._orders[terms.order_id] = now
        return whose

    def _traded(self, event: e.TradeExecuted) -> Iterator[Rise]:
        for fill in (event.buy, event.sell):
            self._settle(fill.order, event.last_qty, event.amount, 1)
        yield from self._rises_of(event)

    def _busted(self, event: e.TradeBusted) -> Iterator[Rise]:
        for fill in (event.buy, event.sell):
            is_today = event.traded_on is None
            self._settle(fill.order, event.last_qty, event.amount, -1, is_today=is_today)
        yield from self._rises_of(event)

    def _corrected(self, event: e.TradeCorrected) -> Iterator[Rise]:
        for fill in (event.buy, event.sell):
            is_today = event.traded_on is None
            before = (event.previous_qty, event.previous_amount)
            self._settle(fill.order, *before, -1, is_today=is_today)
            self._settle(fill.order, event.last_qty, event.amount, 1, is_today=is_today)
        yield from self._rises_of(event)

    def _bought_in(self, event: e.ObligationBoughtIn) -> Iterator[Rise]:
        """A trade that is not delivered any more counts in no position."""
        instrument = self._instruments.get(event.symbol)
        if instrument is None:
            return
        accounts = _scopes_of(event.account)
        lots = (parse_money(event.quantity) or 0) // instrument.lot_units
        for account in accounts:
            self._scope(event.member, account).use_of(instrument).position_lots -= lots
        yield from self._rises([(event.member, account) for account in accounts])

    def _settle(
        self, order: OrderState, qty: str, amount: str, times: int, *, is_today: bool = True
    ) -> None:
        """Count a fill in the positions of its scopes, or (times -1) take it back."""
        terms = order.terms
        instrument = self._instruments.get(terms.symbol)
        if instrument is None:
            return
        lots = times * (instrument.lots(qty) or 0)
        for account in _scopes_of(terms.account or ""):
            use = self._scope(terms.member, account).use_of(instrument)
            if is_today:
                use.count_trade(terms.side, lots, times * (parse_money(amount) or 0))
            else:
                use.position_lots += lots if terms.side is Side.BUY else -lots

    def _rises_of(self, event: e.TradeExecuted | e.TradeBusted | e.TradeCorrected) -> list[Rise]:
        changed = [whose for fill in (event.buy, event.sell) for whose in self._recount(fill.order)]
        instrument = self._instruments.get(event.symbol)
        if instrument is not None and self._prices.apply(event, instrument):
            changed += self._held_today(event.symbol)
        return list(self._rises(dict.fromkeys(changed)))

    def _held_today(self, symbol: str) -> Iterator[Whose]:
        """Whose loss of today depends on an instrument's last price, and is limited."""
        for whose in self._with_loss_limit:
            use = self._scopes[whose].uses.get(symbol)
            if use is not None and use.day_lots:
                yield whose

    def _rises(self, changed: Iterable[Whose]) -> Iterator[Rise]:
        """What has risen past its mark, of these; marks follow a use that falls, at a distance."""
        for whose in changed:
            for name, value in self._values.get(whose, ()):
                used = USED[name](self._scopes[whose], self._prices)
                marks = self._marks.setdefault(whose, {})
                if used * 100 < value * LEAST_PERCENT and name not in marks:
                    continue
                percent, mark = used * 100 // value, marks.get(name, 0)
                if percent > mark and percent >= LEAST_PERCENT:
                    marks[name] = percent
                    text = str if name in COUNT else format_money
                    yield Rise(whose, name, mark, percent, text(used), text(value))
                elif percent <= mark - FALL_PERCENT:
                    if percent >= LEAST_PERCENT:
                        marks[name] = percent
                    else:
                        marks.pop(name, None)


def _scopes_of(account: str) -> tuple[str, ...]:
    return ("", account) if account else ("",)
