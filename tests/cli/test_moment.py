"""Moments as users write them, down to the nanosecond."""

import pytest

from venue.cli.records.moment import NotAMoment, is_time_of_day, parse_moment
from venue.clock import iso

NINE = 1_767_605_400_000_000_000  # 2026-01-05T09:30:00Z


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2026-01-05T09:30:00Z", NINE + 999),
        ("2026-01-05 09:30:00", NINE + 999),
        ("2026-01-05T09:30", NINE + 999),
        ("2026-01-05T10:30:00+01:00", NINE + 999),
        ("2026-01-05T04:00:00-0530", NINE + 999),
        ("2026-01-05T07:30-02", NINE + 999),
        ("2026-01-05T09:30:00.5Z", NINE + 500_000_999),
        ("2026-01-05T09:30:00.123456", NINE + 123_456_999),
        ("2026-01-05T09:30:00,123456789Z", NINE + 123_456_789),
        ("09:30", NINE + 999),
        ("09:30:01", NINE + 1_000_000_999),
        ("09:30:00.000007", NINE + 7_999),
        ("1969-12-31T23:59:59Z", -1_000_000_000 + 999),
    ],
)
def test_moment_is_read_to_the_nanosecond(text: str, ns: int) -> None:
    assert parse_moment(text, "2026-01-05") == ns


@pytest.mark.parametrize("ns", [NINE, NINE + 1, NINE + 123_456_789, NINE + 999_999_999])
def test_moment_as_shown_takes_in_what_happened_then(ns: int) -> None:
    assert ns <= parse_moment(iso(ns)) < ns + 1_000


@pytest.mark.parametrize(
    "text",
    ["", "noon", "25:00", "09:60", "9:30", "09:30.5", "2026-02-30T09:30:00Z", "2026-01-05",
     "2026-01-05T09:30:00.1234567890Z", "2026-01-05T09:30:00+25:00", "09:30Z", "1767605400"],
)  # fmt: skip
def test_text_that_is_no_moment_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(NotAMoment, match="is no time: ") as refused:
        parse_moment(text, "2026-01-05")
    assert "\n" not in str(refused.value)


def test_time_of_day_is_told_from_a_date() -> None:
    assert is_time_of_day("09:30") and is_time_of_day("09:30:00.25")
    assert not is_time_of_day("2026-01-05T09:30") and not is_time_of_day("now")
