"""The book against the naive one: random operations with a fixed seed, and lists that shrink."""

import random
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from venue.domain.types import Side

from .twin import Entry, TwinBooks

OPERATIONS_A_RUN = 3_000
SIDES = (Side.BUY, Side.SELL)
KINDS = ("enter", "iceberg", "immediate", "market", "cancel", "resize", "replace")


class Operation(NamedTuple):
    """What to do with side, price and quantity; `pick` picks one of the open orders."""

    what: str
    side: Side
    price: int
    lots: int
    pick: int
    floor: int = 0
    owner: int = 0
    cancels_resting: bool = False


def apply(books: TwinBooks, operation: Operation) -> None:
    """One operation; those that need an open order do nothing while there is none."""
    what, lots, price = operation.what, operation.lots, operation.price
    entry = Entry(
        operation.side,
        price,
        lots,
        owner=operation.owner,
        cancels_resting=operation.cancels_resting,
    )
    if what == "enter":
        books.enter(entry)
    elif what == "iceberg":
        books.enter(entry._replace(floor=operation.floor))
    elif what == "immediate":
        books.enter(entry._replace(rests=False))
    elif what == "market":
        books.enter(entry._replace(price=None, rests=False))
    elif books.open:
        name = list(books.open)[operation.pick % len(books.open)]
        if what == "cancel":
            books.cancel(name)
        elif what == "resize":
            books.resize(name, lots)
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
        weights = (7, 3, 1, 1, 1, 1, 2) if len(books.open) < 40 else (2, 1, 2, 2, 6, 2, 2)
        (what,) = source.choices(KINDS, weights)
        side = source.choice(SIDES)
        # bids mostly below asks, with an overlap in which they trade
        price = source.randint(100, 100 + prices) + (prices * 3 // 4 if side is Side.SELL else 0)
        lots = source.randint(1, 40 if what == "market" else 12)
        operation = Operation(
            what, side, price, lots, source.randrange(1 << 30), source.randint(1, 5),
            source.choice((0, 0, 0, 1, 2)), source.random() < 0.5,
        )  # fmt: skip
        apply(books, operation)
        most_open = max(most_open, len(books.open))
    assert most_open >= 30
    assert books.entered > OPERATIONS_A_RUN // 3
    assert books.traded_lots > OPERATIONS_A_RUN // 3
    assert books.own_met > OPERATIONS_A_RUN // 100
    assert books.slices > OPERATIONS_A_RUN // 100


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.builds(
            Operation,
            st.sampled_from(("enter", *KINDS)),
            st.sampled_from(SIDES),
            st.integers(min_value=1, max_value=5),
            st.integers(min_value=1, max_value=9),
            st.integers(min_value=0, max_value=50),
            st.integers(min_value=1, max_value=4),
            st.integers(min_value=0, max_value=2),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_any_list_of_operations_does_the_same_in_both_books(operations: list[Operation]) -> None:
    books = TwinBooks()
    for operation in operations:
        apply(books, operation)
