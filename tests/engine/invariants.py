"""What must hold after every command, checked on the engine's state and on its events alone."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from venue.domain import events as e
from venue.domain.types import OPEN_STATUSES, OrdStatus, Side
from venue.engine.engine import Engine

CENT = Decimal("0.00000001")


def check_state(engine: Engine) -> None:
    """Counters equal a recount of the open orders; books hold exactly these."""
    state = engine.state
    exposure: dict[str, int] = defaultdict(int)
    count: dict[str, int] = defaultdict(int)
    by_session: dict[str, list[str]] = defaultdict(list)
    resting = {
        id(order)
        for book in state.books.values()
        for side in (book.bids, book.asks)
        for level in side.levels()
        for order in level
    }
    for order_id, order in state.orders.items():
        assert order.is_open == (id(order) in resting)
        if not order.is_open:
            assert order.leaves_lots == order.exposure == 0
            continue
        assert order.order_lots == order.cum_lots + order.leaves_lots
        value = order.instrument.amount(order.price_ticks * order.leaves_lots)
        exposure[order.terms.member] += value
        count[order.terms.member] += 1
        by_session[order.terms.session].append(order_id)
    for name, member in state.members.items():
        assert (member.exposure, member.open_orders) == (exposure[name], count[name])
    for name, session in state.sessions.items():
        assert sorted(session.open_orders) == sorted(by_session[name])
    assert sum(member.net_bought for member in state.members.values()) == 0
    for book in state.books.values():
        bid, ask = book.bids.best, book.asks.best
        assert bid is None or ask is None or bid.price_ticks < ask.price_ticks


class EventCheck:
    """Folds events as a clearing system would, and checks that their numbers agree."""

    def __init__(self, next_event_seq: int) -> None:
        self._next = next_event_seq
        self._orders: dict[str, e.OrderState] = {}
        self._filled: dict[str, Decimal] = defaultdict(Decimal)
        self._paid: dict[str, Decimal] = defaultdict(Decimal)
        self.matches: list[str] = []
        self.seen: dict[str, int] = defaultdict(int)

    def take(self, events: list[e.AnyEvent]) -> None:
        """Next events in order."""
        for event in events:
            assert event.event_seq == self._next, "event_seq has a gap"
            self._next += 1
            self.seen[type(event).__name__] += 1
            if isinstance(event, e.TradeExecuted):
                self._trade(event)
            elif isinstance(event, e.OrderAccepted | e.OrderReplaced | e.OrderCanceled):
                self._order(event.order)

    def _trade(self, trade: e.TradeExecuted) -> None:
        price, quantity = Decimal(trade.last_px), Decimal(trade.last_qty)
        assert Decimal(trade.amount) == (price * quantity).quantize(CENT, ROUND_HALF_UP)
        self.matches.append(trade.match_id)
        for side, fill in ((Side.BUY, trade.buy), (Side.SELL, trade.sell)):
            order = fill.order
            assert order.terms.side is side and order.terms.symbol == trade.symbol
            limit = None if order.price is None else Decimal(order.price)
            worse = limit is not None and (price > limit if side is Side.BUY else price < limit)
            assert not worse, "traded through its limit"
            self._filled[order.terms.order_id] += quantity
            self._paid[order.terms.order_id] += price * quantity
            self._order(order)
        aggressor = trade.buy if trade.aggressor is Side.BUY else trade.sell
        resting = trade.sell if trade.aggressor is Side.BUY else trade.buy
        assert resting.order.price == trade.last_px, "trades are at the resting order's price"
        assert aggressor.order.terms.side is trade.aggressor

    def _order(self, order: e.OrderState) -> None:
        name = order.terms.order_id
        filled, leaves = Decimal(order.cum_qty), Decimal(order.leaves_qty)
        before = self._orders.get(name)
        assert before is None or before.ord_status in OPEN_STATUSES, "a finished order moved"
        assert before is None or before.terms == order.terms
        assert filled == self._filled[name]
        if order.ord_status in OPEN_STATUSES:
            assert Decimal(order.order_qty) == filled + leaves and leaves > 0
            assert (filled > 0) == (order.ord_status is OrdStatus.PARTIALLY_FILLED)
        else:
            assert leaves == 0
            full = order.ord_status is OrdStatus.FILLED
            assert full == (Decimal(order.order_qty) == filled)
        mean = self._paid[name] / filled if filled else Decimal(0)
        assert Decimal(order.avg_px) == mean.quantize(CENT, ROUND_HALF_UP)
        self._orders[name] = order
