"""What an accepted order does: it waits, trades, rests or ends; and what follows in the market.

A trade may trigger stops, let an all-or-none order trade, and move pegs. `settle` repeats these
until nothing more happens. Events come in the order in which things happen.
"""

from venue.domain.commands import ExpireRemaining
from venue.domain.events import OrderRestated
from venue.domain.types import (
    ExecInst,
    ExecRestatementReason,
    OrdType,
    Phase,
    SelfMatchMode,
    Side,
    TimeInForce,
)
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.orders import Order
from venue.engine.trading.all_or_none import first_ready
from venue.engine.trading.executions import execute_trade
from venue.engine.trading.pegs import reprice_pegs
from venue.engine.trading.repeats import count_repeat
from venue.engine.trading.self_match import prevent_self_match
from venue.engine.trading.unasked import cancel_unasked
from venue.risk.checks import check_dynamic_collar, collared_prices

_AUCTION = (TimeInForce.AT_THE_OPENING, TimeInForce.AT_THE_CLOSE)
_NEVER_REST = (TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL)
_GO_ON = ExpireRemaining()


def waits_at_first(market: Market, order: Order) -> bool:
    """Whether an order that is being accepted is going to wait outside the book."""
    if order.conditions.stop_ticks is not None:
        return not _is_reached(order, market.last_ticks)
    if order.terms.time_in_force in _AUCTION:
        return True
    return _is_pending_all_or_none(market, order)


def place(state: EngineState, market: Market, order: Order) -> None:
    """Let an accepted order wait or match it, as `order.waiting` says; then settle the market."""
    order_id = order.terms.order_id
    if order.conditions.stop_ticks is not None:
        market.stops.add(order, order.conditions.stop_ticks)
        if (
            not order.waiting
        ):  # it alone: others wait for a trade, though a bust took the price back
            _trigger(state, market, order)
    elif order.terms.time_in_force in _AUCTION:
        market.auction[order_id] = order
    elif order.waiting:
        market.all_or_none[order_id] = order
    else:
        work(state, market, order)
    settle(state, market)
    assert order.level is not None or order.waiting or order.leaves_lots == 0, "it is nowhere"


def work(state: EngineState, market: Market, order: Order) -> None:
    """Match an open order that neither rests nor waits. Afterwards it rests or has ended.

    Events: TradeExecuted for each match, OrderCanceled where quantity is left that may not rest.
    """
    assert order.level is None, "it rests already"
    book = market.book
    exec_inst = order.conditions.exec_inst
    if exec_inst and ExecInst.POST_ONLY in exec_inst and book.crosses(order):
        cancel_unasked(state, order, None, "POST_ONLY_WOULD_TAKE it would have traded at once")
        return
    cum_lots = order.cum_lots
    is_cut = False
    if order.terms.ord_type == OrdType.MARKET_WITH_LEFTOVER_AS_LIMIT and not order.limited:
        is_cut = _take_limit(state, market, order)
    if order.is_open and not is_cut and book.crosses(order) and _is_enough(market, order):
        if _is_whole(order) and book.needs_more_matches(order, state.most_matches):
            cancel_unasked(state, order, None, _too_many(state))
            return
        for matches, (resting, price_ticks, lots) in enumerate(book.match(order), 1):
            assert isinstance(resting, Order)
            if lots:
                execute_trade(state, market, order, resting, price_ticks, lots)
            else:
                prevent_self_match(state, market, order, resting)
            if matches == state.most_matches:
                is_cut = order.is_open and book.crosses(order)
                break
    if order.cum_lots != cum_lots:
        count_repeat(state, order)
    if not order.is_open:
        return
    if is_cut:
        cancel_unasked(state, order, None, _too_many(state))
        return
    if order.limited and order.terms.time_in_force not in _NEVER_REST:
        book.rest(order)
        state.recount(order)
        if order.is_peg:
            market.add_peg(order)
        return
    cancel_unasked(state, order, None, None)


def _too_many(state: EngineState) -> str:
    return f"TOO_MANY_TRADES an order trades at most {state.most_matches} times at once"


