"""All that trades and waits in one instrument: book, stops, all-or-none, auction orders, pegs.

Changed only by the engine's modules while they apply one command.
"""

from collections.abc import Iterator
from itertools import chain

from sortedcontainers import SortedDict

from venue.book.order_book import OrderBook
from venue.book.stops import Stops
from venue.domain.instruments import Instrument
from venue.domain.phases import phase_of_market
from venue.domain.types import ExecInst, Phase, Side
from venue.engine.state.orders import Order


class Market:
    """One instrument. Orders that wait are kept by OrderID, in order of entry.

    phase: the one in force here. own_phase: where it is another than the venue's while that trades
    (HALT), else None. closed: the hours of its group are over. last_ticks: price of the last live
    trade, None before the first; older_ticks: of the last one that is not remembered any more.
    last_match: number of the last trade, 0 before the first. split_seq: trades and movements of
    funds before this event were before a split, and cannot be changed any more.
    low_ticks and high_ticks: of the trades since stops were last looked at. The day_ fields count
    the trading day. on_halt: open orders that a halt cancels, by OrderID. pegs_seen: what the pegs'
    prices followed from when all were last found in their place; None: they have to be looked at.
    """

    __slots__ = (
        "_pegs_at",
        "all_or_none",
        "auction",
        "book",
        "closed",
        "day_first_ticks",
        "day_high_ticks",
        "day_last_ticks",
        "day_lots",
        "day_low_ticks",
        "day_trades",
        "day_value",
        "disabled",
        "high_ticks",
        "instrument",
        "last_match",
        "last_ticks",
        "low_ticks",
        "older_ticks",
        "on_halt",
        "own_phase",
        "pegs",
        "pegs_seen",
        "phase",
        "split_seq",
        "stops",
    )

    def __init__(self, instrument: Instrument, venue_phase: Phase) -> None:
        self.instrument = instrument
        self.book = OrderBook()
        self.stops = Stops()
        self.phase = venue_phase
        self.own_phase: Phase | None = None
        self.closed = False
        self.disabled = False
        self.all_or_none: dict[str, Order] = {}
        self.auction: dict[str, Order] = {}
        self.pegs: dict[str, Order] = {}
        self._pegs_at: dict[int, int] = {}
        self.pegs_seen: tuple[object, ...] | None = None
        self.on_halt: SortedDict[int, Order] = SortedDict()
        self.last_match = 0
        self.split_seq = 0
        self.last_ticks: int | None = None
        self.older_ticks: int | None = None
        self.low_ticks: int | None = None
        self.high_ticks: int | None = None
        self.begin_day()

    def follow(self, venue_phase: Phase) -> None:
        """Take the phase that the venue is in now; its own goes before it."""
        self.phase = phase_of_market(venue_phase, self.own_phase, self.closed)

    def begin_day(self) -> None:
        """Set the counters of the trading day to zero."""
        assert self.low_ticks is None, "trades that stops have not seen"
        self.day_first_ticks = self.day_high_ticks = self.day_low_ticks = self.day_last_ticks = 0
        self.day_lots = self.day_value = self.day_trades = 0

    def count_trade(self, price_ticks: int, lots: int, amount: int) -> None:
        """Count a trade in the last price, the range for stops and the day's statistics."""
        if self.low_ticks is None or self.high_ticks is None:
            self.low_ticks = self.high_ticks = price_ticks
        else:
            if price_ticks < self.low_ticks:
                self.low_ticks = price_ticks
            if price_ticks > self.high_ticks:
                self.high_ticks = price_ticks
        if self.day_first_ticks == 0:
            self.day_first_ticks = self.day_high_ticks = self.day_low_ticks = price_ticks
        elif price_ticks > self.day_high_ticks:
            self.day_high_ticks = price_ticks
        elif price_ticks < self.day_low_ticks:
            self.day_low_ticks = price_ticks
        assert lots > 0
        self.last_ticks = self.day_last_ticks = price_ticks
        self.day_lots += lots
        self.day_value += amount
        self.day_trades += 1

    def change_totals(self, lots: int, amount: int, trades: int) -> None:
        """Change the day's totals by what a bust or correction adds, or takes off (negative).

        The day's prices stay: the market has traded at them.
        """
        self.day_lots += lots
        self.day_value += amount
        self.day_trades += trades
        assert self.day_lots >= 0 and self.day_value >= 0 and self.day_trades >= 0

    def open_orders(self) -> Iterator[Order]:
        """All orders that rest or wait: bids, asks, stops, all-or-none, auction."""
        book = self.book
        levels = (level for side in (book.bids, book.asks) for level in side.levels())
        resting = (order for level in levels for order in level)
        for order in chain(resting, self.stops.waiting()):
            assert isinstance(order, Order)
            yield order
        yield from self.all_or_none.values()
        yield from self.auction.values()

    def add_peg(self, order: Order) -> None:
        """Have a pegged order that rests follow the market."""
        self.pegs[order.terms.order_id] = order
        self.count_peg(order, 1)
        self.pegs_seen = None

    def drop_peg(self, order: Order) -> None:
        """Forget a pegged order that leaves the book, at the price that it had there."""
        if self.pegs and self.pegs.pop(order.terms.order_id, None) is not None:
            self.count_peg(order, -1)

    def count_peg(self, order: Order, more: int) -> None:
        """Count a pegged order that comes to its price, or goes (-1)."""
        key = _price_key(order.side, order.price_ticks)
        count = self._pegs_at.get(key, 0) + more
        if count:
            self._pegs_at[key] = count
        else:
            del self._pegs_at[key]

    def best_without_pegs(self, side: Side) -> int | None:
        """Best price of a side at which an order rests that is not pegged."""
        for level in self.book.side_of(side).levels():
            price_ticks = level.price_ticks
            if level.count > self._pegs_at.get(_price_key(side, price_ticks), 0):
                return price_ticks
        return None

    def watch_halt(self, order: Order) -> None:
        """Have a halt cancel an open order if its ExecInst(18) says so, and not otherwise."""
        number = int(order.terms.order_id)
        if ExecInst.CANCEL_ON_HALT in order.conditions.exec_inst:
            self.on_halt[number] = order
        else:
            self.on_halt.pop(number, None)

    def take_out(self, order: Order) -> None:
        """Remove an open order from wherever it rests or waits, if it does; its quantity stays."""
        assert order.leaves_lots > 0, "an order that has ended rests or waits"
        order_id = order.terms.order_id
        self.drop_peg(order)
        if order.level is not None:
            self.book.remove(order)
        elif order.conditions.stop_ticks is not None:
            self.stops.remove(order, order.conditions.stop_ticks)
        elif self.all_or_none.pop(order_id, None) is None:
            self.auction.pop(order_id, None)


def _price_key(side: Side, price_ticks: int) -> int:
    """Of a price, which is above 0, and its side."""
    return price_ticks if side is Side.BUY else -price_ticks
