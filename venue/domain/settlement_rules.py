"""The rules of settlement: which days settle, and what becomes of what is not delivered or paid.

Pure dates: no clock, no time zone, no calendar of holidays but the dates that are listed.
"""

from datetime import date

import msgspec

from venue.domain.timetable import WEEKDAYS

_LAST_ORDINAL = date.max.toordinal()


class SettlementRules(msgspec.Struct, frozen=True, omit_defaults=True):
    """Fields as in SetSettlementRules (venue.domain.verbs.settlement), which sets them."""

    weekdays: tuple[str, ...] = WEEKDAYS[:5]
    holidays: tuple[str, ...] = ()
    partial: bool = True
    penalty_bps: str = "0"
    buy_in_cycles: int = 0
    at_day_end: bool = False


DEFAULT_RULES = SettlementRules()
"""In force until others are set."""


def is_date(text: str) -> bool:
    """Whether a text is a date that the calendar has, as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_settlement_day(rules: SettlementRules, day: str) -> bool:
    """Whether is settled on a day (ISO date)."""
    return _settles(rules, _ordinal(day))


def settlement_date(rules: SettlementRules, day: str, days: int) -> str:
    """The settlement day that is `days` (1 or more) settlement days after a day; ISO dates.

    The last day that there is, 9999-12-31, where the calendar ends before.
    """
    assert days > 0
    ordinal = _ordinal(day)
    while days and ordinal < _LAST_ORDINAL:
        ordinal += 1
        days -= _settles(rules, ordinal)
    return date.fromordinal(ordinal).isoformat()


def days_between(first: str, last: str) -> int:
    """Calendar days from one ISO date to another; below zero where the other is earlier."""
    return _ordinal(last) - _ordinal(first)


def _settles(rules: SettlementRules, ordinal: int) -> bool:
    day = date.fromordinal(ordinal)
    return WEEKDAYS[day.weekday()] in rules.weekdays and day.isoformat() not in rules.holidays


def _ordinal(text: str) -> int:
    """Of a date in ISO form. One that its month does not have, such as February 31, counts on."""
    year, month, day = map(int, text.split("-"))
    return min(date(max(year, 1), month, 1).toordinal() + day - 1, _LAST_ORDINAL)
