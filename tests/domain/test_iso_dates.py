"""Dates in whole numbers against those of the standard library."""

import random
from datetime import date

from venue.domain.iso_dates import LAST_DATE, LAST_DAY_NUMBER, date_of, day_number, is_date, weekday


def test_days_are_those_of_the_calendar() -> None:
    source = random.Random(7)
    first = date(2000, 2, 28)
    for _ in range(5_000):
        day = date.fromordinal(source.randint(1, date.max.toordinal()))
        number = day_number(day.isoformat())
        assert date_of(number) == day.isoformat() and weekday(number) == day.weekday()
        assert number - day_number("2000-02-28") == (day - first).days
    for year in (1, 1600, 1900, 2000, 2024, 2026, 9999):
        for month in (2, 3, 12):
            text = f"{year:04}-{month:02}-28"
            assert date_of(day_number(text)) == text
    assert date_of(LAST_DAY_NUMBER) == LAST_DATE


def test_day_that_its_month_does_not_have_counts_on() -> None:
    assert date_of(day_number("2026-02-31")) == "2026-03-03"


def test_only_dates_of_the_calendar_are_dates() -> None:
    assert is_date("2026-02-28") and is_date("2024-02-29") and not is_date("2026-02-29")
    wrong = ("", "20260228", "2026-2-28", "soon", "2026-02-28\n", "2026-13-01", "2026-00-10",
             "2026-01-00", "\u0662026-01-01")  # fmt: skip
    assert not any(map(is_date, wrong))
