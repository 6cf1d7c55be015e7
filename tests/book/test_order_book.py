"""The rules of the book said one by one; each expected list of matches is written out."""

import pytest

from venue.book.order_book import Match, OrderBook
from venue.book.price_level import RestingOrder
from venue.domain.types import Side


def resting(
    book: OrderBook, side: Side, price: int, lots: int, *, floor: int = 0, key: str | None = None
) -> RestingOrder:
    order = new(side, price, lots, floor=floor, key=key)
    book.rest(order)
    return order


def new(
    side: Side, price: int, lots: int, *, floor: int = 0, key: str | None = None
) -> RestingOrder:
    order = RestingOrder(side, price, lots)
    order.floor_lots = floor
    order.self_match_key = key
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
    aggressor = new(Side.BUY, 105, 7)
    assert list(book.match(aggressor)) == [Match(near, 101, 5), Match(far, 103, 2)]
    assert (aggressor.leaves_lots, near.leaves_lots, far.leaves_lots) == (0, 0, 3)


def test_orders_at_one_price_trade_in_order_of_arrival(book: OrderBook) -> None:
    first = resting(book, Side.BUY, 99, 2)
    second = resting(book, Side.BUY, 99, 2)
    assert list(book.match(new(Side.SELL, 99, 3))) == [Match(first, 99, 2), Match(second, 99, 1)]


def test_matching_stops_at_the_limit(book: OrderBook) -> None:
    near = resting(book, Side.BUY, 100, 1)
    resting(book, Side.BUY, 99, 1)
    aggressor = new(Side.SELL, 100, 5)
    assert list(book.match(aggressor)) == [Match(near, 100, 1)]
    assert aggressor.leaves_lots == 4 and aggressor.level is None, "the caller rests it"


def test_matching_at_any_price_sweeps_the_side(book: OrderBook) -> None:
    orders = [resting(book, Side.SELL, 100 + step, 1) for step in range(4)]
    matches = list(book.match(new(Side.BUY, 1 << 40, 9)))
    assert matches == [Match(order, 100 + step, 1) for step, order in enumerate(orders)]
    assert book.asks.best is None


def test_empty_book_matches_nothing(book: OrderBook) -> None:
    assert list(book.match(new(Side.BUY, 1 << 40, 5))) == []
    assert list(book.match(new(Side.SELL, 1, 5))) == []


def test_partly_traded_order_keeps_its_place(book: OrderBook) -> None:
    first = resting(book, Side.BUY, 99, 5)
    second = resting(book, Side.BUY, 99, 5)
    list(book.match(new(Side.SELL, 99, 2)))
    assert queue(book, Side.BUY) == [first, second]
    assert (first.leaves_lots, second.leaves_lots) == (3, 5)


@pytest.mark.parametrize("lots", [1, 4, 5, 9])
def test_resized_order_keeps_its_place(book: OrderBook, lots: int) -> None:
    first = resting(book, Side.SELL, 101, 5)
    second = resting(book, Side.SELL, 101, 5)
    book.resize(first, lots)
    assert queue(book, Side.SELL) == [first, second]
    assert (first.leaves_lots, first.shown_lots) == (lots, lots)
    assert book.asks.best is not None and book.asks.best.lots == lots + 5


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


def test_order_may_not_be_resized_to_nothing(book: OrderBook) -> None:
    order = resting(book, Side.SELL, 100, 3)
    with pytest.raises(AssertionError):
        book.resize(order, 0)


def test_order_that_does_not_rest_may_not_be_resized(book: OrderBook) -> None:
    order = resting(book, Side.SELL, 100, 3)
    book.remove(order)
    with pytest.raises(AssertionError):
        book.resize(order, 2)


def test_order_rests_only_once(book: OrderBook) -> None:
    order = resting(book, Side.SELL, 100, 3)
    with pytest.raises(AssertionError):
        book.rest(order)


def test_order_without_quantity_may_not_rest(book: OrderBook) -> None:
    with pytest.raises(AssertionError):
        book.rest(RestingOrder(Side.SELL, 100, 0))


