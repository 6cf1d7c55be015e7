"""A real engine under random commands of every kind, from a seed: what market data has to follow.

Prices lie within a few ticks, so that everything meets everything.
"""

import random
from collections.abc import Iterator

from venue.domain import commands as c
from venue.domain.events import AnyEvent
from venue.domain.instruments import Instrument, InstrumentDefinition
from venue.engine.engine import Engine
from venue.engine.state.orders import Order

SESSIONS = {"A1": "ALPHA", "A2": "ALPHA", "B1": "BRAVO", "C1": "CHARLIE"}
SYMBOLS = {
    "ACME": InstrumentDefinition(
        symbol="ACME",
        currency="USD",
        tick_size="0.01",
        lot_size="1",
        reference_price="100",
        max_order_qty="1000000",
        max_order_value="1000000000",
        price_collar_percent="10",
    ),
    "BTC-USD": InstrumentDefinition(
        symbol="BTC-USD",
        currency="USD",
        tick_size="0.5",
        lot_size="0.001",
        reference_price="50000",
        max_order_qty="100",
        max_order_value="1000000000",
        price_collar_percent="10",
        fee_bps="2.5",
        asset="BTC",
    ),
}
_STAYING = ("0", "0", "0", "1", "6")
# OrdType -> the times in force it is offered with; the ExecInsts; how often it comes
_TYPES: tuple[tuple[str, tuple[str, ...], tuple[str, ...], int], ...] = (
    ("2", (*_STAYING, "3", "4", "2", "7"), ("", "", "", "6", "G"), 12),
    ("1", ("0", "3", "4", "2"), ("", "", "G"), 2),
    ("3", _STAYING, ("",), 2),
    ("4", _STAYING, ("",), 3),
    ("K", (*_STAYING, "3"), ("",), 2),
    ("P", _STAYING, ("M", "P", "R", "R", "M"), 3),
)
_PRICE_STEPS = 6
_SECOND_NS = 10**9


