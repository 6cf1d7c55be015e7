"""[calendar] and [[hours]] of venue.toml: days by timetable, and checks between their keys.

Knows these sections alone; must never look at files.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from venue.domain.timetable import WEEKDAYS, GroupHours, Hours, Timetable
from venue.near_names import unknown
from venue.settings.errors import KeyPath, shown_value
from venue.settings.sections import InstrumentSettings, MemberName, Section, Symbol
from venue.timetable import is_holiday_calendar, is_overnight

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")


def _time_text(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise ValueError(f'{shown_value((), text)} is no time such as "09:30"')
    return text


def _date_text(text: str) -> str:
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise ValueError(f'{shown_value((), text)} is no date such as "2026-12-25"')


def _weekday(text: str) -> str:
    if text not in WEEKDAYS:
        raise ValueError(f"{shown_value((), text)} is none of {', '.join(WEEKDAYS)}")
    return text


def _zone_text(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f'{shown_value((), text)} is no time zone such as "America/New_York"'
        ) from None
    return text


def _holiday_calendar(text: str) -> str:
    if text and not is_holiday_calendar(text):
        raise ValueError(
            f'{shown_value((), text)} is neither a market such as "NYSE" nor a country such as "DE"'
        )
    return text


TimeText = Annotated[str, AfterValidator(_time_text)]
DateText = Annotated[str, AfterValidator(_date_text)]
Weekday = Annotated[str, AfterValidator(_weekday)]
HolidayCalendar = Annotated[str, AfterValidator(_holiday_calendar)]


class _HoursSettings(Section):
    start: TimeText = Field(description="local time; not before the end: on the day before")
    end: TimeText = Field(description="local time")
    weekdays: tuple[Weekday, ...] = Field(
        default=WEEKDAYS[:5], validate_default=True, description="of trading days"
    )
    holidays: tuple[DateText, ...] = Field(default=(), description="dates that are no trading days")

    def hours(self) -> Hours:
        """As the core has them."""
        return Hours(self.start, self.end, self.weekdays, self.holidays)


class CalendarSettings(_HoursSettings):
    time_zone: Annotated[str, AfterValidator(_zone_text)] = Field(
        description="of all local times, such as America/New_York"
    )
    holiday_calendar: HolidayCalendar = Field(
        default="", description="market (NYSE, XETR) or country (US, DE) whose holidays are kept"
    )


class GroupHoursSettings(_HoursSettings):
    name: MemberName = Field(description="name of the group")
    symbols: tuple[Symbol, ...] = Field(min_length=1, description="its instruments")


def timetable(
    calendar: CalendarSettings | None, hours: Sequence[GroupHoursSettings]
) -> Timetable | None:
    """As the core has it; None: days start and end by hand."""
    if calendar is None:
        return None
    groups = tuple(GroupHours(group.name, group.symbols, group.hours()) for group in hours)
    return Timetable(calendar.time_zone, calendar.hours(), calendar.holiday_calendar, groups)


def calendar_errors(
    calendar: CalendarSettings | None,
    hours: Sequence[GroupHoursSettings],
    instruments: Sequence[InstrumentSettings],
) -> Iterator[tuple[KeyPath, str]]:
    """What does not fit together: the key to change, and why."""
    if calendar is None:
        if hours:
            yield ("hours",), "there is no [calendar] whose days these are hours of"
        return
    if _seconds(calendar.start) == _seconds(calendar.end):
        yield ("calendar", "end"), "is the start: a day ends before the next one starts"
    symbols = {instrument.symbol for instrument in instruments}
    grouped: dict[str, str] = {}
    names: set[str] = set()
    day_start, day_end = _from_end(calendar)
    for index, group in enumerate(hours):
        if group.name in names:
            yield ("hours", index, "name"), f"{group.name} stands there twice"
        names.add(group.name)
        if not day_start <= _from_end(group)[0] < _from_end(group)[1] <= day_end:
            what = f"{group.start} to {group.end} is not within {calendar.start} to {calendar.end}"
            yield ("hours", index, "start"), what
        for symbol in group.symbols:
            if symbol not in symbols:
                yield ("hours", index, "symbols"), f"{symbol} is {unknown(symbol, symbols)}"
            elif symbol in grouped:
                yield ("hours", index, "symbols"), f"{symbol} is in {grouped[symbol]} already"
            grouped[symbol] = group.name


def _from_end(settings: _HoursSettings) -> tuple[int, int]:
    """Start and end in seconds from the midnight before the end's day."""
    start = _seconds(settings.start)
    before = 86_400 if is_overnight(settings.hours()) else 0
    return start - before, _seconds(settings.end)


def _seconds(text: str) -> int:
    hours, minutes, seconds = (*map(int, text.split(":")), 0)[:3]
    return hours * 3600 + minutes * 60 + seconds
