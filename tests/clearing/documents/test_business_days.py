"""Business days and months: when they begin, in which zone, and to which day a time belongs."""

import pytest

from venue.clearing.documents.business_days import BusinessDays, NotAPeriod
from venue.clock import iso
from venue.domain.timetable import Hours, Timetable

from .week import ns

NEW_YORK = Timetable("America/New_York", Hours("09:30", "16:00"))
OVERNIGHT = Timetable("America/New_York", Hours("18:00", "17:00"))


def bounds(days: BusinessDays, text: str) -> tuple[str, str]:
    period = days.day(text) if len(text) == 10 else days.month(text)
    return iso(period.begin_ns)[:19], iso(period.end_ns)[:19]


@pytest.mark.parametrize(
    ("timetable", "text", "begins", "ends"),
    [
        (None, "2026-11-30", "2026-11-30T00:00:00", "2026-12-01T00:00:00"),
        (NEW_YORK, "2026-11-30", "2026-11-30T05:00:00", "2026-12-01T05:00:00"),
        (NEW_YORK, "2026-03-08", "2026-03-08T05:00:00", "2026-03-09T04:00:00"),  # summer time
        (OVERNIGHT, "2026-11-30", "2026-11-29T23:00:00", "2026-11-30T23:00:00"),
        (None, "2026-12", "2026-12-01T00:00:00", "2027-01-01T00:00:00"),
        (NEW_YORK, "2026-03", "2026-03-01T05:00:00", "2026-04-01T04:00:00"),
        (OVERNIGHT, "2026-02", "2026-01-31T23:00:00", "2026-02-28T23:00:00"),
    ],
)
def test_day_and_month_begin_where_the_calendar_says(
    timetable: Timetable | None, text: str, begins: str, ends: str
) -> None:
    assert bounds(BusinessDays(timetable), text) == (begins, ends)


@pytest.mark.parametrize("timetable", [None, NEW_YORK, OVERNIGHT])
def test_every_time_belongs_to_one_day(timetable: Timetable | None) -> None:
    days = BusinessDays(timetable)
    for hour in range(0, 24 * 400, 7):
        time_ns = ns("2026-01-01T00:00") + hour * 3_600_000_000_000
        day = days.day(days.day_at(time_ns))
        assert day.begin_ns <= time_ns < day.end_ns
        assert days.day(days.last_ended(time_ns)).end_ns == day.begin_ns


@pytest.mark.parametrize(
    "text", ["", "today", "2026-02-30", "20261130", "2026-W01-1", "0001-01-01"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(NotAPeriod):
        BusinessDays().day(text)


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "2026", "2026-11-30", "0000-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(NotAPeriod):
        BusinessDays().month(text)
