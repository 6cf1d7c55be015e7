"""How simulated counterparties trade: from what one sees of its own orders to what it wants next.

Seeded and pure: no clock, no I/O, no float; same seed and same reports, same orders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import cycle
from random import Random
from typing import Protocol

from venue.domain.decimal_text import MONEY_SCALE
from venue.domain.instruments import Instrument
from venue.domain.types import Side, TimeInForce
from venue.sim.intents import Cancel, Enter, Intent, Replace

_CLIP_VALUE = 5_000 * MONEY_SCALE
"""Value of the smallest usual order, in 10^-8 of the currency."""

_UNITS_IN_REFERENCE = 10_000
"""Prices move in units of one basis point of the reference price, at least a tick."""

_RANGE_UNITS = 400
"""How far from the reference price anybody quotes: 4 %, well inside the price collar."""


@dataclass(slots=True)
class OwnOrder:
    """An open limit order of the counterparty; pending while a request about it is under way."""

    order_id: str
    cl_ord_id: str
    symbol: str
    side: Side
    price_ticks: int
    leaves_lots: int
    cum_lots: int
    is_pending: bool = False


@dataclass(slots=True)
class View:
    """All that a behaviour may look at: own open orders by OrderID, own last prices in ticks."""

    orders: dict[str, OwnOrder] = field(default_factory=dict)
    last_ticks: dict[str, int] = field(default_factory=dict)

    def find(self, cl_ord_id: str) -> OwnOrder | None:
        """The open order that is known by this ClOrdID now."""
        for order in self.orders.values():
            if order.cl_ord_id == cl_ord_id:
                return order
        return None

    def of(self, symbol: str, side: Side) -> list[OwnOrder]:
        """Own orders of one side, best price first."""
        found = [o for o in self.orders.values() if o.symbol == symbol and o.side is side]
        return sorted(found, key=lambda o: -o.price_ticks if side is Side.BUY else o.price_ticks)


class Behaviour(Protocol):
    """Decides. may_be_wrong: sometimes asks on purpose for what must be refused."""

    name: str
    may_be_wrong: bool

    def decide(self, view: View) -> Sequence[Intent]:
        """What to ask for next, in order; each is one message."""


class Terms:
    """Sizes that fit an instrument: price unit in ticks, usual quantity in lots."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.reference = instrument.reference_ticks
        self.unit = max(1, self.reference // _UNITS_IN_REFERENCE)
        self.clip = max(1, _CLIP_VALUE // max(1, instrument.amount(self.reference)))
        self.low = self.reference - _RANGE_UNITS * self.unit
        self.high = self.reference + _RANGE_UNITS * self.unit

    def price(self, ticks: int) -> str:
        """Price text, kept inside the range."""
        return self.instrument.price_text(min(max(ticks, self.low), self.high))

    def qty(self, lots: int) -> str:
        """Quantity text, at most what an order may have."""
        return self.instrument.qty_text(min(max(lots, 1), self.instrument.max_order_lots))

    def last(self, view: View) -> int:
        """Own last price, or the reference price, in ticks."""
        return view.last_ticks.get(self.instrument.symbol, self.reference)


class MarketMaker:
    """Quotes both sides of every instrument at several levels around a wandering fair price."""

    name = "maker"
    may_be_wrong = False

    def __init__(self, random: Random, instruments: Sequence[Instrument], levels: int = 3) -> None:
        self._random = random
        self._levels = levels
        self._terms = [Terms(instrument) for instrument in instruments]
        self._turns = cycle(self._terms)
        self._fair = {terms.instrument.symbol: terms.reference for terms in self._terms}

    def decide(self, view: View) -> Sequence[Intent]:
        """Renew the quotes of the instrument whose turn it is."""
        terms = next(self._turns)
        symbol = terms.instrument.symbol
        pull = (terms.last(view) - self._fair[symbol]) // 4
        home = (terms.reference - self._fair[symbol]) // 50
        self._fair[symbol] += pull + home + self._random.randint(-3, 3) * terms.unit
        half = self._random.randint(1, 4) * terms.unit
        intents = self._quotes(view, terms, Side.BUY, self._fair[symbol] - half, -1)
        intents += self._quotes(view, terms, Side.SELL, self._fair[symbol] + half, 1)
        return intents

    def _quotes(
        self, view: View, terms: Terms, side: Side, best: int, direction: int
    ) -> list[Intent]:
        symbol = terms.instrument.symbol
        own = view.of(symbol, side)
        intents: list[Intent] = [Cancel(symbol, side, o.cl_ord_id) for o in own[self._levels :]]
        for level in range(self._levels):
            step = direction * level * self._random.randint(2, 5) * terms.unit
            price = terms.price(best + step)
            lots = terms.clip * self._random.randint(1, 3) * (level + 1)
            if level >= len(own):
                intents.append(Enter(symbol, side, terms.qty(lots), price))
            elif own[level].price_ticks != terms.instrument.ticks(price):
                order = own[level]
                qty = terms.qty(order.cum_lots + lots)
                intents.append(Replace(symbol, side, order.cl_ord_id, qty, price))
        return intents


class Taker:
    """Crosses the spread: immediate-or-cancel and market orders, now and then a day order."""

    name = "taker"
    may_be_wrong = False

    def __init__(self, random: Random, instruments: Sequence[Instrument]) -> None:
        self._random = random
        self._terms = [Terms(instrument) for instrument in instruments]

    def decide(self, view: View) -> Sequence[Intent]:
        """One aggressive order; old day orders that did not trade are taken back first."""
        random = self._random
        if len(view.orders) > 5:
            oldest = next(iter(view.orders.values()))
            return [Cancel(oldest.symbol, oldest.side, oldest.cl_ord_id)]
        terms = random.choice(self._terms)
        symbol = terms.instrument.symbol
        side = random.choice((Side.BUY, Side.SELL))
        qty = terms.qty(terms.clip * random.randint(1, 6) // 2)
        reach = random.randint(0, 15) * terms.unit
        price = terms.price(terms.last(view) + (reach if side is Side.BUY else -reach))
        kind = random.randrange(10)
        if kind < 2:
            return [Enter(symbol, side, qty, None)]
        if kind < 9:
            return [Enter(symbol, side, qty, price, TimeInForce.IMMEDIATE_OR_CANCEL)]
        return [Enter(symbol, side, qty, price)]


class Noise:
    """Random limit orders, changes and cancellations, and sometimes a request that is wrong."""

    name = "noise"
    may_be_wrong = True

    def __init__(
        self, random: Random, instruments: Sequence[Instrument], orders_max: int = 25
    ) -> None:
        self._random = random
        self._orders_max = orders_max
        self._terms = [Terms(instrument) for instrument in instruments]
        self._by_symbol = {terms.instrument.symbol: terms for terms in self._terms}

    def decide(self, view: View) -> Sequence[Intent]:
        """One request of a random kind."""
        random = self._random
        kind = random.randrange(100)
        if kind < 4:
            return [self._wrong(random.choice(self._terms))]
        own = [order for order in view.orders.values() if not order.is_pending]
        if own and (kind < 30 or len(view.orders) >= self._orders_max):
            order = random.choice(own)
            return [Cancel(order.symbol, order.side, order.cl_ord_id)]
        if own and kind < 45:
            return [self._changed(random.choice(own))]
        return [self._order(random.choice(self._terms), view)]

    def _order(self, terms: Terms, view: View) -> Enter:
        random = self._random
        side = random.choice((Side.BUY, Side.SELL))
        distance = random.randint(-3, 30) * terms.unit
        ticks = terms.last(view) + (-distance if side is Side.BUY else distance)
        qty = terms.qty(terms.clip * random.randint(1, 8) // 4)
        return Enter(terms.instrument.symbol, side, qty, terms.price(ticks))

    def _changed(self, order: OwnOrder) -> Replace:
        terms = self._by_symbol[order.symbol]
        price = terms.price(order.price_ticks + self._random.randint(-5, 5) * terms.unit)
        qty = terms.qty(order.cum_lots + terms.clip * self._random.randint(1, 8) // 4)
        return Replace(order.symbol, order.side, order.cl_ord_id, qty, price)

    def _wrong(self, terms: Terms) -> Intent:
        symbol, price = terms.instrument.symbol, terms.price(terms.reference)
        qty = terms.qty(terms.clip)
        half_a_tick = Decimal(terms.instrument.definition.tick_size) / 2
        kinds: Mapping[int, Intent] = {
            0: Enter("NOSUCH", Side.BUY, qty, price),
            1: Enter(symbol, Side.BUY, qty, f"{Decimal(price) + half_a_tick:f}"),
            2: Enter(symbol, Side.SELL, "0", price),
            3: Enter(symbol, Side.BUY, qty, terms.instrument.price_text(terms.reference * 2)),
            4: Cancel(symbol, Side.BUY, "never-sent"),
        }
        return kinds[self._random.randrange(len(kinds))]
