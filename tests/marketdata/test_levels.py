"""The checksum of a book, by vectors from outside, and the levels that it is made of."""

from decimal import Decimal

import pytest

from venue.marketdata.levels import Levels, fixed
from venue.marketdata.messages import PriceLevel

BOOK_OF_PERIODS = """
0.05005/0.00000500 0.05010/0.00000500 0.05015/0.00000500 0.05020/0.00000500 0.05025/0.00000500
0.05030/0.00000500 0.05035/0.00000500 0.05040/0.00000500 0.05045/0.00000500 0.05050/0.00000500

0.05000/0.00000500 0.04995/0.00000500 0.04990/0.00000500 0.04980/0.00000500 0.04975/0.00000500
0.04970/0.00000500 0.04965/0.00000500 0.04960/0.00000500 0.04955/0.00000500 0.04950/0.00000500
"""
BOOK_OF_COINS = """
45285.2/0.00100000 45286.4/1.54571953 45286.6/1.54571109 45289.6/1.54560911 45290.2/0.15890660
45291.8/1.54553491 45294.7/0.04454749 45296.1/0.35380000 45297.5/0.09945542 45299.5/0.18772827

45283.5/0.10000000 45283.4/1.54582015 45282.1/0.10000000 45281.0/0.10000000 45280.3/1.54592586
45279.0/0.07990000 45277.6/0.03310103 45277.5/0.30000000 45277.3/1.54602737 45276.6/0.15445238
"""
"""Asks, then bids: price and quantity of each level."""


def levels_of(book: str) -> Levels:
    levels = Levels()
    asks, bids = book.split("\n\n")
    for is_bid, rows in ((False, asks), (True, bids)):
        for row in rows.split():
            price, quantity = row.split("/")
            levels.add(is_bid, Decimal(price), Decimal(quantity), 1)
    return levels


@pytest.mark.parametrize(
    ("book", "decimals", "checksum"),
    [(BOOK_OF_PERIODS, (5, 8), 974_947_235), (BOOK_OF_COINS, (1, 8), 3_310_070_434)],
)
def test_checksum_is_that_of_the_published_vectors(
    book: str, decimals: tuple[int, int], checksum: int
) -> None:
    levels = levels_of(book)
    levels.set_decimals(*decimals)
    assert levels.checksum() == checksum


def test_levels_behind_the_tenth_do_not_count() -> None:
    levels = levels_of(BOOK_OF_COINS)
    levels.set_decimals(1, 8)
    levels.add(True, Decimal("45270"), Decimal(3), 1)
    levels.add(False, Decimal("45300"), Decimal(3), 1)
    assert levels.checksum() == 3_310_070_434
    levels.add(True, Decimal("45276.6"), Decimal("-0.15445238"), -1)
    assert levels.checksum() != 3_310_070_434


def test_other_decimals_give_another_checksum_of_the_same_book() -> None:
    levels = levels_of("2.5/1\n\n2/1")
    before = levels.checksum()
    levels.set_decimals(2, 0)
    with_two = levels.checksum()
    levels.set_decimals(3, 0)
    assert len({before, with_two, levels.checksum()}) == 3


@pytest.mark.parametrize(
    ("number", "decimals", "digits"),
    [("0.05005", 5, "5005"), ("100.5", 2, "10050"), ("12", 0, "12"), ("0.001", None, "1"),
     ("100.5", None, "1005")],
)  # fmt: skip
def test_numbers_lose_their_point_and_the_zeros_in_front(
    number: str, decimals: int | None, digits: str
) -> None:
    assert fixed(Decimal(number), decimals) == digits


def test_an_empty_book_has_a_checksum_and_is_not_crossed() -> None:
    levels = Levels()
    assert (levels.checksum(), levels.crossed, levels.bids(3), levels.asks(3)) == (0, False, (), ())


def test_best_levels_come_first_and_empty_ones_go() -> None:
    levels = levels_of("3/1 2/1\n\n0.5/1 1/1")
    levels.add(True, Decimal(1), Decimal("-0.4"), 0)
    assert levels.bids(5) == (PriceLevel("1", "0.6", 1), PriceLevel("0.5", "1", 1))
    assert levels.asks(1) == (PriceLevel("2", "1", 1),)
    levels.add(True, Decimal(1), Decimal("-0.6"), -1)
    assert levels.bids(5) == (PriceLevel("0.5", "1", 1),)
