"""Decimal text against decimal.Decimal: exact both ways, and nothing but FIX float syntax."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venue.domain.decimal_text import (
    MAX_DIGITS,
    decimals_of,
    divide_half_away,
    format_money,
    format_scaled,
    is_decimal,
    parse_money,
    parse_scaled,
)

scaled_numbers = st.integers(min_value=-(10**28), max_value=10**28)
decimal_counts = st.integers(min_value=0, max_value=10)


@given(scaled_numbers, decimal_counts)
def test_formatted_number_parses_back_to_itself(value: int, decimals: int) -> None:
    assert parse_scaled(format_scaled(value, decimals), decimals) == value


@given(scaled_numbers, decimal_counts)
def test_formatted_number_is_the_decimal_number_without_needless_zeros(
    value: int, decimals: int
) -> None:
    text = format_scaled(value, decimals)
    assert Decimal(text) == Decimal(value).scaleb(-decimals)
    assert "." not in text or text[-1] not in "0."
    assert not text.startswith(".") and not text.startswith("-.")


@given(
    st.from_regex(r"-?([0-9]{1,12}\.?[0-9]{0,12}|\.[0-9]{1,12})", fullmatch=True), decimal_counts
)
def test_parsing_agrees_with_decimal_and_never_rounds(text: str, decimals: int) -> None:
    scaled = Decimal(text).scaleb(decimals)
    exact = scaled == scaled.to_integral_value()
    assert parse_scaled(text, decimals) == (int(scaled) if exact else None)
    assert is_decimal(text)


@pytest.mark.parametrize(
    "text",
    ["", "-", ".", "-.", "1e5", "1E5", "NaN", "inf", "+1", " 1", "1 ", "1\n", "10^30", "1,000",
     "1_0", "--1", "1-", "1.2.3", "0x10", "\u0663", "\u00b9", "1\u066b5", "\uff11", "\u00a01",
     "1\x00"],
)  # fmt: skip
def test_other_syntax_is_no_number(text: str) -> None:
    assert parse_scaled(text, 8) is None
    assert not is_decimal(text)


def test_text_longer_than_the_limit_is_no_number() -> None:
    assert parse_scaled("9" * MAX_DIGITS, 0) == 10**MAX_DIGITS - 1
    assert parse_scaled("0" * MAX_DIGITS + "1", 0) is None


@pytest.mark.parametrize(
    ("text", "decimals", "expected"),
    [
        ("5.", 0, 5),
        (".5", 1, 5),
        ("00.50", 2, 50),
        ("-0", 2, 0),
        ("1.100", 1, 11),
        ("1.01", 1, None),
    ],
)
def test_points_and_zeros_at_the_edges(text: str, decimals: int, expected: int | None) -> None:
    assert parse_scaled(text, decimals) == expected


def test_money_counts_hundred_millionths() -> None:
    assert parse_money("12.00000001") == 1_200_000_001
    assert parse_money("0.000000001") is None
    assert format_money(1_200_000_001) == "12.00000001"
    assert format_money(-50_000_000) == "-0.5"


@given(scaled_numbers, st.integers(min_value=1, max_value=10**12))
def test_division_rounds_halves_away_from_zero(numerator: int, denominator: int) -> None:
    # the nearest multiple of 1/2 below decides, so that Decimal's own precision plays no part
    magnitude, rest = divmod(abs(numerator), denominator)
    expected = magnitude + (1 if 2 * rest >= denominator else 0)
    assert divide_half_away(numerator, denominator) == (expected if numerator >= 0 else -expected)


@given(st.integers(min_value=-(10**9), max_value=10**9), st.sampled_from([1, 2, 4, 8, 10, 1000]))
def test_division_agrees_with_decimal_round_half_up(numerator: int, denominator: int) -> None:
    quotient = (Decimal(numerator) / denominator).quantize(Decimal(1), ROUND_HALF_UP)
    assert divide_half_away(numerator, denominator) == int(quotient)


@pytest.mark.parametrize(("text", "expected"), [("1", 0), ("0.01", 2), ("0.0100", 2), ("1.0", 0)])
def test_decimals_needed_leave_out_trailing_zeros(text: str, expected: int) -> None:
    assert decimals_of(text) == expected
