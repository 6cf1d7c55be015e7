"""When a business day begins and ends: of statements, end-of-day files and invoices.

Pure, but for the time-zone database. What is booked from a day's beginning on, before the next
day's, is that day's; days without trading are days, too, so that nothing falls between two.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from venue.domain.timetable import Timetable
from venue.timetable import is_overnight

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NS_PER_SECOND = 1_000_000_000
_ONE_DAY = timedelta(days=1)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


class Period(NamedTuple):
    """A day or month. name: ISO date, or YYYY-MM. begin_ns included, end_ns not, both UTC."""

    name: str
    begin_ns: int
    end_ns: int
    time_zone: str


class NotAPeriod(ValueError):
    """A text that names no day or month; its text is one line for the user."""


class BusinessDays:
    """The days of a venue. They begin at midnight in the timetable's zone, or in UTC without one.

    Where the timetable trades through the night, the day begins with its hours, on the evening
    before: a trade of that evening is on the statement of its trading day.
    """

    def __init__(self, timetable: Timetable | None = None) -> None:
        self.time_zone = "UTC" if timetable is None else timetable.time_zone
        self._zone = ZoneInfo(self.time_zone)
        self._begins_before = timetable is not None and is_overnight(timetable.hours)
        start = timetable.hours.start if timetable is not None and self._begins_before else "00:00"
        self._start = time.fromisoformat(start)

    def day(self, text: str) -> Period:
        """The day of an ISO date. Raises NotAPeriod."""
        first = _date(text)
        return self._period(text, first, first + _ONE_DAY)

    def month(self, text: str) -> Period:
        """The days of a month, YYYY-MM. Raises NotAPeriod."""
        if not _MONTH.fullmatch(text):
            raise NotAPeriod(f"{text!r} is no month YYYY-MM")
        first = _date(f"{text}-01")
        following = (first + timedelta(days=31)).replace(day=1)
        return self._period(text, first, following)

    def day_at(self, ns: int) -> str:
        """ISO date of the day that a time, UTC nanoseconds, belongs to."""
        local = (_EPOCH + timedelta(seconds=ns // _NS_PER_SECOND)).astimezone(self._zone)
        day = local.date()
        return day.isoformat() if ns < self._begin_ns(day + _ONE_DAY) else str(day + _ONE_DAY)

    def last_ended(self, ns: int) -> str:
        """ISO date of the last day that had ended by then."""
        return (_date(self.day_at(ns)) - _ONE_DAY).isoformat()

    def _period(self, name: str, first: date, following: date) -> Period:
        return Period(name, self._begin_ns(first), self._begin_ns(following), self.time_zone)

    def _begin_ns(self, day: date) -> int:
        begins_on = day - _ONE_DAY if self._begins_before else day
        local = datetime.combine(begins_on, self._start, self._zone)
        since = local.astimezone(UTC) - _EPOCH
        return (since.days * 86_400 + since.seconds) * _NS_PER_SECOND


def _date(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise NotAPeriod(f"{text!r} is no date YYYY-MM-DD") from None
    if found.isoformat() != text or not date(1971, 1, 1) <= found <= date(9000, 1, 1):
        raise NotAPeriod(f"{text!r} is no date YYYY-MM-DD of a business day")
    return found
