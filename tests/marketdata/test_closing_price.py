"""The closing price: the last price of the last day that has ended and in which anything traded."""

from typing import Any

import msgspec

from venue.domain.events import AnyEvent, TradeExecuted
from venue.domain.types import OrdStatus, Side
from venue.marketdata.feed import Feed

from .events import day_ended, day_started, instrument_added, order, traded

FIRST, SECOND, THIRD = "2026-01-05", "2026-01-06", "2026-01-07"


def trade(seq: int, price: str, day: str) -> TradeExecuted:
    sides = ((f"B{seq}", Side.BUY), (f"S{seq}", Side.SELL))
    buy, sell = (order(name, side, price, "0", status=OrdStatus.FILLED) for name, side in sides)
    return traded(seq, price, "1", buy, sell, amount=price, trading_day=day)


def closes(feed: Feed, *events: AnyEvent) -> list[Any]:
    """What the statistics say of it behind each event; of one without statistics nothing."""
    found = []
    for event in events:
        feed.apply(event)
        said = [msgspec.json.decode(each.payload) for each in feed.take() if each.kind == "stats"]
        found += [each["close"] for each in said]
    return found


def test_it_is_said_when_a_day_ends_and_stays_until_the_next_one_has() -> None:
    feed = Feed()
    assert closes(feed, instrument_added(1), day_started(2, FIRST)) == [None, None]
    assert closes(feed, trade(3, "100", FIRST), trade(4, "101", FIRST)) == [None, None]
    assert closes(feed, day_ended(5, FIRST)) == ["101"]
    assert closes(feed, day_started(6, SECOND), trade(7, "99", SECOND)) == ["101", "101"]
    assert closes(feed, day_ended(8, SECOND), day_started(9, THIRD)) == ["99", "99"]
    assert closes(feed, day_ended(10, THIRD)) == [], "nothing traded: it stays as it is"


def test_it_comes_back_from_the_feed_s_image_and_from_the_last_values() -> None:
    feed = Feed()
    closes(feed, instrument_added(1), day_started(2, FIRST), trade(3, "100", FIRST))
    closes(feed, day_ended(4, FIRST), day_started(5, SECOND))
    image = msgspec.json.decode(msgspec.json.encode(feed.image(5)), type=type(feed.image(5)))
    restored = Feed.of(image)
    assert closes(restored, trade(6, "98", SECOND)) == ["100"]
    late = Feed(incomplete=True)
    late.resume(feed.image(5).last)
    assert closes(late, trade(6, "98", SECOND)) == ["100"]
