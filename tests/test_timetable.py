"""At which times a timetable changes what, in UTC: zones, nights, holidays, groups, clocks."""

from datetime import UTC, datetime
from itertools import islice

import pytest

from venue.domain.commands import FollowTimetable
from venue.domain.timetable import GroupHours, Hours, Timetable
from venue.domain.types import Phase
from venue.timetable import (
    TimetableWatch,
    changes,
    effective_changes,
    is_holiday_calendar,
    standing,
)

DAY = Hours("09:30", "16:00")


def ns(text: str) -> int:
    """UTC nanoseconds of `2026-03-06 14:30`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


def told(timetable: Timetable, after: str, count: int) -> list[str]:
    """The next changes: UTC time, day, what is closed."""
    return [
        " ".join(
            (
                datetime.fromtimestamp(at_ns / 1e9, UTC).strftime("%m-%d %H:%M"),
                day or "-",
                *closed,
            )
        )
        for at_ns, day, closed in islice(changes(timetable, ns(after)), count)
    ]


def test_days_follow_the_clocks_of_the_time_zone_and_leave_the_weekend_out() -> None:
    timetable = Timetable("America/New_York", DAY)
    assert told(timetable, "2026-03-06 10:00", 4) == [
        "03-06 14:30 2026-03-06",
        "03-06 21:00 -",
        "03-09 13:30 2026-03-09",  # the clocks went forward on the 8th
        "03-09 20:00 -",
    ]


def test_a_day_may_begin_on_the_evening_before() -> None:
    timetable = Timetable("America/Chicago", Hours("17:00", "16:00"))
    assert told(timetable, "2026-01-09 12:00", 3) == [
        "01-09 22:00 -",
        "01-11 23:00 2026-01-12",  # Sunday evening is Monday's
        "01-12 22:00 -",
    ]


def test_holidays_are_those_of_the_list_and_of_the_calendar() -> None:
    listed = Timetable("UTC", Hours("08:00", "16:00", holidays=("2026-12-24",)))
    assert told(listed, "2026-12-23 17:00", 1) == ["12-25 08:00 2026-12-25"]
    named = Timetable("UTC", Hours("08:00", "16:00", holidays=("2026-12-24",)), "NYSE")
    assert told(named, "2026-12-23 17:00", 1) == ["12-28 08:00 2026-12-28"]
    country = Timetable("UTC", Hours("08:00", "16:00"), "DE")
    assert told(country, "2026-12-24 17:00", 1) == ["12-28 08:00 2026-12-28"]
    assert is_holiday_calendar("XETR") and is_holiday_calendar("US")
    assert not is_holiday_calendar("NOWHERE")


def test_groups_have_hours_within_the_day() -> None:
    bonds = GroupHours("bonds", ("BUND", "BOBL"), Hours("10:00", "12:00"))
    rare = GroupHours("rare", ("TULIP",), Hours("09:00", "17:00", weekdays=("tue",)))
    timetable = Timetable("UTC", Hours("09:00", "17:00"), groups=(bonds, rare))
    assert told(timetable, "2026-01-05 00:00", 8) == [
        "01-05 09:00 2026-01-05 BOBL BUND TULIP",
        "01-05 10:00 2026-01-05 TULIP",
        "01-05 12:00 2026-01-05 BOBL BUND TULIP",
        "01-05 17:00 -",
        "01-06 09:00 2026-01-06 BOBL BUND",
        "01-06 10:00 2026-01-06",
        "01-06 12:00 2026-01-06 BOBL BUND",
        "01-06 17:00 -",
    ]


def test_a_timetable_without_any_trading_day_ends() -> None:
    assert told(Timetable("UTC", Hours("08:00", "16:00", weekdays=())), "2026-01-05 00:00", 9) == []


def test_a_time_that_the_clocks_leave_out_is_not_lost() -> None:
    timetable = Timetable("Europe/Berlin", Hours("02:30", "16:00", weekdays=("sun",)))
    assert told(timetable, "2026-03-28 00:00", 2) == ["03-29 01:30 2026-03-29", "03-29 14:00 -"]


@pytest.mark.parametrize(
    ("now", "day"),
    [("2026-03-06 14:29", ""), ("2026-03-06 14:30", "2026-03-06"), ("2026-03-08 14:30", "")],
)
def test_what_stands_now_is_the_last_change(now: str, day: str) -> None:
    last = standing(Timetable("America/New_York", DAY), ns(now))
    assert last is not None and last.trading_day == day


TIMETABLE = Timetable("UTC", Hours("08:00", "16:00"))


def asked(followed: str, now: str, phase: Phase, day: str) -> FollowTimetable | None:
    return TimetableWatch().due(TIMETABLE, ns(followed), ns(now), phase, day)


def test_nothing_is_due_between_two_changes() -> None:
    assert asked("2026-01-05 08:00", "2026-01-05 15:59", Phase.CONTINUOUS, "2026-01-05") is None
    assert (
        TimetableWatch().due(None, 0, ns("2026-01-05 15:59"), Phase.CONTINUOUS, "2026-01-05")
        is None
    )


def test_a_watch_sees_each_change_and_another_timetable() -> None:
    watch = TimetableWatch()
    start, end = ns("2026-01-05 08:00"), ns("2026-01-05 16:00")
    day = "2026-01-05"
    assert watch.due(TIMETABLE, start, end - 1, Phase.CONTINUOUS, day) is None
    assert watch.due(TIMETABLE, start, end, Phase.CONTINUOUS, day) == FollowTimetable(end)
    assert watch.due(TIMETABLE, end, end, Phase.CLOSED, day) is None
    later = Timetable("UTC", Hours("16:00", "17:00"))
    assert watch.due(later, start, end, Phase.CLOSED, "") == FollowTimetable(end, day)


def test_each_change_is_due_once() -> None:
    end = asked("2026-01-05 08:00", "2026-01-05 16:00", Phase.CONTINUOUS, "2026-01-05")
    assert end == FollowTimetable(ns("2026-01-05 16:00"))
    assert asked("2026-01-05 16:00", "2026-01-05 16:00", Phase.CLOSED, "2026-01-05") is None


def test_of_what_came_while_the_venue_was_down_the_last_counts_after_the_old_day_has_ended() -> (
    None
):
    now = "2026-01-07 09:00"
    first = asked("2026-01-05 08:00", now, Phase.CONTINUOUS, "2026-01-05")
    assert first == FollowTimetable(ns("2026-01-07 08:00") - 1)
    second = TimetableWatch().due(TIMETABLE, first.due_ns, ns(now), Phase.CLOSED, "2026-01-05")
    assert second == FollowTimetable(ns("2026-01-07 08:00"), "2026-01-07")
    assert (
        TimetableWatch().due(TIMETABLE, second.due_ns, ns(now), Phase.CONTINUOUS, "2026-01-07")
        is None
    )


def test_a_venue_that_was_down_for_years_looks_back_one_year() -> None:
    found = asked("2001-01-05 08:00", "2026-01-05 12:00", Phase.CLOSED, "2001-01-05")
    assert found == FollowTimetable(ns("2026-01-05 08:00"), "2026-01-05")


@pytest.mark.parametrize(
    ("now", "phase", "day", "coming"),
    [
        # the next day was opened ahead of its time: its start changes nothing any more
        ("2026-03-05 17:00", Phase.CONTINUOUS, "2026-03-06", ["03-06 16:00 -", "03-09 09:30"]),
        # so does that of a group that was opened with it; but its hours begin when they begin
        ("2026-03-06 10:00", Phase.CONTINUOUS, "2026-03-06", ["03-06 12:00", "03-06 14:00"]),
        ("2026-03-06 13:00", Phase.CONTINUOUS, "2026-03-06", ["03-06 14:00", "03-06 16:00 -"]),
        # one that was ended by hand stays closed until the next day
        ("2026-03-06 13:00", Phase.CLOSED, "2026-03-06", ["03-09 09:30", "03-09 12:00"]),
        ("2026-03-05 17:00", Phase.CLOSED, "2026-03-05", ["03-06 09:30", "03-06 12:00"]),
    ],
)
def test_what_the_timetable_does_next_is_what_still_changes_something(
    now: str, phase: Phase, day: str, coming: list[str]
) -> None:
    lunch = GroupHours("half", ("ACME",), Hours("12:00", "14:00"))
    groups = () if "17:00" in now and phase is Phase.CONTINUOUS else (lunch,)
    table = Timetable("UTC", DAY, groups=groups)
    found = [
        f"{datetime.fromtimestamp(each.at_ns / 1e9, UTC):%m-%d %H:%M}"
        f"{'' if each.trading_day else ' -'}"
        for each in islice(effective_changes(table, ns(now), phase, day), 2)
    ]
    assert found == coming
