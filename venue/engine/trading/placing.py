"""What becomes of an order once it is accepted: it waits, trades, rests or ends; and what follows.

Every trade may trigger stops, let an all-or-none order through and move pegs: `settle` sees to
that until nothing more happens. Events come in the order in which things happen.
"""

from venue.domain.commands import ExpireRemaining
from venue.domain.decimal_text import format_money
from venue.domain.events import OrderRestated, TradeExecuted
from venue.domain.order_state import Fill
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
from venue.engine.state.trades import Trade
from venue.engine.trading.all_or_none import first_ready
from venue.engine.trading.pegs import reprice_pegs
from venue.engine.trading.repeats import count_repeat
from venue.engine.trading.self_match import prevent_self_match
from venue.engine.trading.slices import MOST_EVENTS
from venue.engine.trading.unasked import cancel_unasked
from venue.risk.checks import check_dynamic_collar, within_collar

_AUCTION = (TimeInForce.AT_THE_OPENING, TimeInForce.AT_THE_CLOSE)
_NEVER_REST = (TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL)
MOST_MATCHES = 2_000
"""Of one order at a time: 0.1 s with their reports. """
_GO_ON = ExpireRemaining()
_TOO_MANY = f"TOO_MANY_TRADES an order trades at most {MOST_MATCHES} times at once"


def waits_at_first(market: Market, order: Order) -> bool:
    """Whether an order that is being accepted will wait outside the book."""
    if order.conditions.stop_ticks is not None:
        return not _is_reached(order, market.last_ticks)
    if order.terms.time_in_force in _AUCTION:
        return True
    return _is_pending_all_or_none(market, order)


def place(state: EngineState, market: Market, order: Order) -> None:
    """Have an accepted order wait, or work it; then settle the market."""
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


def work(state: EngineState, market: Market, order: Order) -> None:
    """Match an open order that is nowhere; then it rests, has filled, or is canceled."""
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
    is_cut = False
    if book.crosses(order) and _is_enough(market, order):
        if _is_whole(order) and book.needs_more_matches(order, MOST_MATCHES):
            cancel_unasked(state, order, None, _TOO_MANY)
            return
        for matches, (resting, price_ticks, lots) in enumerate(book.match(order), 1):
            assert isinstance(resting, Order)
            if lots:
                _trade(state, market, order, resting, price_ticks, lots)
            else:
                prevent_self_match(state, market, order, resting)
            if matches == MOST_MATCHES:
                is_cut = order.is_open and book.crosses(order)
                break
    if order.cum_lots != cum_lots:
        count_repeat(state, order)
    if not order.is_open:
        return
    if takes_limit and order.cum_lots == 0:
        order.limited = False  # what it found was its own and gave way: nobody was told a price
    if is_cut:
        cancel_unasked(state, order, None, _TOO_MANY)
        return
    if order.limited and order.terms.time_in_force not in _NEVER_REST:
        book.rest(order)
        state.recount(order)
        if order.is_peg:
            market.add_peg(order)
        return
    cancel_unasked(state, order, None, None)


def settle(state: EngineState, market: Market) -> None:
    """Trigger stops, let all-or-none orders trade and move pegs, until nothing more happens.

    Out of CONTINUOUS, and while the instrument is halted, nothing happens; the start of the next
    day, and the end of the halt, settle. What one command sets off may be much: it goes on in the
    next, which settles all markets.
    """
    while state.phase is Phase.CONTINUOUS and not market.halted:
        if len(state.events) >= MOST_EVENTS:
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
    """Whether what can be had at once satisfies FOK, all-or-none or MinQty, if it has any."""
    if order.all_or_none or order.terms.time_in_force == TimeInForce.FILL_OR_KILL:
        least = order.leaves_lots
    elif order.conditions.min_lots:
        least = order.conditions.min_lots
    else:
        return True
    skip_own = order.terms.self_match_mode == SelfMatchMode.CANCEL_OLDEST
    return market.book.available(order, skip_own) >= least


def _trigger(state: EngineState, market: Market, order: Order) -> None:
    """OrderRestated with WorkingIndicator Y, then the order is worked to its end."""
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
    if _is_kept_near(state, market, order):
        work(state, market, order)


def _is_kept_near(state: EngineState, market: Market, order: Order) -> bool:
    """Hold a triggered stop to the dynamic collar: a limit outside it ends, a market order stops
    at its end. Before that the last trade says nothing about where it will trade."""
    band = market.instrument.dynamic_band(market.last_ticks)
    if band is None:
        return True
    if not order.limited:
        low, high = within_collar(market.instrument, band)
        nearer = min(order.price_ticks, high) if order.is_buy else max(order.price_ticks, low)
        order.price_ticks = nearer
        state.recount(order)
        return True
    refusal = check_dynamic_collar(market.instrument, order.side, order.price_ticks, band)
    if refusal is not None:
        text = f"{refusal.reason} {refusal.detail}"
        cancel_unasked(state, order, ExecRestatementReason.OTHER, text)
    return refusal is None


def _trade(
    state: EngineState,
    market: Market,
    aggressor: Order,
    resting: Order,
    price_ticks: int,
    lots: int,
) -> None:
    instrument = market.instrument
    amount = instrument.amount(price_ticks * lots)
    fee = instrument.fee(amount)
    fee_text = format_money(fee) if fee else "0"
    market.count_trade(price_ticks, lots, amount)
    for order in (aggressor, resting):
        order.fill(price_ticks, lots)
        order.settle_trade(lots, amount, fee)
        state.members[order.terms.member].day_trades += 1
        if order.leaves_lots == 0:
            market.drop_peg(order)
            state.order_finished(order)
        else:
            state.recount(order)
        assert (
            order.reserved is None or order.standing.cash.free >= 0 <= order.standing.holding.free
        )
    buy, sell = (aggressor, resting) if aggressor.side is Side.BUY else (resting, aggressor)
    event_seq, timestamp_ns = state.stamp()
    match_id = state.new_match_id()
    state.trades[match_id] = Trade(buy, sell, price_ticks, lots, amount, fee, event_seq)
    state.events.append(
        TradeExecuted(
            event_seq,
            timestamp_ns,
            instrument.symbol,
            match_id,
            state.trading_day,
            instrument.price_text(price_ticks),
            instrument.qty_text(lots),
            instrument.asset,
            format_money(amount),
            instrument.currency,
            Fill(buy.state(), fee_text),
            Fill(sell.state(), fee_text),
            aggressor.side,
        )
    )
