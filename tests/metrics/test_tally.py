"""Sizes of numbers: every number lies in one, and quantiles are right to a third."""

from hypothesis import given
from hypothesis import strategies as st

from venue.tally import SIZES, Spread, Tally, bound_of, size_of

NUMBERS = st.integers(min_value=0, max_value=(1 << 63) - 1)


@given(NUMBERS)
def test_number_lies_between_the_bounds_of_its_size(number: int) -> None:
    size = size_of(number)
    assert size < SIZES
    assert number < bound_of(size)
    assert size_of(bound_of(size)) > size
    assert number < 2 or 2 * bound_of(size) <= 3 * (number + 1)


@given(st.lists(NUMBERS, min_size=1, max_size=50))
def test_spread_has_all_numbers_and_their_sum(numbers: list[int]) -> None:
    tally = Tally()
    for number in numbers:
        tally.add(number)
    spread = tally.spread()
    assert (spread.count, spread.total) == (len(numbers), sum(numbers))
    middle = sorted(numbers)[(len(numbers) - 1) // 2]
    half = spread.quantile(0.5)
    assert half is not None
    assert middle < half <= max(2, (3 * (middle + 1)) // 2 + 1)


def test_spread_since_another_is_what_has_come_meanwhile() -> None:
    tally = Tally()
    tally.add(5, times=3)
    before = tally.spread()
    tally.add(1_000)
    since = tally.spread().since(before)
    assert (since.count, since.total) == (1, 1_000)
    assert tally.spread().since(Spread()) == tally.spread()
    begun_anew = Tally()
    begun_anew.add(7)
    assert begun_anew.spread().since(tally.spread()) == begun_anew.spread()


def test_quantile_of_nothing_is_not_known() -> None:
    assert Spread().quantile(0.99) is None