class RandomVenue:
    """An engine whose trading days go on for ever."""

    def __init__(self, seed: int, step_ns: int = 1) -> None:
        """step_ns: time that passes with each command."""
        self.engine = Engine()
        self._step_ns = step_ns
        self._random = random.Random(seed)
        self._now_ns = 1_767_600_000 * _SECOND_NS
        self._number = 0
        self._day = 1
        self._instruments = {name: Instrument(each) for name, each in SYMBOLS.items()}

    def run(self, count: int) -> Iterator[list[AnyEvent]]:
        """Events of each command: the configuration's, then of `count` random ones."""
        for definition in SYMBOLS.values():
            yield self.apply(c.AddInstrument(definition))
        for member in sorted(set(SESSIONS.values())):
            yield self.apply(c.AddMember(member, (), "1000000000000", 1_000_000))
        for session, member in SESSIONS.items():
            yield self.apply(c.AddSession(session, member))
        yield self.apply(self._next_day())
        for _ in range(count):
            waiting: list[c.AnyCommand] = [self._command()]
            while waiting:
                yield self.apply(waiting.pop(0))
                waiting[:0] = self.engine.take_follow_ups()

    def apply(self, command: c.AnyCommand) -> list[AnyEvent]:
        """Events of one command, a step after the last."""
        self._now_ns += self._step_ns
        return self.engine.apply(command, self._now_ns)

    def _command(self) -> c.AnyCommand:
        if self.engine.state.phase != "CONTINUOUS":
            return self._next_day()
        draw = self._random.random()
        if draw < 0.62:
            return self._enter()
        if draw < 0.80:
            return self._change()
        if draw < 0.90:
            return self._trade_change()
        return self._rare()

    def _next_day(self) -> c.StartDay:
        self._day += 1
        return c.StartDay(f"{2026 + self._day // 300}-{self._day // 25 % 12 + 1:02}-"
                          f"{self._day % 25 + 1:02}")  # fmt: skip

    def _enter(self) -> c.EnterOrder:
        choice, chance = self._random.choice, self._random.random
        ord_type, times_in_force, exec_insts, _ = self._random.choices(
            _TYPES, [weight for *_, weight in _TYPES]
        )[0]
        symbol, tif, exec_inst = self._symbol(), choice(times_in_force), choice(exec_insts)
        iceberg = ord_type in "24P" and tif in _STAYING and exec_inst != "G" and chance() < 0.3
        lots = self._random.randint(1, 30)
        matched = chance() < 0.5
        return c.EnterOrder(
            session=choice([*SESSIONS]),
            cl_ord_id=self._cl_ord_id(),
            symbol=symbol,
            side=choice("12"),
            ord_type=ord_type,
            time_in_force=tif,
            order_qty=self._qty(symbol, lots),
            price=self._price(symbol) if ord_type in "24" else None,
            stop_px=self._price(symbol) if ord_type in "34" else None,
            min_qty=self._qty(symbol, 2) if tif == "3" and ord_type != "K" and lots > 2 else None,
            max_floor=self._qty(symbol, self._random.randint(1, lots)) if iceberg else None,
            exec_inst=exec_inst,
            expire_ns=self._now_ns + self._random.randint(1, 40) * _SECOND_NS
            if tif == "6"
            else None,
            peg_offset=choice([None, self._ticks(symbol, -1), self._ticks(symbol, 1)])
            if ord_type == "P"
            else None,
            self_match_id="X" if matched else None,
            self_match_mode=choice([None, *("NOB" if exec_inst == "G" or tif in "34" else "NOBD")])
            if matched
            else None,
        )

    def _change(self) -> c.AnyCommand:
        order = self._open_order()
        if order is None:
            return self._enter()
        terms = order.terms
        if self._random.random() < 0.3:
            return c.CancelOrder(
                terms.session, self._cl_ord_id(), order.cl_ord_id, terms.symbol, terms.side
            )
        symbol = terms.symbol
        same_price = order.instrument.price_text(order.price_ticks)
        price = self._random.choice([same_price, same_price, self._price(symbol)])
        priced = terms.ord_type in "24" or (terms.ord_type == "K" and order.limited)
        lots = max(1, order.order_lots + self._random.randint(-8, 4))
        return c.ReplaceOrder(
            terms.session,
            self._cl_ord_id(),
            order.cl_ord_id,
            symbol,
            terms.side,
            terms.ord_type,
            self._qty(symbol, lots),
            price if priced else None,
            stop_px=self._price(symbol) if terms.ord_type in "34" else None,
            max_floor=self._qty(symbol, self._random.randint(1, lots))
            if order.floor_lots and self._random.random() < 0.3
            else None,
        )

    def _trade_change(self) -> c.AnyCommand:
        newest = [*self.engine.state.trades][-12:]
        if not newest:
            return self._enter()
        match_id = self._random.choice(newest)
        if self._random.random() < 0.4:
            return c.BustTrade(match_id, "ops", "test")
        trade = self.engine.state.trades.get(match_id)
        assert trade is not None
        symbol = trade.symbol
        quantity = self._qty(symbol, self._random.randint(1, trade.lots))
        return c.CorrectTrade(
            match_id, self._price(symbol), self._random.choice([None, quantity]), "ops", "test"
        )

    def _rare(self) -> c.AnyCommand:
        session = self._random.choice([*SESSIONS])
        draw = self._random.random()
        if draw < 0.08:
            return c.EndDay("ops", "test")
        if draw < 0.16:
            side = self._random.choice([None, "1", "2"])
            return c.MassCancel(session, self._cl_ord_id(), "1", self._symbol(), side)
        if draw < 0.20:
            return c.LogOut(session)
        if draw < 0.50:
            order = self._open_order()
            return c.CancelByOperator("0" if order is None else order.terms.order_id)
        self._now_ns += self._random.randint(1, 8) * _SECOND_NS
        return c.AdvanceTime()

    def _open_order(self) -> Order | None:
        orders = [order for order in self.engine.state.orders.values() if order.is_open]
        return self._random.choice(orders) if orders else None

    def _cl_ord_id(self) -> str:
        self._number += 1
        return f"c{self._number}"

    def _symbol(self) -> str:
        return self._random.choice([*SYMBOLS])

    def _price(self, symbol: str) -> str:
        instrument = self._instruments[symbol]
        steps = self._random.randint(-_PRICE_STEPS, _PRICE_STEPS)
        return instrument.price_text(instrument.reference_ticks + steps)

    def _ticks(self, symbol: str, ticks: int) -> str:
        return self._instruments[symbol].price_text(ticks)

    def _qty(self, symbol: str, lots: int) -> str:
        return self._instruments[symbol].qty_text(lots)


class SplittingVenue(RandomVenue):
    """The same, with a split behind each day: 2:1 and 1:2 by turns. Days are short."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._splits = 0

    def _command(self) -> c.AnyCommand:
        state = self.engine.state
        if state.phase != "CONTINUOUS" and state.split_day != state.trading_day:
            self._splits += 1
            ratio = (2, 1) if self._splits % 2 else (1, 2)
            return c.SplitAsset("ACME", *ratio, f"S{self._splits}")
        if self._random.random() < 0.01:
            return c.EndDay("ops", "test")
        return super()._command()

    def _next_day(self) -> c.StartDay:
        state = self.engine.state
        if state.markets:
            self._instruments = {name: each.instrument for name, each in state.markets.items()}
        return super()._next_day()
