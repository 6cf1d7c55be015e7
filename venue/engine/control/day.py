"""The trading day: its end expires what was for the day, its start restates what goes on.

Both work in slices of SLICE orders. What expires, and when: venue.engine.control.expiry. What a
new day forgets: venue.engine.control.forgetting.
"""

import re
from collections.abc import Container

from sortedcontainers import SortedList

from venue.domain.commands import (
    EndDay,
    RestateRemaining,
    StartDay,
)
from venue.domain.decimal_text import format_money
from venue.domain.events import (
    CommandRefused,
    DayEnded,
    DayStarted,
    DayStatistics,
    InstrumentClosed,
    InstrumentOpened,
    OrderRestated,
)
from venue.domain.instruments import MOST_BUST_DAYS
from venue.domain.types import ExecRestatementReason, Phase
from venue.engine.control.effects import effect_of
from venue.engine.control.expiry import expire_due, still_expires, take_slice
from venue.engine.control.forgetting import begin_forgetting
from venue.engine.control.settlement import settle_day_end
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.trading.placing import settle
from venue.engine.trading.unasked import expire

ISO_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
BETWEEN_DAYS = (Phase.START_OF_DAY, Phase.CLOSED)


@effect_of(StartDay)
def start_day(state: EngineState, command: StartDay) -> None:
    """DayStarted, trading goes to CONTINUOUS, then OrderRestated for each good-till order.

    One whose ExpireDate has passed without a trading day gets OrderExpired instead.

    Refused while a day is open or not all is done at its end, and for a day not later.
    """
    if state.phase not in BETWEEN_DAYS:
        _refuse(state, "StartDay", f"the day {state.trading_day} is open")
        return
    if not ISO_DATE.fullmatch(command.trading_day):
        _refuse(state, "StartDay", f"{command.trading_day!r} is no date YYYY-MM-DD")
        return
    if command.trading_day <= state.trading_day:
        _refuse(state, "StartDay", f"{command.trading_day} is not after {state.trading_day}")
        return
    left = left_of_day(state)
    if left is not None:
        _refuse(state, "StartDay", left)
        return
    close_instruments(state, ())  # who opens a day by hand opens all of it
    begin_day(state, command.trading_day)


def begin_day(state: EngineState, trading_day: str) -> None:
    """DayStarted, and what follows it. The day before is over, and nothing of it is left to do.

    Costs a look at each open order; all else goes on in slices.
    """
    assert state.phase in BETWEEN_DAYS and left_of_day(state) is None
    state.trading_day = trading_day
    state.recent_days = (*state.recent_days, trading_day)[-MOST_BUST_DAYS - 1 :]
    state.phase = Phase.CONTINUOUS
    begin_forgetting(state)
    for market in state.markets.values():
        market.begin_day()
    for member in state.members.values():
        member.begin_day()
    state.events.append(DayStarted(*state.stamp(), state.trading_day, state.phase))
    state.due = None
    state.to_restate = SortedList(int(order.terms.order_id) for order in state.open_orders())
    _restate(state)


def left_of_day(state: EngineState) -> str | None:
    """What has to be done before another day may begin, in words; None: nothing."""
    if still_expires(state):
        return f"orders of {state.trading_day} are still expiring"
    if state.is_forgetting:
        return f"what is older than {state.trading_day} is still being forgotten"
    return state.under_way


@effect_of(EndDay)
def end_day(state: EngineState, command: EndDay) -> None:
    """DayEnded with statistics, then OrderExpired for each order that is not good till later."""
    if state.phase in BETWEEN_DAYS:
        _refuse(state, "EndDay", "no trading day is open")
        return
    close_day(state)


def close_day(state: EngineState) -> None:
    """DayEnded, what expires with the day, and what settles at its end by the rules."""
    state.phase = Phase.CLOSED
    state.due = None
    statistics = tuple(
        _statistics(market) for market in state.markets.values() if market.day_first_ticks
    )
    state.events.append(DayEnded(*state.stamp(), state.trading_day, state.phase, statistics))
    expire_due(state)
    settle_day_end(state)


def close_instruments(state: EngineState, closed: Container[str]) -> None:
    """InstrumentClosed or InstrumentOpened where that changes, and what follows from it."""
    opened = []
    for symbol, market in state.markets.items():
        if market.closed == (symbol in closed):
            continue
        state.set_closed(market, not market.closed)
        kind = InstrumentClosed if market.closed else InstrumentOpened
        state.events.append(kind(*state.stamp(), symbol))
        state.due = None
        if not market.closed:
            opened.append(market)
    if state.phase not in BETWEEN_DAYS and state.due is None:
        expire_due(state)
    for market in opened:
        settle(state, market)


def restate_remaining(state: EngineState, command: RestateRemaining) -> None:
    """Next slice of what a new day restates."""
    after = int(command.after_order_id)
    if after != state.restated_to:  # the slice before was another engine's, or of another start
        kept = (order for order in state.open_orders() if order.conditions.restated)
        numbers = (int(order.terms.order_id) for order in kept)
        state.to_restate = SortedList(number for number in numbers if number > after)
    _restate(state)


def _restate(state: EngineState) -> None:
    """OrderRestated or OrderExpired for SLICE of `to_restate`; after the last of all it settles."""
    orders = take_slice(state, state.to_restate)
    for order in orders:
        expire_date = order.terms.expire_date
        if expire_date is not None and expire_date < state.trading_day:
            expire(state, order)
            continue
        state.events.append(
            OrderRestated(
                *state.stamp(),
                order.terms.symbol,
                order.state(),
                ExecRestatementReason.GT_RENEWAL,
                f"RESTATED for {state.trading_day}",
            )
        )
    if state.to_restate:
        last = orders[-1].terms.order_id
        state.restated_to = int(last)
        state.follow_ups.append(RestateRemaining(last))
        return
    state.restated_to = 0
    for market in state.markets.values():
        settle(state, market)


def _statistics(market: Market) -> DayStatistics:
    price_text = market.instrument.price_text
    assert market.day_last_ticks > 0
    return DayStatistics(
        market.instrument.symbol,
        price_text(market.day_first_ticks),
        price_text(market.day_high_ticks),
        price_text(market.day_low_ticks),
        price_text(market.day_last_ticks),
        market.instrument.qty_text(market.day_lots),
        format_money(market.day_value),
        market.day_trades,
    )


def _refuse(state: EngineState, command: str, detail: str) -> None:
    state.events.append(CommandRefused(*state.stamp(), command, detail))
