"""What must hold of the engine's state after every command and its follow-ups.

What the events say for themselves is checked in `event_check`.
"""

from collections import defaultdict

from venue.book.price_level import RestingOrder
from venue.domain.phases import phase_of_market
from venue.domain.types import Phase, Side
from venue.engine.engine import Engine
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.orders import Order


def check_state(engine: Engine) -> None:
    """Counters equal a recount of the open orders, and each of these is where it belongs."""
    state = engine.state
    _check_counters(state)
    for symbol, market in state.markets.items():
        orders = [order for order in state.orders.values() if order.terms.symbol == symbol]
        _check_places(market, [order for order in orders if not _is_out(state, order)])
        _check_shown(market)
        _check_day_totals(state, symbol, market)
        assert market.phase is phase_of_market(state.phase, market.own_phase)
        if market.phase is Phase.CONTINUOUS:
            _check_settled(state, market)
    _check_due(state)


def waiting_stops(market: Market) -> list[RestingOrder]:
    """Stop orders that have not been triggered."""
    sides = (market.stops._buys, market.stops._sells)
    return [order for side in sides for level in side._levels.values() for order in level]


def _check_counters(state: EngineState) -> None:
    exposure: dict[str, int] = defaultdict(int)
    count: dict[str, int] = defaultdict(int)
    by_session: dict[str, list[str]] = defaultdict(list)
    today: dict[int, int] = defaultdict(int)
    trades: dict[int, int] = defaultdict(int)
    for trade in state.trades.values():
        for order in (trade.buy, trade.sell):
            trades[id(order)] += 1
            assert state.orders[order.terms.order_id] is order
        if trade.trading_day != state.trading_day:
            continue
        for order in (trade.buy, trade.sell):
            today[id(order)] += 0 if trade.busted else trade.lots
    for order_id, order in state.orders.items():
        is_left = state.is_forgetting and order.day.is_over  # a slice comes to it soon
        assert is_left or order.cum_lots - order.conditions.prior_lots == today[id(order)]
        assert order.trades == trades[id(order)]
        assert order.is_open or is_left or order.trades or not order.day.is_over
        assert not (order.is_open and order.day.is_over)
        if not order.is_open:
            assert order.leaves_lots == order.exposure == 0 and not order.waiting
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


def _check_places(market: Market, orders: list[Order]) -> None:
    """Every open order is in exactly one place, a finished one nowhere."""
    resting = {
        id(order)
        for side in (market.book.bids, market.book.asks)
        for level in side.levels()
        for order in level
    }
    stops = [id(order) for order in waiting_stops(market)]
    others = [id(o) for each in (market.all_or_none, market.auction) for o in each.values()]
    waiting = [*stops, *others]
    assert len(waiting) == len({*waiting}) and not resting & {*waiting}
    assert resting == {id(order) for order in orders if order.is_open and not order.waiting}
    assert {*waiting} == {id(order) for order in orders if order.waiting}
    on_halt = {int(o.terms.order_id) for o in orders if o.is_open and "K" in o.conditions.exec_inst}
    assert {*market.on_halt} == on_halt
    pegs = {key for key, order in market.pegs.items() if order.is_peg}
    assert pegs == market.pegs.keys()
    assert pegs == {order.terms.order_id for order in orders if order.is_open and order.is_peg}
    for side in (Side.BUY, Side.SELL):
        resting_prices = [
            level.price_ticks
            for level in market.book.side_of(side).levels()
            if any(isinstance(order, Order) and not order.is_peg for order in level)
        ]
        assert market.best_without_pegs(side) == next(iter(resting_prices), None)


def _is_out(state: EngineState, order: Order) -> bool:
    """Whether its ExpireTime has come, and its end is still to be said."""
    return order.is_due(state.withdrawn_to_ns)


def _check_shown(market: Market) -> None:
    """Levels tell the sum of what their orders show, which is at most a slice of each."""
    bid, ask = market.book.bids.best, market.book.asks.best
    assert bid is None or ask is None or bid.price_ticks < ask.price_ticks
    for side in (market.book.bids, market.book.asks):
        for level in side.levels():
            for order in level:
                assert order.price_ticks == level.price_ticks
                assert 0 < order.shown_lots <= order.slice_lots()
                assert order.floor_lots or order.shown_lots == order.leaves_lots
            assert level.lots == sum(order.shown_lots for order in level)
            assert level.whole_lots == sum(order.leaves_lots for order in level)


def _check_day_totals(state: EngineState, symbol: str, market: Market) -> None:
    live = [
        trade
        for trade in state.trades.values()
        if trade.buy.terms.symbol == symbol and not trade.busted
        if trade.trading_day == state.trading_day
    ]
    assert market.day_lots == sum(trade.lots for trade in live)
    assert market.day_value == sum(trade.amount for trade in live)
    assert market.day_trades == len(live)


def _check_settled(state: EngineState, market: Market) -> None:
    """Nothing waits that need not: no stop is reached, no all-or-none order could trade whole.

    After a bust or correction stops may wait behind the last price: nothing has traded there.
    """
    assert market.low_ticks is None and market.high_ticks is None
    assert market.last_ticks == state.last_live_ticks(market)
    if market.last_ticks is not None and market.last_ticks == market.day_last_ticks:
        assert market.stops.first_reached(market.last_ticks, market.last_ticks) is None
    for order in market.all_or_none.values():
        if order.self_match_key is not None:
            continue
        sign = 1 if order.side is Side.BUY else -1
        there = sum(
            resting.leaves_lots
            for level in market.book.opposite_of(order.side).levels()
            if sign * level.price_ticks <= sign * order.price_ticks
            for resting in level
        )
        assert there < order.leaves_lots


def _check_due(state: EngineState) -> None:
    expiring = {
        order_id: order.terms.expire_ns
        for order_id, order in state.orders.items()
        if order.is_open and order.terms.expire_ns is not None
    }
    assert state.expiring.keys() == expiring.keys()
    graces = [session.grace_ends_ns for session in state.sessions.values()]
    dues = [due for due in (*graces, *expiring.values()) if due is not None]
    assert state.next_due_ns == min(dues, default=None)
