"""What an accepted order does: it waits, trades, rests or ends; and what follows in the market.

A trade may trigger stops, let an all-or-none order trade, and move pegs. `settle` repeats these
until nothing more happens. Events come in the order in which things happen.
"""

from venue.domain.events import OrderCanceled, OrderRestated
from venue.domain.types import (
    ExecInst,
    ExecRestatementReason,
    OrdStatus,
    OrdType,
    Phase,
    SelfMatchMode,
    Side,
    TimeInForce,
)
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.orders import Order
from venue.engine.trading.executions import execute_trade
from venue.engine.trading.pegs import reprice_pegs
from venue.engine.trading.repeats import count_repeat
from venue.risk.checks import check_dynamic_collar, collared_prices

_AUCTION = (TimeInForce.AT_THE_OPENING, TimeInForce.AT_THE_CLOSE)
_NEVER_REST = (TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL)


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
        if not order.waiting and market.last_ticks is not None:
            market.low_ticks = min(market.last_ticks, market.low_ticks or market.last_ticks)
            market.high_ticks = max(market.last_ticks, market.high_ticks or market.last_ticks)
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
    takes_limit = (
        order.terms.ord_type == OrdType.MARKET_WITH_LEFTOVER_AS_LIMIT and not order.limited
    )
    if takes_limit:
        best = book.opposite_of(order.side).best
        if best is not None and book.crosses(order):
            order.price_ticks = best.price_ticks
            order.limited = True
    cum_lots = order.cum_lots
    if book.crosses(order) and _is_enough(market, order):
        for resting, price_ticks, lots in book.match(order):
            assert isinstance(resting, Order)
            if lots:
                execute_trade(state, market, order, resting, price_ticks, lots)
            else:
                _prevent_self_match(state, market, order, resting)
    if order.cum_lots != cum_lots:
        count_repeat(state, order)
    if not order.is_open:
        return
    if takes_limit and order.cum_lots == 0:
        order.limited = False  # the orders it met were its owner's and gave way: no price was told
    if order.limited and order.terms.time_in_force not in _NEVER_REST:
        book.rest(order)
        state.recount(order)
        if order.is_peg:
            market.pegs[order.terms.order_id] = order
        return
    cancel_unasked(state, order, None, None)


def settle(state: EngineState, market: Market) -> None:
    """Trigger stops, let all-or-none orders trade and move pegs, until nothing more happens.

    While the market is not in CONTINUOUS nothing happens; the start of the next day, and the end
    of a halt, settle.
    """
    while market.phase is Phase.CONTINUOUS:
        if market.low_ticks is not None and market.high_ticks is not None:
            stop = market.stops.first_reached(market.low_ticks, market.high_ticks)
            if stop is not None:
                assert isinstance(stop, Order)
                _trigger(state, market, stop)
                continue
            market.low_ticks = market.high_ticks = None
        waiting = market.all_or_none
        ready = waiting and [order for order in waiting.values() if _is_enough(market, order)]
        if ready:
            first = min(ready, key=_price_priority)
            del market.all_or_none[first.terms.order_id]
            first.waiting = False
            work(state, market, first)
            continue
        if not (market.pegs and reprice_pegs(state, market)):
            assert market.low_ticks is None, "trades that stops have not seen"
            return


def _price_priority(order: Order) -> int:
    """Sort key: buys before sells, each side from its best price outwards."""
    return -order.price_ticks if order.side is Side.BUY else order.price_ticks


def cancel_unasked(
    state: EngineState, order: Order, restatement_reason: str | None, text: str | None
) -> None:
    """OrderCanceled without a request, for an order that was taken out of the market before.

    restatement_reason: ExecRestatementReason(378), text: Text(58); None: the field is left out.
    """
    assert order.cum_lots < order.order_lots, "nothing of it was open"
    order.end(OrdStatus.CANCELED)
    state.order_finished(order)
    state.events.append(
        OrderCanceled(
            *state.stamp(),
            order.terms.symbol,
            order.state(),
            order.cl_ord_id,
            restatement_reason=restatement_reason,
            text=text,
        )
    )


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


def _prevent_self_match(state: EngineState, market: Market, order: Order, resting: Order) -> None:
    """Cancel or decrement the orders as the aggressor's mode says; the default is CANCEL_NEWEST."""
    mode = order.terms.self_match_mode or SelfMatchMode.CANCEL_NEWEST
    text = "SELF_MATCH_PREVENTED both orders have the same 7928"
    reason = ExecRestatementReason.OTHER
    smaller = min(order.leaves_lots, resting.leaves_lots)
    decrement = mode == SelfMatchMode.DECREMENT
    both = mode == SelfMatchMode.CANCEL_BOTH
    cancel_resting = both or mode == SelfMatchMode.CANCEL_OLDEST
    cancel_order = both or mode == SelfMatchMode.CANCEL_NEWEST
    if decrement:
        cancel_resting = resting.leaves_lots == smaller
        cancel_order = order.leaves_lots == smaller
    if cancel_resting:
        market.take_out(resting)
        cancel_unasked(state, resting, reason, text)
    elif decrement:
        resting.order_lots -= smaller
        market.book.resize(resting, resting.leaves_lots - smaller)
        _restate_decremented(state, resting)
    if cancel_order:
        cancel_unasked(state, order, reason, text)
    elif decrement:
        order.order_lots -= smaller
        order.leaves_lots -= smaller
        _restate_decremented(state, order)


def _restate_decremented(state: EngineState, order: Order) -> None:
    state.recount(order)
    state.events.append(
        OrderRestated(
            *state.stamp(),
            order.terms.symbol,
            order.state(),
            ExecRestatementReason.PARTIAL_DECLINE_OF_ORDER_QTY,
            "SELF_MATCH_PREVENTED both orders have the same 7928",
        )
    )
