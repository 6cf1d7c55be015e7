"""Which days settle, and the date of a trade: weekends, holidays, and the calendar's ends."""

import pytest

from venue.domain.settlement_rules import (
    DEFAULT_RULES,
    SettlementRules,
    is_settlement_day,
    settlement_date,
)

CHRISTMAS = SettlementRules(holidays=("2026-12-25",))


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [
        ("2026-12-21", 1, "2026-12-22"),
        ("2026-12-21", 2, "2026-12-23"),
        ("2026-12-23", 2, "2026-12-28"),  # Christmas is a Friday
        ("2026-12-24", 1, "2026-12-28"),
        ("2026-12-26", 1, "2026-12-28"),  # of a trade on a Saturday
        ("2026-12-25", 2, "2026-12-29"),
        ("2026-02-31", 1, "2026-03-04"),  # no date: March 3
        ("9999-12-31", 2, "9999-12-31"),
    ],
)
def test_date_is_so_many_settlement_days_later(day: str, days: int, expected: str) -> None:
    assert settlement_date(CHRISTMAS, day, days) == expected


def test_weekends_and_holidays_do_not_settle() -> None:
    days = [f"2026-12-{day}" for day in range(21, 28)]
    settles = [day[-2:] for day in days if is_settlement_day(CHRISTMAS, day)]
    assert settles == ["21", "22", "23", "24"]
    assert is_settlement_day(DEFAULT_RULES, "2026-12-25")
    sundays = SettlementRules(weekdays=("sun",))
    assert settlement_date(sundays, "2026-12-21", 2) == "2027-01-03"


def test_of_many_holidays_in_a_row_none_settles() -> None:
    days = tuple(f"2026-12-{day:02}" for day in range(1, 32))
    assert settlement_date(SettlementRules(holidays=days), "2026-11-30", 1) == "2027-01-01"
