"""Which changes a reader hears, who keeps his place in the queue, and what breaks a book."""

import msgspec
import pytest

from venue.domain.events import AnyEvent
from venue.domain.types import OrdStatus, Side
from venue.marketdata.feed import Feed
from venue.marketdata.followed_book import BookBroken, FollowedBook
from venue.marketdata.messages import Action, OrderByOrder, OrderChange
from venue.marketdata.public_ids import PublicIds

from .events import (
    accepted,
    canceled,
    day_started,
    instrument_added,
    order,
    replaced,
    traded,
)
from .readers import KEY, Reader, through_json


def opened(*more: AnyEvent) -> tuple[Feed, Reader]:
    """ACME with a bid of 10 at 100, and who follows it."""
    feed = Feed(key=KEY)
    bid = accepted(3, order("O1", Side.BUY, "100", "10"))
    for event in (instrument_added(1), day_started(2), bid, *more):
        feed.apply(event)
    feed.take()
    reader = Reader("ACME")
    reader.join(feed)
    return feed, reader


def heard(feed: Feed, reader: Reader, *events: AnyEvent) -> list[tuple[Action, str, str]]:
    """Action, price and quantity of the changes that a reader hears of these events."""
    for event in events:
        feed.apply(event)
    before = len(reader.heard)
    reader.hear(feed.take(), feed)
    changes = [change for update in reader.heard[before:] for change in update.changes]
    return [(change.action, change.price, change.quantity) for change in changes]


def shown_first(reader: Reader) -> list[str]:
    assert reader.book is not None
    return [each.quantity for each in reader.book.orders(Side.BUY)]


def test_less_quantity_keeps_the_place_and_more_loses_it() -> None:
    second = accepted(4, order("O2", Side.BUY, "100", "7"))
    feed, reader = opened(second)
    now = msgspec.structs.replace(order("O1", Side.BUY, "100", "6"), order_qty="999999")
    assert heard(feed, reader, replaced(5, now)) == [(Action.CHANGE, "100", "6")]
    assert shown_first(reader) == ["6", "7"]
    now = msgspec.structs.replace(order("O1", Side.BUY, "100", "8"), order_qty="1000001")
    changes = heard(feed, reader, replaced(6, now))
    assert changes == [(Action.DELETE, "100", "6"), (Action.NEW, "100", "8")]
    assert shown_first(reader) == ["7", "8"]


def test_an_icebergs_next_slice_is_at_the_back_and_shows_no_more() -> None:
    iceberg = accepted(4, order("O2", Side.BUY, "101", "50", max_floor="5"))
    behind = accepted(5, order("O3", Side.BUY, "101", "3"))
    feed, reader = opened(iceberg, behind)
    gone = order("S1", Side.SELL, "101", "0", status=OrdStatus.FILLED)
    part = order("O2", Side.BUY, "101", "48", max_floor="5", displayed="3")
    assert heard(feed, reader, traded(6, "101", "2", part, gone))[0] == (Action.CHANGE, "101", "3")
    assert shown_first(reader)[:2] == ["3", "3"]
    slice_gone = order("O2", Side.BUY, "101", "45", max_floor="5", displayed="5")
    changes = heard(feed, reader, traded(7, "101", "3", slice_gone, gone, aggressor=Side.SELL))
    assert changes == [(Action.DELETE, "101", "3"), (Action.NEW, "101", "5")]
    assert shown_first(reader)[:2] == ["3", "5"]


def test_what_came_and_went_between_two_updates_is_not_told() -> None:
    feed, reader = opened()
    there = order("O2", Side.BUY, "99", "1")
    gone = order("O2", Side.BUY, "99", "0", status=OrdStatus.CANCELED)
    assert heard(feed, reader, accepted(4, there), canceled(5, gone)) == []


