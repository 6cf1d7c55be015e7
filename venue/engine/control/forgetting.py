"""What a new day forgets: spent ClOrdIDs, trades too old for busts, and ended orders.

In slices of LOOKS: each of these that is looked at counts. A slice causes no event.
"""

from venue.domain.commands import ForgetRemaining
from venue.engine.state.day import Day
from venue.engine.state.engine_state import EngineState
from venue.engine.state.trades import Trade
from venue.engine.trading.slices import LOOKS


def begin_forgetting(state: EngineState) -> None:
    """End the day before: what is open is of the new day, the first slice of the rest goes."""
    assert not state.is_forgetting
    state.day.is_over = True
    state.day = Day()
    for session in state.sessions.values():
        session.begin_day()
        for order in session.open_orders.values():
            order.day = state.day
            order.roll_over()
    first = state.trades.first_number
    before_match = state.next_match_id
    next_match = before_match if first is None else first
    state.is_forgetting = True
    forget_remaining(state, ForgetRemaining(next_match, before_match, 0, state.next_order_id))


def forget_remaining(state: EngineState, command: ForgetRemaining) -> None:
    """Forget the next slice; the rest follows."""
    looks = LOOKS
    for session in state.sessions.values():
        looks -= session.forget(looks)
    next_match = min(command.next_match + looks, command.before_match)
    for number in range(command.next_match, next_match):
        _forget_if_old(state, number)
    looks -= next_match - command.next_match
    after = state.orders.forget(command.after_order_id, command.next_order_id, looks)
    if after is None:
        state.is_forgetting = False
        return
    state.follow_ups.append(
        ForgetRemaining(next_match, command.before_match, after, command.next_order_id)
    )


def _forget_if_old(state: EngineState, number: int) -> None:
    """Forget a trade that is too old to be busted or corrected; its price stays known."""
    trade = state.trades.numbered(number)
    if trade is None or not _is_old(state, trade):
        return
    market = state.markets[trade.symbol]
    if not trade.busted and trade.exec_ref_seq >= market.split_seq:
        market.older_ticks = trade.price_ticks
    for order_id in (trade.buy, trade.sell):
        state.orders.count_trades(order_id, -1)
    state.trades.forget(number)


def _is_old(state: EngineState, trade: Trade) -> bool:
    days, bust_days = state.recent_days, state.markets[trade.symbol].instrument.bust_days
    return bust_days < len(days) and trade.trading_day < days[-1 - bust_days]
