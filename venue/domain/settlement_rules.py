"""The rules of settlement: which days settle, and what becomes of what is not delivered or paid.

Pure dates: no clock, no time zone, no calendar of holidays but the dates that are listed.
"""

import msgspec

from venue.domain.iso_dates import LAST_DAY_NUMBER, date_of, day_number, weekday
from venue.domain.timetable import WEEKDAYS


class SettlementRules(msgspec.Struct, frozen=True):
    """Fields as in SetSettlementRules (venue.domain.verbs.settlement), which sets them.

    All are written, so that equal rules are written alike.
    """

    weekdays: tuple[str, ...] = WEEKDAYS[:5]
    holidays: tuple[str, ...] = ()
    partial: bool = True
    penalty_bps: str = "0"
    buy_in_cycles: int = 0
    at_day_end: bool = False


DEFAULT_RULES = SettlementRules()
"""In force until others are set."""


def is_settlement_day(rules: SettlementRules, day: str) -> bool:
    """Whether is settled on a day (ISO date)."""
    return _settles(rules, day_number(day))


def settlement_date(rules: SettlementRules, day: str, days: int) -> str:
    """The settlement day that is `days` (1 or more) settlement days after a day; ISO dates.

    The last day that there is, 9999-12-31, where the calendar ends before.
    """
    assert days > 0
    number = day_number(day)
    while days and number < LAST_DAY_NUMBER:
        number += 1
        days -= _settles(rules, number)
    return date_of(number)


def _settles(rules: SettlementRules, number: int) -> bool:
    return WEEKDAYS[weekday(number)] in rules.weekdays and date_of(number) not in rules.holidays
