"""ExecID: one for each report of each event, never twice, growing with the sequence."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from venue.domain.exec_ids import NOT_AN_EXECUTION, exec_id
from venue.domain.types import Side

_SIDES = (None, Side.BUY, Side.SELL)


@given(st.integers(min_value=1, max_value=10**15))
def test_exec_ids_are_unique_and_grow_over_events_and_sides(first: int) -> None:
    numbers = [
        int(exec_id(event_seq, side))
        for event_seq, side in itertools.product(range(first, first + 12), _SIDES)
    ]
    assert all(before < after for before, after in itertools.pairwise(numbers))
    assert NOT_AN_EXECUTION not in map(str, numbers)


def test_exec_id_is_the_event_seq_with_a_digit_for_the_side() -> None:
    assert [exec_id(12, side) for side in _SIDES] == ["120", "121", "122"]