def test_iceberg_shows_one_slice_and_goes_to_the_back_for_the_next(book: OrderBook) -> None:
    iceberg = resting(book, Side.SELL, 100, 7, floor=3)
    other = resting(book, Side.SELL, 100, 2)
    assert book.asks.best is not None and book.asks.best.lots == 5
    assert list(book.match(new(Side.BUY, 100, 4))) == [Match(iceberg, 100, 3), Match(other, 100, 1)]
    assert queue(book, Side.SELL) == [other, iceberg]
    assert (iceberg.leaves_lots, iceberg.shown_lots, book.asks.best.lots) == (4, 3, 4)


def test_iceberg_alone_at_its_price_trades_one_match_a_slice(book: OrderBook) -> None:
    iceberg = resting(book, Side.BUY, 100, 7, floor=3)
    assert list(book.match(new(Side.SELL, 100, 9))) == [
        Match(iceberg, 100, 3),
        Match(iceberg, 100, 3),
        Match(iceberg, 100, 1),
    ]
    assert book.bids.best is None and iceberg.shown_lots == 0


def test_partly_traded_slice_is_not_filled_up(book: OrderBook) -> None:
    iceberg = resting(book, Side.SELL, 100, 7, floor=3)
    other = resting(book, Side.SELL, 100, 1)
    assert list(book.match(new(Side.BUY, 100, 2))) == [Match(iceberg, 100, 2)]
    assert queue(book, Side.SELL) == [iceberg, other]
    assert (iceberg.leaves_lots, iceberg.shown_lots) == (5, 1)


@pytest.mark.parametrize(("lots", "shown"), [(2, 1), (1, 1), (5, 1), (6, 3), (9, 3)])
def test_resized_iceberg_shows_no_more_unless_it_has_more(
    book: OrderBook, lots: int, shown: int
) -> None:
    iceberg = resting(book, Side.SELL, 100, 7, floor=3)
    list(book.match(new(Side.BUY, 100, 2)))
    book.resize(iceberg, lots)
    assert (iceberg.leaves_lots, iceberg.shown_lots) == (lots, shown)
    assert book.asks.best is not None and book.asks.best.lots == shown


def test_orders_of_one_owner_meet_without_a_trade(book: OrderBook) -> None:
    first = resting(book, Side.SELL, 100, 2)
    own = resting(book, Side.SELL, 100, 2, key="desk")
    aggressor = new(Side.BUY, 100, 5, key="desk")
    matches = []
    for match in book.match(aggressor):
        matches.append(match)
        if match.lots == 0:
            book.remove(own)
    assert matches == [Match(first, 100, 2), Match(own, 100, 0)]
    assert (aggressor.leaves_lots, own.leaves_lots) == (3, 2)
    assert book.asks.best is None


def test_one_of_two_orders_of_one_owner_must_give_way(book: OrderBook) -> None:
    resting(book, Side.SELL, 100, 2, key="desk")
    with pytest.raises(AssertionError, match="neither gave way"):
        list(book.match(new(Side.BUY, 100, 5, key="desk")))


@pytest.mark.parametrize("key", [None, "another desk"])
def test_orders_of_different_owners_and_of_nobody_trade(book: OrderBook, key: str | None) -> None:
    desk = resting(book, Side.SELL, 100, 2, key="desk")
    nobodys = resting(book, Side.SELL, 100, 2)
    aggressor = new(Side.BUY, 100, 5, key=key)
    assert list(book.match(aggressor)) == [Match(desk, 100, 2), Match(nobodys, 100, 2)]


def test_available_is_what_would_trade_and_changes_nothing(book: OrderBook) -> None:
    iceberg = resting(book, Side.SELL, 100, 7, floor=3)
    resting(book, Side.SELL, 101, 4)
    resting(book, Side.SELL, 102, 50)
    assert book.available(new(Side.BUY, 101, 100), skip_own=False) == 11
    assert book.available(new(Side.BUY, 101, 9), skip_own=False) == 9, "at most what it wants"
    assert book.available(new(Side.BUY, 99, 9), skip_own=False) == 0
    assert (iceberg.leaves_lots, iceberg.shown_lots) == (7, 3)


def test_available_ends_at_an_order_of_the_same_owner_or_leaves_it_out(book: OrderBook) -> None:
    resting(book, Side.SELL, 100, 7, floor=3)
    resting(book, Side.SELL, 100, 2, key="desk")
    resting(book, Side.SELL, 101, 4)
    aggressor = new(Side.BUY, 101, 100, key="desk")
    # the iceberg's second slice is behind the own order
    assert book.available(aggressor, skip_own=False) == 3
    assert book.available(aggressor, skip_own=True) == 11
