"""A feed that goes on from what an earlier run has published."""

import msgspec

from venue.domain.types import Side
from venue.marketdata import messages
from venue.marketdata.feed import Feed
from venue.marketdata.last_values import Publication

from .events import accepted, day_started, order, traded
from .test_feed import changed_trade, filled, of_kind, published


def test_a_resumed_feed_numbers_on_behind_a_bust() -> None:
    first = Feed()
    for event in changed_trade():
        first.apply(event)
    said = [msgspec.json.decode(p.payload, type=messages.AnyMarketData) for p in first.take()]
    second = Feed(silent_through=4)
    second.resume(said)
    buy, sell = filled("B", Side.BUY, "100"), filled("S", Side.SELL, "100")
    (trade,) = of_kind(published(second, traded(5, "100", "1", buy, sell)), "trade")
    assert trade["seq"] == 4


def test_trades_of_an_earlier_run_are_counted_but_not_published_again() -> None:
    feed = Feed(silent_through=2)
    old = traded(2, "100", "1", filled("B", Side.BUY, "100"), filled("S", Side.SELL, "100"))
    publications = published(feed, old)
    assert of_kind(publications, "trade") == []
    assert of_kind(publications, "stats")[0]["trades"] == 1


def test_a_resumed_feed_goes_on_counting_and_leaves_out_what_it_has_said() -> None:
    first = Feed()
    resting = accepted(1, order("O1", Side.BUY, "100", "10"))
    publications: list[Publication] = []
    first.apply(resting)
    publications += first.take()
    second = Feed(silent_through=1)
    second.resume(msgspec.json.decode(p.payload, type=messages.AnyMarketData) for p in publications)
    assert published(second, resting) == []
    more = published(second, accepted(2, order("O2", Side.BUY, "100", "5")))
    said = [(kind, payload["seq"], payload["update"]) for kind, payload in more]
    assert said == [("l3", 2, 2), ("depth", 2, 2), ("bbo", 2, 2)]


def test_a_bust_of_an_earlier_run_is_counted_but_not_published_again() -> None:
    trade, correction, bust = changed_trade()
    publications = published(Feed(silent_through=3), trade, correction, bust)
    assert [message["event_seq"] for message in of_kind(publications, "trade")] == [4]
    assert of_kind(publications, "stats")[0]["volume"] == "0"


def test_a_trade_that_a_killed_run_has_published_is_not_said_again() -> None:
    """The run was killed behind its messages and in front of its position."""
    buy, sell = filled("B", Side.BUY, "100"), filled("S", Side.SELL, "100")
    events = (day_started(1), traded(2, "100", "1", buy, sell), traded(3, "101", "2", buy, sell))
    first = Feed()
    for event in events[:2]:
        first.apply(event)
    said = [msgspec.json.decode(p.payload, type=messages.AnyMarketData) for p in first.take()]
    second = Feed(silent_through=1)
    second.resume(said)
    (trade,) = of_kind(published(second, *events), "trade")
    assert (trade["event_seq"], trade["seq"]) == (3, 2)


def test_a_feed_that_goes_on_has_an_epoch_and_numbers_behind_those_before() -> None:
    first = Feed(epoch=7)
    (before,) = of_kind(published(first, accepted(1, order("O1", Side.BUY, "100", "10"))), "l3")
    second = Feed(silent_through=1, epoch=3)
    second.resume([msgspec.convert(before, type=messages.OrderByOrder)])
    (after,) = of_kind(published(second, accepted(2, order("O2", Side.BUY, "99", "5"))), "l3")
    assert (before["epoch"], after["epoch"]) == (7, 8)
    assert (before["update"], after["update"]) == (1, 2)