def _take_limit(state: EngineState, market: Market, order: Order) -> bool:
    """Give a market-to-limit order the best price of others as its limit, if there is one.

    Its owner's orders ahead of that price meet it first, as its 8000 says. Returns whether these
    were too many.
    """
    book = market.book
    for _ in range(state.most_matches):
        best = book.opposite_of(order.side).best
        if not order.is_open or best is None or not book.crosses(order):
            return False
        first = best.first
        assert isinstance(first, Order)
        if order.self_match_key is None or order.self_match_key != first.self_match_key:
            order.price_ticks = best.price_ticks
            order.limited = True
            return False
        prevent_self_match(state, market, order, first)
    return order.is_open and book.crosses(order)


def settle(state: EngineState, market: Market) -> None:
    """Trigger stops, let all-or-none orders trade and move pegs, until nothing more happens.

    While the market is not in CONTINUOUS nothing happens; the start of the next day, and the end
    of a halt, settle. What one command sets off may be much: it goes on in the next, which settles
    all markets.
    """
    while market.phase is Phase.CONTINUOUS:
        if len(state.events) >= state.most_events:
            if _GO_ON not in state.follow_ups:
                state.follow_ups.append(_GO_ON)
            return
        if market.low_ticks is not None and market.high_ticks is not None:
            stop = market.stops.first_reached(market.low_ticks, market.high_ticks)
            if stop is not None:
                assert isinstance(stop, Order)
                _trigger(state, market, stop)
                continue
            market.low_ticks = market.high_ticks = None
        first = first_ready(market) if market.all_or_none else None
        if first is not None:
            del market.all_or_none[first.terms.order_id]
            first.waiting = False
            work(state, market, first)
            continue
        if not (market.pegs and reprice_pegs(state, market)):
            assert market.low_ticks is None, "trades that stops have not seen"
            return


def _is_reached(order: Order, last_ticks: int | None) -> bool:
    if last_ticks is None or order.conditions.stop_ticks is None:
        return False
    if order.side is Side.BUY:
        return last_ticks >= order.conditions.stop_ticks
    return last_ticks <= order.conditions.stop_ticks


def _is_pending_all_or_none(market: Market, order: Order) -> bool:
    if not order.all_or_none or order.terms.time_in_force in _NEVER_REST:
        return False
    return order.limited and not _is_enough(market, order)


def _is_whole(order: Order) -> bool:
    """Whether part of what it is to trade will not do."""
    return (
        order.all_or_none
        or order.terms.time_in_force == TimeInForce.FILL_OR_KILL
        or order.conditions.min_lots > 0
    )


def _is_enough(market: Market, order: Order) -> bool:
    """Whether the quantity that can trade at once is enough for FOK, all-or-none or MinQty."""
    if order.all_or_none or order.terms.time_in_force == TimeInForce.FILL_OR_KILL:
        least = order.leaves_lots
    elif order.conditions.min_lots:
        least = order.conditions.min_lots
    else:
        return True
    skip_own = order.terms.self_match_mode == SelfMatchMode.CANCEL_OLDEST
    return market.book.available(order, skip_own) >= least


def _trigger(state: EngineState, market: Market, order: Order) -> None:
    """OrderRestated with WorkingIndicator(636)=Y; then the order is matched."""
    assert order.conditions.stop_ticks is not None
    market.stops.remove(order, order.conditions.stop_ticks)
    order.conditions = order.conditions._replace(stop_ticks=None)
    order.waiting = False
    state.events.append(
        OrderRestated(
            *state.stamp(),
            order.terms.symbol,
            order.state(),
            ExecRestatementReason.OTHER,
            f"STOP_TRIGGERED a trade reached 99={order.conditions.stop_px}",
            triggered=True,
        )
    )
    _hold_to_dynamic_collar(state, market, order)
    if order.is_open:
        work(state, market, order)


def _hold_to_dynamic_collar(state: EngineState, market: Market, order: Order) -> None:
    """Reprice a triggered market order to the end of the collar; cancel a limit that is outside.

    The collar was not checked at entry: the last trade of then says nothing of the price now.
    """
    band = market.instrument.dynamic_band(market.last_ticks)
    if band is None:
        return
    if not order.limited:
        low, high = collared_prices(market.instrument, band)
        nearer = min(order.price_ticks, high) if order.is_buy else max(order.price_ticks, low)
        order.price_ticks = nearer
        state.recount(order)
        return
    refusal = check_dynamic_collar(market.instrument, order.side, order.price_ticks, band)
    if refusal is not None:
        text = f"{refusal.reason} {refusal.detail}"
        cancel_unasked(state, order, ExecRestatementReason.OTHER, text)
