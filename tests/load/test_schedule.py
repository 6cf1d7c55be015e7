"""When messages are due: evenly, all of them, none early."""

from hypothesis import given
from hypothesis import strategies as st

from venue.load.schedule import NS_PER_SECOND, Schedule

SCHEDULES = st.builds(
    Schedule, st.integers(0, 10**15), st.integers(1, 100_000), st.integers(1, 60).map(float)
)


@given(SCHEDULES)
def test_messages_are_spread_evenly_over_the_time(schedule: Schedule) -> None:
    assert schedule.messages == schedule.rate * schedule.seconds
    assert schedule.due_ns(0) == schedule.begin_ns
    assert schedule.due_ns(schedule.rate) == schedule.begin_ns + NS_PER_SECOND
    last_ns = schedule.due_ns(schedule.messages - 1)
    assert last_ns < schedule.begin_ns + schedule.seconds * NS_PER_SECOND


@given(SCHEDULES, st.integers(-1000, 61 * NS_PER_SECOND))
def test_due_by_a_time_is_every_message_that_was_due_until_then(
    schedule: Schedule, elapsed_ns: int
) -> None:
    now_ns = schedule.begin_ns + elapsed_ns
    due = schedule.due_by(now_ns)
    if due:
        assert schedule.due_ns(due - 1) <= now_ns
    if due < schedule.messages:
        assert schedule.due_ns(due) > now_ns
