"""Days by timetable: what its times do, setting it, and taking the end of a day back.

When a time has come is not said here: that comes as FollowTimetable, and is in the journal.
"""

from venue.domain.commands import FollowTimetable, ReopenDay, SetTimetable
from venue.domain.events import (
    CommandRefused,
    DayReopened,
    TimetableSet,
)
from venue.domain.types import Phase
from venue.engine.control.day import (
    BETWEEN_DAYS,
    ISO_DATE,
    begin_day,
    close_day,
    close_instruments,
    left_of_day,
)
from venue.engine.control.effects import effect_of, refuse
from venue.engine.control.expiry import still_expires
from venue.engine.state.engine_state import EngineState
from venue.engine.trading.fees import forget_terms
from venue.engine.trading.placing import settle


@effect_of(SetTimetable)
def set_timetable(state: EngineState, command: SetTimetable) -> None:
    """TimetableSet: it holds from its next time on. Refused for symbols that are not traded."""
    timetable = command.timetable
    groups = () if timetable is None else timetable.groups
    unknown = [s for group in groups for s in group.symbols if s not in state.markets]
    if unknown:
        refuse(state, command, f"{unknown[0]} is not traded here")
        return
    state.timetable = timetable
    state.timetable_ns = state.timestamp_ns
    state.events.append(TimetableSet(*state.stamp(), timetable, command.operator, command.reason))
    grouped = {s for group in groups for s in group.symbols}
    close_instruments(
        state, {s for s, market in state.markets.items() if market.closed and s in grouped}
    )


def follow_timetable(state: EngineState, command: FollowTimetable) -> None:
    """Bring the day and the instruments into the state that the timetable has now.

    A day that an operator has ended stays so, and one that he has opened ends at the next end. A
    day that is not later than the last one is refused; so is one, until it is asked for again,
    before all of the last one is done.
    """
    assert command.due_ns <= state.timestamp_ns, "the time has not come"
    day = command.trading_day
    is_open = state.phase not in BETWEEN_DAYS
    left = None if is_open or day <= state.trading_day else left_of_day(state)
    if left is not None:
        state.events.append(CommandRefused(*state.stamp(), "FollowTimetable", left))
        return
    state.timetable_ns = command.due_ns
    if not day:
        if is_open:
            close_day(state)
        return
    close_instruments(state, command.closed)
    if is_open or day == state.trading_day:
        return
    if day < state.trading_day:
        detail = f"{day} is not after {state.trading_day}, which is over"
        state.events.append(CommandRefused(*state.stamp(), "FollowTimetable", detail))
        return
    begin_day(state, day)


@effect_of(ReopenDay)
def reopen_day(state: EngineState, command: ReopenDay) -> None:
    """DayReopened: the last day goes on; what its end has expired does not come back.

    With another date the day gets that one. Refused where something has traded in it, and for a
    date that is not after the day before.
    """
    wrong = _why_not(state, command.trading_day or state.trading_day)
    if wrong is not None:
        refuse(state, command, wrong)
        return
    if command.trading_day:
        state.trading_day = command.trading_day
        state.recent_days = (*state.recent_days[:-1], command.trading_day)
        forget_terms(state)
    state.phase = Phase.CONTINUOUS
    state.due = None
    state.events.append(
        DayReopened(
            *state.stamp(), state.trading_day, state.phase, command.operator, command.reason
        )
    )
    for market in state.markets.values():
        settle(state, market)


def _why_not(state: EngineState, day: str) -> str | None:
    if not state.trading_day:
        return "no trading day has been open yet"
    is_open = state.phase not in BETWEEN_DAYS
    if not is_open and still_expires(state):
        return f"orders of {state.trading_day} are still expiring"
    if not is_open and state.under_way is not None:
        return state.under_way
    if not is_open and state.split_day == state.trading_day:
        return f"a split has changed prices since {state.trading_day} has ended"
    if day == state.trading_day:
        return f"the day {day} is open" if is_open else None
    if not ISO_DATE.fullmatch(day):
        return f"{day!r} is no date YYYY-MM-DD"
    before = state.recent_days[-2:-1]
    if before and day <= before[0]:
        return f"{day} is not after {before[0]}, the day before"
    traded = [s for s, market in state.markets.items() if market.day_first_ticks]
    if traded:
        return f"{traded[0]} has traded on {state.trading_day}: its date stays"
    return None
