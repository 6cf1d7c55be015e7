"""The book against the naive one: random operations with a fixed seed, and lists that shrink."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from venue.domain.types import Side

from .twin import TwinBooks

OPERATIONS_A_RUN = 5_000
SIDES = (Side.BUY, Side.SELL)

Operation = tuple[str, Side, int, int, int]
"""What to do, side, price, quantity, and a number that picks one of the open orders."""


def apply(books: TwinBooks, operation: Operation) -> None:
    """One operation; those that need an open order do nothing while there is none."""
    what, side, price, lots, pick = operation
    if what == "enter":
        books.enter(side, price, lots)
    elif what == "immediate":
        books.enter(side, price, lots, rests=False)
    elif what == "market":
        books.enter(side, None, lots, rests=False)
    elif books.open:
        name = list(books.open)[pick % len(books.open)]
        if what == "cancel":
            books.cancel(name)
        elif what == "reduce":
            books.reduce(name, lots % books.open[name].leaves_lots)
        else:
            books.replace(name, price, lots)
    books.check()


@pytest.mark.parametrize(("seed", "prices"), [(1, 3), (2, 8), (3, 20), (4, 60), (5, 8)])
def test_random_operations_do_the_same_in_both_books(seed: int, prices: int) -> None:
    source = random.Random(seed)
    books = TwinBooks()
    most_open = 0
    for _ in range(OPERATIONS_A_RUN):
        # books that grow and shrink: sweeps, long queues and empty sides all occur
        weights = (9, 1, 1, 1, 1, 2) if len(books.open) < 40 else (2, 2, 2, 6, 2, 2)
        (what,) = source.choices(
            ("enter", "immediate", "market", "cancel", "reduce", "replace"), weights
        )
        side = source.choice(SIDES)
        # bids mostly below asks, with an overlap in which they trade
        price = source.randint(100, 100 + prices) + (prices * 3 // 4 if side is Side.SELL else 0)
        lots = source.randint(1, 40 if what == "market" else 12)
        apply(books, (what, side, price, lots, source.randrange(1 << 30)))
        most_open = max(most_open, len(books.open))
    assert most_open >= 30
    assert books.entered > OPERATIONS_A_RUN // 3
    assert books.traded_lots > OPERATIONS_A_RUN // 3


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ("enter", "enter", "immediate", "market", "cancel", "reduce", "replace")
            ),
            st.sampled_from(SIDES),
            st.integers(min_value=1, max_value=5),
            st.integers(min_value=1, max_value=9),
            st.integers(min_value=0, max_value=50),
        ),
        max_size=40,
    )
)
def test_any_list_of_operations_does_the_same_in_both_books(operations: list[Operation]) -> None:
    books = TwinBooks()
    for operation in operations:
        apply(books, operation)
