"""Any view of a random book: a client that takes W and then each X has what the book has."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixmd.client_book import BID, OFFER, ClientBook
from tests.fixmd.market import Market
from venue.domain.types import Side
from venue.fix.fields import field_list
from venue.fixmd.requests import Look
from venue.fixmd.view import View
from venue.marketdata.followed_book import FollowedBook

ALL = "0124578" + "9B"


def take(client: ClientBook, msg_type: str, text: str) -> None:
    client.take(msg_type, field_list(text))


def levels_of(book: FollowedBook, side: Side, depth: int) -> list[tuple[str, str, int]]:
    most = depth or 1_000_000
    found = book.bids(most) if side is Side.BUY else book.asks(most)
    return [
        (f"{float(level.price):.2f}", f"{float(level.quantity):.3f}", level.orders)
        for level in found
    ]


def agrees(client: ClientBook, book: FollowedBook, depth: int) -> None:
    for side, kind in ((Side.BUY, BID), (Side.SELL, OFFER)):
        if client.is_by_order:
            mine = [(name, *rest) for name, rest in client.by_order[kind].items()]
            theirs = [
                (each.id, f"{float(each.price):.2f}", f"{float(each.quantity):.3f}")
                for each in book.orders(side)
            ]
            # the queue of each price is the order of arrival; a dict keeps that
            mine.sort(key=lambda each: float(each[1]), reverse=side is Side.BUY)
            assert mine == theirs
        else:
            mine_levels = sorted(
                ((price, *rest) for price, rest in client.levels[kind].items()),
                key=lambda each: float(each[0]),
                reverse=side is Side.BUY,
            )
            assert mine_levels == levels_of(book, side, depth)
    if depth == 0 or depth >= 10:
        assert client.own_checksum() == book.checksum == client.checksum
    assert client.seq <= book.seq


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1 << 30),
    depth=st.sampled_from([0, 1, 2, 5, 10, 50]),
    by_order=st.booleans(),
    joins=st.integers(0, 30),
)
def test_client_has_the_book_from_any_moment_on(
    seed: int, depth: int, by_order: bool, joins: int
) -> None:
    depth = 0 if by_order else depth
    market = Market(random=Random(seed))
    for _ in range(joins):
        market.at_random()
    view = View(Look(depth, by_order, True, ALL), market.book, is_full=True)
    client = ClientBook(depth, by_order)
    snapshot = view.snapshot(market.book)
    take(client, "W", f"268={snapshot.number}\x01{snapshot.text}{view.tail(market.book)}")
    agrees(client, market.book, depth)
    for _ in range(60):
        changes = view.changes(market.book, market.at_random())
        assert changes.entries.text.count("279=") == changes.entries.number
        assert changes.entries.text.startswith(changes.trades.text)
        take(client, "X", changes.entries.text + view.tail(market.book))
        agrees(client, market.book, depth)
    assert len(client.trades) <= len(market.prices)
    day = market.book.statistics
    assert day is not None and client.statistics["B"] == f"{float(day.volume):.3f}"


@given(seed=st.integers(0, 1 << 30))
@settings(max_examples=20, deadline=None)
def test_two_ways_of_looking_end_with_the_same_best_levels(seed: int) -> None:
    market = Market(random=Random(seed))
    views = [View(Look(depth, False, True, "01"), market.book, is_full=False) for depth in (0, 10)]
    views.append(View(Look(0, True, True, "01"), market.book, is_full=False))
    clients = [ClientBook(), ClientBook(10), ClientBook(is_by_order=True)]
    for _ in range(80):
        update = market.at_random()
        for view, client in zip(views, clients, strict=True):
            take(client, "X", view.changes(market.book, update).entries.text)
    full, ten, orders = clients
    for kind in (BID, OFFER):
        assert full.best(kind)[:10] == ten.best(kind) == orders.best(kind)[:10]


def test_one_side_alone_is_shown_to_who_asks_for_it() -> None:
    market = Market()
    market.update(market.new(Side.BUY, "99.00", "1"), market.new(Side.SELL, "101.00", "2"))
    view = View(Look(0, False, True, "1"), market.book, is_full=False)
    assert (
        view.snapshot(market.book).text == "269=1\x01270=101.00\x01271=2.000\x01346=1\x01290=1\x01"
    )
    update = market.update(market.new(Side.BUY, "99.50", "1"))
    assert view.changes(market.book, update).entries.number == 0


@pytest.mark.parametrize("by_order", [False, True])
def test_empty_book_is_a_snapshot_without_entries(*, by_order: bool) -> None:
    market = Market()
    view = View(Look(0, by_order, True, "012"), market.book, is_full=True)
    assert view.snapshot(market.book) == (0, "")


def test_trade_bust_and_correction_are_new_delete_and_change() -> None:
    market = Market()
    view = View(Look(1, False, True, "2"), market.book, is_full=False)
    client = ClientBook(1)
    for trade in (market.trade("100.00"), market.trade("101.00")):
        take(client, "X", view.changes(market.book, market.update(trades=(trade,))).trades.text)
    assert client.trades == {"M1": ("100.00", "1.000"), "M2": ("101.00", "1.000")}
    corrected = market.update(trades=(market.correction("M1", "100.50", "100.00"),))
    take(client, "X", view.changes(market.book, corrected).trades.text)
    busted = view.changes(market.book, market.update(trades=(market.bust("M2", "101.00"),))).trades
    assert busted.text.startswith("279=2\x01285=1\x01269=2\x01278=M2\x01280=M2\x0155=ACME\x01")
    take(client, "X", busted.text)
    assert client.trades == {"M1": ("100.50", "1.000")}
