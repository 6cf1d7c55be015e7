"""What the clock asks for: the engine's times first, then the timetable, one at a time."""

from tests.test_timetable import ns
from venue.domain import commands as c
from venue.domain.timetable import Hours, Timetable
from venue.domain.types import Phase
from venue.due_times import DueTimes, first_day
from venue.engine.state.engine_state import EngineState

TIMETABLE = Timetable("UTC", Hours("08:00", "16:00"))
EVENING = ns("2026-01-05 16:00")


def open_venue() -> EngineState:
    """A venue whose day is open and goes by the timetable since the morning."""
    state = EngineState()
    state.phase, state.trading_day = Phase.CONTINUOUS, "2026-01-05"
    state.timetable, state.timetable_ns = TIMETABLE, ns("2026-01-05 08:00")
    return state


def asked(due: DueTimes, now_ns: int) -> c.AnyCommand | None:
    found = due(now_ns)
    return None if found is None else found.command


def test_engines_time_goes_before_the_timetable() -> None:
    state = open_venue()
    due = DueTimes(state)
    state.next_due_ns = EVENING
    assert asked(due, EVENING) == c.AdvanceTime()
    state.next_due_ns = None
    assert asked(due, EVENING) == c.FollowTimetable(EVENING)
    assert asked(due, EVENING - 1) is None


def test_venue_with_older_data_keeps_its_day_until_its_sessions_are_opened() -> None:
    state = open_venue()
    due = DueTimes(state)
    state.sessions_closed = "restored"
    assert asked(due, EVENING) is None
    state.sessions_closed = None
    assert asked(due, EVENING) == c.FollowTimetable(EVENING)


def test_timetable_that_cannot_be_followed_ends_nothing() -> None:
    state = open_venue()
    state.timetable = Timetable("Nowhere/Else", Hours("08:00", "16:00"))
    due = DueTimes(state)
    assert asked(due, EVENING) is None
    assert asked(due, EVENING + 1) is None


def test_first_day_is_opened_by_hand_or_in_the_hours_of_the_timetable() -> None:
    assert first_day(None, EVENING) == [c.StartDay("2026-01-05", reason="first start")]
    (opened,) = first_day(TIMETABLE, EVENING - 1)
    assert isinstance(opened, c.FollowTimetable) and opened.trading_day == "2026-01-05"
    (ended,) = first_day(TIMETABLE, EVENING)
    assert isinstance(ended, c.FollowTimetable) and ended.trading_day == ""
