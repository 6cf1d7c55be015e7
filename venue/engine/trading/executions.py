"""One match: both orders filled, positions and funds moved, the trade remembered, TradeExecuted.

Knows the state only. placing.py decides what trades; the book has already lowered the quantities.
"""

from venue.domain.decimal_text import format_money
from venue.domain.events import TradeExecuted
from venue.domain.order_state import Fill
from venue.domain.types import Side
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.orders import Order
from venue.engine.state.trades import Trade
from venue.engine.trading.fees import charge
from venue.engine.trading.owing import owe


def execute_trade(
    state: EngineState,
    market: Market,
    aggressor: Order,
    resting: Order,
    price_ticks: int,
    lots: int,
) -> None:
    """TradeExecuted: `lots` of both orders have traded at `price_ticks`.

    An order that is filled by it ends. amount and fees are rounded once each (decision 0001). Where
    the instrument settles later, both sides owe asset and amount until then; the fee is paid now.
    """
    instrument = market.instrument
    due = ""
    if instrument.settlement_days:
        due = state.obligations.date_after(state.trading_day, instrument.settlement_days)
    amount = instrument.amount(price_ticks * lots)
    buy, sell = (aggressor, resting) if aggressor.side is Side.BUY else (resting, aggressor)
    fee = sell_fee = instrument.fee(amount)
    roles = 0
    if state.fee_schedules:
        roles, fee, sell_fee = charge(state, buy, sell, aggressor, amount)
    market.count_trade(price_ticks, lots, amount)
    for order in (aggressor, resting):
        order.fill(price_ticks, lots)
        order.settle_trade(lots, amount, fee if order is buy else sell_fee)
        if due:
            owe(state, order, due, lots, amount)
        _count_fill(state, market, order)
    event_seq, timestamp_ns = state.stamp()
    match_id = state.new_match_id()
    ids, day = (buy.terms.order_id, sell.terms.order_id), state.trading_day
    trade = Trade(
        instrument.symbol, *ids, price_ticks, lots, amount, fee, event_seq, day,
        market.last_match, False, due, sell_fee, roles,
    )  # fmt: skip
    state.trades.put(match_id, trade)
    market.last_match = state.next_match_id - 1
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
            Fill(buy.state(), _fee_text(fee)),
            Fill(sell.state(), _fee_text(sell_fee)),
            aggressor.side,
            due or None,
        )
    )


def _count_fill(state: EngineState, market: Market, order: Order) -> None:
    """Count a fill in the lists and counters of its order, which ends if nothing is left of it."""
    order.trades += 1
    state.members[order.terms.member].day_trades += 1
    if order.leaves_lots == 0:
        market.drop_peg(order)
        state.order_finished(order)
    else:
        state.recount(order)
    assert order.reserved is None or order.standing.cash.free >= 0 <= order.standing.holding.free


def _fee_text(fee: int) -> str:
    return format_money(fee) if fee else "0"
