"""The calendar of settlement for somebody to read: which days settle, and when their trades do."""

from datetime import date, timedelta
from typing import Any

from venue.domain.settlement_rules import SettlementRules, is_settlement_day, settlement_date
from venue.domain.timetable import WEEKDAYS


def settlement_days(rules: SettlementRules, first: str, days: int) -> list[dict[str, Any]]:
    """The days from `first` (ISO date) on. Raises ValueError, OverflowError for no such day."""
    begin = date.fromisoformat(first)
    return [_day(rules, begin + timedelta(days=number)) for number in range(days)]


def _day(rules: SettlementRules, day: date) -> dict[str, Any]:
    text = day.isoformat()
    return {
        "day": text,
        "weekday": WEEKDAYS[day.weekday()],
        "settles": is_settlement_day(rules, text),
        "t1": settlement_date(rules, text, 1),
        "t2": settlement_date(rules, text, 2),
    }
