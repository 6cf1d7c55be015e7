"""What must hold of the events alone, folded as a clearing system would."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from venue.domain import events as e
from venue.domain.events import symbol_of
from venue.domain.order_state import OrderState
from venue.domain.types import OPEN_STATUSES, OrdStatus, Side

CENT = Decimal("0.00000001")
Changed = e.TradeBusted | e.TradeCorrected


@dataclass
class LiveTrade:
    """A trade as it stands after corrections; exec_seq: its latest execution."""

    symbol: str
    price: Decimal
    quantity: Decimal
    amount: Decimal
    exec_seq: int


@dataclass
class EventCheck:
    """Takes events in order, and checks that their numbers agree with each other."""

    next_event_seq: int
    matches: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _orders: dict[str, OrderState] = field(default_factory=dict)
    _filled: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    _paid: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    _live: dict[str, LiveTrade] = field(default_factory=dict)
    _today: set[str] = field(default_factory=set)
    _prices: dict[str, list[Decimal]] = field(default_factory=lambda: defaultdict(list))

    def take(self, events: list[e.AnyEvent]) -> None:
        """Next events in order."""
        for event in events:
            assert event.event_seq == self.next_event_seq, "event_seq has a gap"
            self.next_event_seq += 1
            self.seen[type(event).__name__] += 1
            if isinstance(order := getattr(event, "order", None), OrderState):
                assert symbol_of(event) == order.terms.symbol
            match event:
                case e.TradeExecuted():
                    self._trade(event)
                case e.TradeBusted() | e.TradeCorrected():
                    self._change(event)
                case e.OrderRestated():
                    self.seen[f"OrderRestated {event.restatement_reason}"] += 1
                    self._order(event.order, may_resize=True)
                case e.OrderReplaced():
                    self._order(event.order, may_resize=True)
                case e.OrderAccepted() | e.OrderCanceled() | e.OrderExpired():
                    self._order(event.order)
                case e.DayStarted():
                    self._today.clear()
                    self._prices.clear()
                case e.DayEnded():
                    self._day(event)

    def _trade(self, trade: e.TradeExecuted) -> None:
        price, quantity = Decimal(trade.last_px), Decimal(trade.last_qty)
        assert Decimal(trade.amount) == (price * quantity).quantize(CENT, ROUND_HALF_UP)
        self.matches.append(trade.match_id)
        self._live[trade.match_id] = LiveTrade(
            trade.symbol, price, quantity, Decimal(trade.amount), trade.event_seq
        )
        self._today.add(trade.match_id)
        self._prices[trade.symbol].append(price)
        for side, fill in ((Side.BUY, trade.buy), (Side.SELL, trade.sell)):
            order = fill.order
            buys = order.terms.side is Side.BUY
            assert buys == (side is Side.BUY) and order.terms.symbol == trade.symbol
            limit = None if order.price is None else Decimal(order.price)
            worse = limit is not None and (price > limit if side is Side.BUY else price < limit)
            assert not worse, "traded through its limit"
            self._count(order, price, quantity)
            self._order(order)
        aggressor = trade.buy if trade.aggressor is Side.BUY else trade.sell
        resting = trade.sell if trade.aggressor is Side.BUY else trade.buy
        assert resting.order.price == trade.last_px, "trades are at the resting order's price"
        assert aggressor.order.terms.side is trade.aggressor
        keys = [(o.terms.member, o.terms.self_match_id) for o in (resting.order, aggressor.order)]
        assert keys[0][1] is None or keys[0] != keys[1], "traded with its own"

    def _change(self, event: Changed) -> None:
        """A bust or correction takes back what the trade was, and counts what it is now."""
        trade = self._live.pop(event.match_id)
        assert (event.traded_on is None) == (event.match_id in self._today)
        corrected = isinstance(event, e.TradeCorrected)
        stated = (
            (event.previous_px, event.previous_qty, event.previous_amount)
            if isinstance(event, e.TradeCorrected)
            else (event.last_px, event.last_qty, event.amount)
        )
        assert tuple(map(Decimal, stated)) == (trade.price, trade.quantity, trade.amount)
        assert event.exec_ref_seq == trade.exec_seq and event.symbol == trade.symbol
        price, quantity = Decimal(event.last_px), Decimal(event.last_qty)
        for fill in (event.buy, event.sell):
            self._count(fill.order, trade.price, -trade.quantity)
            if corrected:
                self._count(fill.order, price, quantity)
            self._order(fill.order, may_have_ended=True)
        if corrected:
            amount = (price * quantity).quantize(CENT, ROUND_HALF_UP)
            assert Decimal(event.amount) == amount and 0 < quantity <= trade.quantity
            self._live[event.match_id] = LiveTrade(
                trade.symbol, price, quantity, amount, event.event_seq
            )

    def _count(self, order: OrderState, price: Decimal, quantity: Decimal) -> None:
        self._filled[order.terms.order_id] += quantity
        self._paid[order.terms.order_id] += price * quantity

    def _day(self, event: e.DayEnded) -> None:
        """Statistics are of the prices that traded, and of the trades as they stand."""
        assert {each.symbol for each in event.statistics} == {*self._prices}
        for stated in event.statistics:
            prices = self._prices[stated.symbol]
            today = (self._live[name] for name in self._today if name in self._live)
            live = [trade for trade in today if trade.symbol == stated.symbol]
            expected = (prices[0], max(prices), min(prices), prices[-1])
            named = (stated.open_px, stated.high_px, stated.low_px, stated.last_px)
            assert tuple(map(Decimal, named)) == expected
            assert Decimal(stated.quantity) == sum(trade.quantity for trade in live)
            assert Decimal(stated.value) == sum(trade.amount for trade in live)
            assert stated.trades == len(live)

    def _order(
        self, order: OrderState, may_have_ended: bool = False, may_resize: bool = False
    ) -> None:
        name = order.terms.order_id
        filled, leaves = Decimal(order.cum_qty), Decimal(order.leaves_qty)
        before = self._orders.get(name)
        if before is not None:
            was_open = before.ord_status in OPEN_STATUSES
            assert was_open or may_have_ended, "a finished order moved"
            assert was_open or order.ord_status not in OPEN_STATUSES, "a finished order opened"
            assert may_resize or before.terms == order.terms
            assert may_resize or before.order_qty == order.order_qty
        assert filled == self._filled[name]
        if order.ord_status in OPEN_STATUSES:
            assert Decimal(order.order_qty) == filled + leaves and leaves > 0
            assert (filled > 0) == (order.ord_status is OrdStatus.PARTIALLY_FILLED)
        else:
            assert leaves == 0 and not order.waiting
            full = order.ord_status is OrdStatus.FILLED
            assert full == (Decimal(order.order_qty) == filled)
        mean = self._paid[name] / filled if filled else Decimal(0)
        assert Decimal(order.avg_px) == mean.quantize(CENT, ROUND_HALF_UP)
        self._check_parts(order, leaves)
        self._orders[name] = order

    def _check_parts(self, order: OrderState, leaves: Decimal) -> None:
        if order.displayed_qty is not None:
            assert order.max_floor is not None and not order.waiting
            assert 0 < Decimal(order.displayed_qty) <= min(leaves, Decimal(order.max_floor))
        if order.day is not None:
            of_today = Decimal(order.day.order_qty) - Decimal(order.day.cum_qty)
            assert of_today == Decimal(order.order_qty) - Decimal(order.cum_qty)
