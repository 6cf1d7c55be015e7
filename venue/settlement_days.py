"""The calendar of settlement for somebody to read: which days settle, and when their trades do."""

from datetime import date, timedelta

import msgspec

from venue.domain.settlement_rules import SettlementRules, is_settlement_day, settlement_date
from venue.domain.timetable import WEEKDAYS


class SettlementDay(msgspec.Struct, frozen=True):
    """A day, whether it settles, and when its trades do: T+1 and T+2."""

    day: str
    weekday: str
    settles: bool
    t1: str
    t2: str


def settlement_days(rules: SettlementRules, first: str, days: int) -> list[SettlementDay]:
    """The days from `first` (ISO date) on. Raises ValueError, OverflowError for no such day."""
    begin = date.fromisoformat(first)
    return [_day(rules, begin + timedelta(days=number)) for number in range(days)]


def _day(rules: SettlementRules, day: date) -> SettlementDay:
    text = day.isoformat()
    return SettlementDay(
        text,
        WEEKDAYS[day.weekday()],
        is_settlement_day(rules, text),
        settlement_date(rules, text, 1),
        settlement_date(rules, text, 2),
    )
