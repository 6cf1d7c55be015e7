"""The timetable of trading days, as the configuration has it: local times and dates as text.

Data only. What they mean in UTC is venue.timetable's to say: the core knows no time zones.
"""

import msgspec

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours(msgspec.Struct, frozen=True, omit_defaults=True):
    """When instruments trade on a trading day. start, end: local "HH:MM" or "HH:MM:SS".

    A start that is not before the end is on the calendar day before: 18:00 to 17:00 trades through
    the night. weekdays: of the trading days; holidays: ISO dates that are none.
    """

    start: str
    end: str
    weekdays: tuple[str, ...] = WEEKDAYS[:5]
    holidays: tuple[str, ...] = ()


class GroupHours(msgspec.Struct, frozen=True, omit_defaults=True):
    """Hours of a group of instruments within the venue's day."""

    name: str
    symbols: tuple[str, ...]
    hours: Hours


class Timetable(msgspec.Struct, frozen=True, omit_defaults=True):
    """When the venue trades. time_zone: of the IANA database, such as America/New_York.

    holiday_calendar: a market (NYSE, XETR) or country (US, DE) whose holidays are none of the
    venue's days, in addition to those that are listed.
    """

    time_zone: str
    hours: Hours
    holiday_calendar: str = ""
    groups: tuple[GroupHours, ...] = ()