def test_ids_are_the_orders_for_the_day_and_say_nothing_of_it() -> None:
    feed, reader = opened()
    assert reader.book is not None
    (first,) = reader.book.orders(Side.BUY)
    again = Feed.of(through_json(feed.image(3)), key=KEY)
    second = Reader("ACME")
    second.join(again)
    assert second.book is not None and second.book.orders(Side.BUY) == [first]
    heard(feed, reader, day_started(4, "2026-01-06"))
    (renewed,) = reader.book.orders(Side.BUY)
    assert (renewed.price, renewed.quantity) == (first.price, first.quantity)
    assert renewed.id != first.id and "O1" not in (renewed.id, first.id)
    other_key = PublicIds(b"another")
    other_key.trading_day = "2026-01-05"
    assert other_key.of("O1") != first.id


def message_of(feed: Feed, *events: AnyEvent) -> OrderByOrder:
    for event in events:
        feed.apply(event)
    (payload,) = [p.payload for p in feed.take() if p.kind == "l3"]
    return msgspec.json.decode(payload, type=OrderByOrder)


def test_a_repeat_is_passed_over_and_a_gap_breaks_the_book() -> None:
    feed, reader = opened()
    book = reader.book
    assert book is not None
    first = message_of(feed, accepted(4, order("O2", Side.BUY, "99", "1")))
    assert book.apply(first) is not None
    assert book.apply(first) is None
    message_of(feed, accepted(5, order("O3", Side.BUY, "98", "1")))
    third = message_of(feed, accepted(6, order("O4", Side.BUY, "97", "1")))
    with pytest.raises(BookBroken, match=f"updates {first.seq + 1} to {third.seq - 1} are missing"):
        book.apply(third)


def test_a_wrong_message_breaks_the_book() -> None:
    def broken(**wrong: object) -> str:
        feed, reader = opened()
        right = message_of(feed, accepted(4, order("O2", Side.BUY, "99", "1")))
        assert reader.book is not None
        with pytest.raises(BookBroken) as raised:
            reader.book.apply(msgspec.structs.replace(right, **wrong))
        return str(raised.value)

    _, reader = opened()
    assert reader.book is not None
    (known,) = reader.book.orders(Side.BUY)
    change = OrderChange(Action.NEW, "x", Side.BUY, "99", "2")
    assert "checksum" in broken(checksum=1)
    assert "checksum" in broken(changes=(change,))
    assert "is in the book" in broken(changes=(msgspec.structs.replace(change, id=known.id),))
    for action in (Action.CHANGE, Action.DELETE):
        unknown = msgspec.structs.replace(change, action=action)
        assert "is not in the book" in broken(changes=(unknown,))
    moved = msgspec.structs.replace(change, action=Action.CHANGE, id=known.id)
    assert "keeps its place" in broken(changes=(moved,))
    assert "epoch" in broken(epoch=7)


def test_pages_of_two_snapshots_are_none() -> None:
    feed, _ = opened(*(accepted(4 + n, order(f"P{n}", Side.BUY, "99", "1")) for n in range(5)))
    first, second = feed.snapshot("ACME", page_orders=3)
    with pytest.raises(BookBroken, match="pages"):
        FollowedBook([second, first])
    with pytest.raises(BookBroken, match="checksum"):
        FollowedBook([msgspec.structs.replace(first, pages=1)])


def test_no_snapshot_is_given_of_a_crossed_book() -> None:
    feed, reader = opened()
    feed.apply(accepted(4, order("S1", Side.SELL, "100", "4")))
    feed.take()
    assert feed.published("ACME") is None
    part = order("O1", Side.BUY, "100", "6", status=OrdStatus.PARTIALLY_FILLED)
    gone = order("S1", Side.SELL, "100", "0", status=OrdStatus.FILLED)
    trade = traded(5, "100", "4", part, gone, aggressor=Side.SELL)
    assert heard(feed, reader, trade) == [(Action.CHANGE, "100", "6")]
    assert feed.published("ACME") is not None
