"""The rules of the book said one by one; each expected list of matches is written out."""

import pytest

from venue.book.order_book import Match, OrderBook
from venue.book.resting_order import RestingOrder
from venue.domain.types import Side


def resting(book: OrderBook, side: Side, price: int, lots: int) -> RestingOrder:
    order = RestingOrder(side, price, lots)
    book.rest(order)
    return order


def queue(book: OrderBook, side: Side) -> list[RestingOrder]:
    book_side = book.bids if side is Side.BUY else book.asks
    return [order for level in book_side.levels() for order in level]


@pytest.fixture
def book() -> OrderBook:
    return OrderBook()


def test_aggressor_trades_at_resting_price_best_price_first(book: OrderBook) -> None:
    far = resting(book, Side.SELL, 103, 5)
    near = resting(book, Side.SELL, 101, 5)
    assert list(book.match(Side.BUY, 105, 7)) == [Match(near, 101, 5), Match(far, 103, 2)]
    assert far.leaves_lots == 3


def test_orders_at_one_price_trade_in_order_of_arrival(book: OrderBook) -> None:
    first = resting(book, Side.BUY, 99, 2)
    second = resting(book, Side.BUY, 99, 2)
    assert list(book.match(Side.SELL, 99, 3)) == [Match(first, 99, 2), Match(second, 99, 1)]


def test_matching_stops_at_the_limit(book: OrderBook) -> None:
    near = resting(book, Side.BUY, 100, 1)
    resting(book, Side.BUY, 99, 1)
    assert list(book.match(Side.SELL, 100, 5)) == [Match(near, 100, 1)]


def test_matching_without_limit_sweeps_the_side(book: OrderBook) -> None:
    orders = [resting(book, Side.SELL, 100 + step, 1) for step in range(4)]
    matches = list(book.match(Side.BUY, None, 9))
    assert matches == [Match(order, 100 + step, 1) for step, order in enumerate(orders)]
    assert book.asks.best is None


def test_empty_book_matches_nothing(book: OrderBook) -> None:
    assert list(book.match(Side.BUY, None, 5)) == []
    assert list(book.match(Side.SELL, 1, 5)) == []


def test_partly_traded_order_keeps_its_place(book: OrderBook) -> None:
    first = resting(book, Side.BUY, 99, 5)
    second = resting(book, Side.BUY, 99, 5)
    list(book.match(Side.SELL, 99, 2))
    assert queue(book, Side.BUY) == [first, second]
    assert (first.leaves_lots, second.leaves_lots) == (3, 5)


def test_reduced_order_keeps_its_place(book: OrderBook) -> None:
    first = resting(book, Side.SELL, 101, 5)
    second = resting(book, Side.SELL, 101, 5)
    book.reduce(first, 4)
    assert queue(book, Side.SELL) == [first, second]
    assert book.asks.best is not None and book.asks.best.lots == 6


def test_order_leaves_from_the_middle_of_its_queue(book: OrderBook) -> None:
    orders = [resting(book, Side.BUY, 99, 1) for _ in range(3)]
    book.remove(orders[1])
    assert queue(book, Side.BUY) == [orders[0], orders[2]]
    assert next(book.bids.levels()).count == 2


def test_last_order_of_a_price_takes_the_level_with_it(book: OrderBook) -> None:
    best = resting(book, Side.BUY, 100, 1)
    resting(book, Side.BUY, 98, 1)
    book.remove(best)
    assert [level.price_ticks for level in book.bids.levels()] == [98]
    assert book.bids.best is not None and book.bids.best.price_ticks == 98
    assert len(book.bids) == 1


def test_best_is_the_highest_bid_and_the_lowest_ask(book: OrderBook) -> None:
    for price in (97, 99, 98):
        resting(book, Side.BUY, price, 1)
        resting(book, Side.SELL, price + 5, 1)
    assert [level.price_ticks for level in book.bids.levels()] == [99, 98, 97]
    assert [level.price_ticks for level in book.asks.levels()] == [102, 103, 104]


def test_order_that_crosses_may_not_rest(book: OrderBook) -> None:
    resting(book, Side.SELL, 100, 1)
    with pytest.raises(AssertionError):
        book.rest(RestingOrder(Side.BUY, 100, 1))


def test_order_may_not_be_reduced_to_nothing(book: OrderBook) -> None:
    order = resting(book, Side.SELL, 100, 3)
    with pytest.raises(AssertionError):
        book.reduce(order, 3)


def test_order_rests_only_once(book: OrderBook) -> None:
    order = resting(book, Side.SELL, 100, 3)
    with pytest.raises(AssertionError):
        book.rest(order)


def test_order_without_quantity_may_not_rest(book: OrderBook) -> None:
    with pytest.raises(AssertionError):
        book.rest(RestingOrder(Side.SELL, 100, 0))
