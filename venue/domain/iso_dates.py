"""Dates as ISO text and as day numbers, in whole numbers: the core knows no clock and no zones.

The proleptic Gregorian calendar, reckoned from March so that a leap day is the last of its year
(Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
"""

import re

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAYS_OF_400_YEARS = 146_097
_FIRST_MONDAY = 5
"""Day number of a Monday; 0 is 0000-03-01."""
LAST_DATE = "9999-12-31"


def is_date(text: str) -> bool:
    """Whether a text is a date that the calendar has, as YYYY-MM-DD."""
    return _DATE.fullmatch(text) is not None and date_of(day_number(text)) == text


def day_number(date: str) -> int:
    """Days since 0000-03-01. A day that its month does not have counts on: February 30 in March."""
    year, month, day = map(int, date.split("-"))
    if month <= 2:
        year, month = year - 1, month + 12
    of_year = (153 * (month - 3) + 2) // 5 + day - 1
    return 365 * year + year // 4 - year // 100 + year // 400 + of_year


def date_of(number: int) -> str:
    """ISO date of a day number; the inverse of `day_number`."""
    centuries, of_era = divmod(number, _DAYS_OF_400_YEARS)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return f"{centuries * 400 + year + (month <= 2):04}-{month:02}-{day:02}"


def weekday(number: int) -> int:
    """Day of the week of a day number: 0 is Monday, 6 Sunday."""
    return (number - _FIRST_MONDAY) % 7


LAST_DAY_NUMBER = day_number(LAST_DATE)
