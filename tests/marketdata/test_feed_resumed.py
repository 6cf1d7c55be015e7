"""A feed that goes on from what an earlier run has published."""

import msgspec

from venue.domain.types import Side
from venue.marketdata import messages
from venue.marketdata.feed import Feed
from venue.marketdata.last_values import Publication

from .events import accepted, order, traded
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
