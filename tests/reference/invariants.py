"""What must hold whatever is played: of every event, and of the engine's state between commands."""

from collections.abc import Iterable
from fractions import Fraction

from tests.reference.matcher import ReferenceVenue
from venue.book.book_side import BookSide
from venue.domain import events as e
from venue.domain.decimal_text import divide_half_away
from venue.domain.exec_ids import exec_id
from venue.domain.order_state import OrderState, OrderTerms
from venue.domain.types import Side
from venue.engine.engine import Engine
from venue.engine.state.market import Market
from venue.engine.state.orders import Order
from venue.engine.trading.placing import waits_at_first

NEVER_REST = ("3", "4")


class Ledger:
    """Follows events only: quantities of orders, sums of fills, ExecIDs, OrderIDs."""

    def __init__(self) -> None:
        self.event_seq = 0
        self.exec_ids: set[str] = set()
        self.fills: dict[str, dict[str, tuple[Fraction, Fraction]]] = {}
        self.terms: dict[str, OrderTerms] = {}
        self.restated_lots: dict[str, Fraction] = {}

    def enter(self, events: Iterable[e.AnyEvent]) -> str | None:
        """The first thing that may not be, or None."""
        for event in events:
            self.event_seq += 1
            if event.event_seq != self.event_seq:
                return f"event_seq {event.event_seq} is not {self.event_seq}"
            broken = self._check(event)
            if broken is not None:
                return f"{broken}: {event}"
        return None

    def _check(self, event: e.AnyEvent) -> str | None:
        orders: tuple[OrderState, ...] = ()
        ids = [exec_id(event.event_seq)]
        if isinstance(event, e.TradeExecuted | e.TradeBusted | e.TradeCorrected):
            orders = (event.buy.order, event.sell.order)
            ids = [exec_id(event.event_seq, side) for side in (Side.BUY, Side.SELL)]
            fill = (Fraction(event.last_qty), Fraction(event.last_px))
            for order in orders:
                fills = self.fills.setdefault(order.terms.order_id, {})
                if isinstance(event, e.TradeBusted):
                    del fills[event.match_id]
                else:
                    fills[event.match_id] = fill
        elif isinstance(event, e.OrderReplaced):
            self.terms[event.order.terms.order_id] = event.order.terms
            orders = (event.order,)
        elif (order_state := getattr(event, "order", None)) is not None:
            orders = (order_state,)
        if not self.exec_ids.isdisjoint(ids):
            return "an ExecID comes again"
        self.exec_ids.update(ids)
        return next((broken for order in orders if (broken := self._check_order(order))), None)

    def _check_order(self, order: OrderState) -> str | None:
        order_qty, leaves, cum = map(Fraction, (order.order_qty, order.leaves_qty, order.cum_qty))
        is_open = order.ord_status in "01"
        if is_open and (order_qty != cum + leaves or leaves <= 0):
            return "OrderQty is not CumQty + LeavesQty"
        if not is_open and leaves:
            return "LeavesQty of a closed order"
        fills = self.fills.get(order.terms.order_id, {}).values()
        if sum(quantity for quantity, _ in fills) != cum:
            return "CumQty is not the sum of fills"
        if (order.ord_status == "0" and cum) or (order.ord_status == "1" and not cum):
            return "OrdStatus does not go with CumQty"
        value = sum((quantity * price for quantity, price in fills), Fraction(0))
        mean = value / cum if cum else Fraction(0)
        rounded = Fraction(divide_half_away(mean.numerator * 10**8, mean.denominator), 10**8)
        if Fraction(order.avg_px) != rounded:
            return "AvgPx is not the mean of the fills"
        if self.terms.setdefault(order.terms.order_id, order.terms) != order.terms:
            return "terms of an order have changed"
        return None


def broken_invariant(engine: Engine, reference: ReferenceVenue) -> str | None:
    """What of the engine's state at rest may not be, or None."""
    state = engine.state
    open_orders = [order for order in state.orders.values() if order.is_open]
    for member in state.members.values():
        own = [order for order in open_orders if order.terms.member == member.name]
        if member.open_orders != len(own):
            return f"{member.name} counts {member.open_orders} open orders of {len(own)}"
        worth = reference.exposure(member.name)
        if member.exposure != int(worth * 10**8) or (not own and member.exposure):
            return f"exposure of {member.name} is {member.exposure}, its orders are worth {worth}"
    dues = [o.expire_ns for o in reference.open_orders() if o.expire_ns is not None]
    if engine.next_due_ns != min(dues, default=None):
        return f"next due is {engine.next_due_ns} of {dues}"
    found = 0
    for symbol, market in state.markets.items():
        bids, asks = market.book.bids, market.book.asks
        if bids.best and asks.best and bids.best.price_ticks >= asks.best.price_ticks:
            return f"{symbol} is crossed or locked"
        for side, buy in ((bids, True), (asks, False)):
            resting = list(_orders(side))
            found += len(resting)
            queue = [(o.number, o.limit, o.shown) for o in reference.markets[symbol].queue(buy)]
            if [(int(o.terms.order_id), o.price_ticks, o.shown_lots) for o in resting] != queue:
                return f"{symbol} rests in another order than {queue}"
            for level in side.levels():
                if (level.lots, level.count) != (sum(o.shown_lots for o in level), len([*level])):
                    return f"{symbol} counts wrong at {level.price_ticks}"
            for order in resting:
                if not order.is_open or not _may_rest(order):
                    return f"order {order.terms.order_id} rests"
        found += len([*market.all_or_none, *market.auction])
        found += len(reference.markets[symbol].waiting_in("stop"))
        if not _is_quiet(market) and reference.is_open:
            return f"{symbol} is not settled"
    return None if found == len(open_orders) else f"{found} of {len(open_orders)} orders are placed"


def _orders(side: BookSide) -> Iterable[Order]:
    for level in side.levels():
        for resting in level:
            assert isinstance(resting, Order)
            yield resting


def _may_rest(order: Order) -> bool:
    terms = order.terms
    whole = "G" in order.conditions.exec_inst
    return order.limited and terms.time_in_force not in (*NEVER_REST, "2", "7") and not whole


def _is_quiet(market: Market) -> bool:
    return all(waits_at_first(market, order) for order in market.all_or_none.values())
