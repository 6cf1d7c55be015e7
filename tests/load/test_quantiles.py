"""Log-linear buckets against sorted samples: never below the true quantile, hardly above it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venue.load.quantiles import RELATIVE_ERROR, Quantiles, quantiles_of

VALUES = st.lists(
    st.one_of(
        st.integers(0, 2000),
        st.integers(0, 2**40),
        st.integers(0, 62).map(lambda power: 2**power),
        st.integers(1, 63).map(lambda power: 2**power - 1),
    ),
    min_size=1,
    max_size=200,
)


def true_quantile(values: list[int], fraction: float) -> int:
    return sorted(values)[max(math.ceil(len(values) * fraction), 1) - 1]


@given(VALUES, st.floats(0, 1))
def test_quantile_is_that_of_the_sorted_values_within_the_stated_error(
    values: list[int], fraction: float
) -> None:
    expected = true_quantile(values, fraction)
    assert expected <= quantiles_of(values).quantile(fraction) <= expected * (1 + RELATIVE_ERROR)


@given(VALUES)
def test_count_max_and_the_last_quantile_are_exact(values: list[int]) -> None:
    quantiles = quantiles_of(values)
    assert (quantiles.count, quantiles.max) == (len(values), max(values))
    assert quantiles.quantile(1) == max(values)


@given(VALUES, VALUES, st.floats(0, 1))
def test_added_quantiles_are_those_of_all_values(
    one: list[int], other: list[int], fraction: float
) -> None:
    total = quantiles_of(one)
    total.add(quantiles_of(other))
    assert total.quantile(fraction) == quantiles_of(one + other).quantile(fraction)


@pytest.mark.parametrize("value", [0, 1, 255, 256, 511])
def test_small_values_are_exact(value: int) -> None:
    assert quantiles_of([value, 10**9]).quantile(0.5) == value


def test_nothing_recorded_is_zero() -> None:
    assert Quantiles().quantile(0.99) == 0
