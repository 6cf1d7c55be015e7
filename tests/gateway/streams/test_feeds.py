"""What each channel says: numbers, resuming, and what comes twice is said once."""

import json
from typing import Any

import pytest

from tests.fixmd.market import NOW_NS, Market, definition, status
from venue.bus.alerts import Alert
from venue.domain.types import Phase, Side
from venue.gateway.hub import Hub, Topic
from venue.gateway.order import Fill, Order, OrderNews
from venue.gateway.problems import Problem
from venue.gateway.sessions import Sessions
from venue.gateway.streams import feed as feeds
from venue.gateway.streams.feed import Feed, Key
from venue.gateway.streams.messages import Channel
from venue.gateway.streams.prices import BookSource, TickerSource
from venue.gateway.streams.private import MemberFeeds
from venue.gateway.streams.public import DEPTHS_MAX, IDLE_SECONDS, PublicFeeds
from venue.gateway.streams.status import StatusSource
from venue.gateway.streams.tape import BarsSource, TradesSource
from venue.marketdata.followed_book import FollowedBook, Update
from venue.marketdata.messages import Bar


class Heard:
    """A reader that keeps all."""

    def __init__(self, feed: Feed, epoch: str = "", number: int | None = None) -> None:
        joined = feed.join(self, epoch, number)
        self.resumed = joined.resumed
        self.said: list[dict[str, Any]] = [json.loads(each) for each in joined.payloads]

    def offer(self, feed: Feed, payload: bytes) -> None:
        self.said.append(json.loads(payload))

    def numbers(self) -> list[int]:
        return [each["number"] for each in self.said]


class OneMarket:
    """As `Markets`, of one symbol."""

    def __init__(self, book: FollowedBook) -> None:
        self.book = book

    def followed(self, symbol: str) -> FollowedBook:
        assert symbol == self.book.symbol
        return self.book


def bar(start: int, trades: int, revision: int = 0) -> Bar:
    return Bar(
        event_seq=1, timestamp_ns=NOW_NS, symbol="ACME", seq=1, start_ns=start * 60_000_000_000,
        open="1", high="2", low="1", close="2", volume="3", value="4", trades=trades,
        revision=revision,
    )  # fmt: skip


def order(number: int, state: str = "new") -> Order:
    return Order(
        order_id="7", client_order_id="c", symbol="ACME", side="buy", type="limit",
        time_in_force="day", quantity="3", filled="0", remaining="3", average_price="0",
        state=state, number=number,
    )  # fmt: skip


def fill(exec_id: str) -> Fill:
    return Fill(exec_id, "7", "c", "ACME", "buy", "1", "2", "m", "maker", "")


def test_who_comes_back_gets_what_he_lacks_and_nothing_twice() -> None:
    source = TradesSource("ACME", "e")
    market = Market()
    for _ in range(10):
        source.take(market.trade("100"))
    late = Heard(source.feed, "e", 7)
    assert late.resumed and late.numbers() == [8, 9, 10]
    assert Heard(source.feed, "e", 10).said == []
    for epoch, number in (("other", 7), ("e", 11), ("e", None), ("", 0)):
        whole = Heard(source.feed, epoch, number)
        assert not whole.resumed
        assert (whole.said[0]["type"], whole.numbers()) == ("trades.snapshot", [10])
        assert len(whole.said[0]["trades"]) == 10


def test_history_is_bounded_and_behind_it_comes_a_snapshot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "HISTORY", 5)
    source, market = TradesSource("ACME", "e"), Market()
    for _ in range(10):
        source.take(market.trade("100"))
    assert Heard(source.feed, "e", 5).numbers() == [6, 7, 8, 9, 10]
    assert Heard(source.feed, "e", 4).said[0]["type"] == "trades.snapshot"


def test_busts_and_corrections_are_said_of_the_trade_they_change() -> None:
    source, market = TradesSource("ACME", "e"), Market()
    heard = Heard(source.feed)
    source.take(market.trade("100"))
    source.take(market.correction("M1", "101", "100"))
    source.take(market.bust("M1", "101"))
    states = [each["trade"]["state"] for each in heard.said[1:]]
    assert states == ["", "corrected", "busted"]
    assert {each["trade"]["aggressor"] for each in heard.said[1:]} == {"buy"}
    (trade,) = Heard(source.feed).said[0]["trades"]
    assert (trade["match_id"], trade["price"], trade["state"]) == ("M1", "101", "busted")


def test_bars_of_the_highest_revision_count() -> None:
    source = BarsSource("ACME", "e")
    heard = Heard(source.feed)
    for told in (bar(1, 1), bar(1, 2), bar(2, 1), bar(1, 1, 1), bar(1, 2), bar(2, 1)):
        source.take(told)
    assert heard.numbers() == [0, 1, 2, 3, 4], "an older word, and the same again, are not said"
    (first, second) = Heard(source.feed).said[0]["bars"]
    assert (first["trades"], first["revision"], second["trades"]) == (1, 1, 1)


def test_ticker_is_said_when_a_price_has_changed() -> None:
    market = Market()
    source = TickerSource(Key(Channel.TICKER, "ACME"), "e", market.book)
    heard = Heard(source.feed)

    def take(update: Update) -> None:
        source.take(market.book, update)

    take(market.update(market.new(Side.BUY, "99.00", "1")))
    take(market.update(market.new(Side.BUY, "98.00", "1")))
    take(market.update(trades=(market.trade("99.50"),)))
    assert [(each["bid"], each["last"]) for each in heard.said] == [
        (None, None), (["99", "1", 1], None), (["99", "1", 1], "99.50"),
    ]  # fmt: skip


def test_other_terms_of_an_instrument_begin_the_book_anew() -> None:
    market = Market()
    market.update(market.new(Side.BUY, "99.00", "1"))
    source = BookSource(Key(Channel.BOOK, "ACME", 10), "e", market.book)
    heard = Heard(source.feed)
    terms = market.book.everything()._replace(fresh=False, definition=definition("ACME"))
    source.take(market.book, terms)
    assert [each["type"] for each in heard.said] == ["book.snapshot"] * 2
    assert heard.numbers() == [0, 1]
    assert Heard(source.feed, "e", 0).numbers() == [1]


def test_status_tells_phases_and_what_is_not_current() -> None:
    source = StatusSource("e")
    heard = Heard(source.feed)
    source.take(status("ACME"))
    source.take(status("ACME"))
    source.set(is_current=True, is_on=True)
    source.set(is_current=True, is_on=True)
    source.take(status("ACME", Phase.HALT))
    source.set(is_current=False, is_on=False)
    assert heard.numbers() == [0, 1, 2, 3, 4]
    told = [(each["market_data"], each["trading"], len(each["symbols"])) for each in heard.said]
    assert told[1:] == [
        ("stale", "away", 1), ("current", "on", 0), ("current", "on", 1), ("stale", "away", 0),
    ]  # fmt: skip
    (acme,) = Heard(source.feed).said[0]["symbols"]
    assert (acme["phase"], acme["session_phase"]) == ("HALT", "CONTINUOUS")


def test_books_nobody_hears_are_forgotten_and_depths_are_bounded() -> None:
    hub, market, now = Hub(), Market(), 0.0
    public = PublicFeeds(hub, OneMarket(market.book), "e", lambda: now)  # type: ignore[arg-type]
    readers = [
        Heard(public.feed(Channel.BOOK, "ACME", depth)) for depth in range(1, DEPTHS_MAX + 1)
    ]
    with pytest.raises(Problem, match="take one of 1, 2"):
        public.feed(Channel.BOOK, "ACME", DEPTHS_MAX + 1)
    feed = public.feed(Channel.BOOK, "ACME", 5)
    feed.leave(readers[4])
    public.forget_idle()
    now = IDLE_SECONDS
    public.forget_idle()
    assert public.feed(Channel.BOOK, "ACME", 5) is feed, "he may still come back"
    now = IDLE_SECONDS + 1
    public.forget_idle()
    again = public.feed(Channel.BOOK, "ACME", 5)
    assert again is not feed and again.epoch != feed.epoch
    hub.tell(Topic.MARKET, "ACME", market.update(market.new(Side.BUY, "99.00", "1")))
    assert all(each.numbers() == [0, 1] for each in readers if each is not readers[4])


def test_ten_levels_are_shown_where_no_depth_is_named() -> None:
    market = Market()
    public = PublicFeeds(Hub(), OneMarket(market.book), "e", lambda: 0.0)  # type: ignore[arg-type]
    assert public.feed(Channel.BOOK, "ACME", 0) is public.feed(Channel.BOOK, "ACME", 10)
    for channel in (Channel.TRADES, Channel.TICKER, Channel.BARS):
        assert public.feed(channel, "ACME", 0).key == (channel, "ACME", 0)
        with pytest.raises(Problem, match="only a book"):
            public.feed(channel, "ACME", 5)


def test_orders_fills_and_alerts_are_of_their_member() -> None:
    hub = Hub()
    secrets = {"ALPHA": ("ALPHA-API", "x"), "BRAVO": ("BRAVO-API", "x")}
    members = MemberFeeds(hub, Sessions(lambda: ("", 0), secrets), "e")
    channels = (Channel.ORDERS, Channel.FILLS, Channel.ALERTS)
    mine, other = (
        {channel: Heard(members.feed(channel, member)) for channel in channels}
        for member in ("ALPHA", "BRAVO")
    )
    hub.tell(Topic.ORDERS, "ALPHA", OrderNews(1, order(1)))
    for number in (2, 3):  # the report came again behind a logon
        hub.tell(Topic.ORDERS, "ALPHA", OrderNews(number, order(number, "filled"), fill("9")))
    alert = Alert(type="T", timestamp_ns=1, consumer="c", event_seq=0, error="e", member="ALPHA")
    hub.tell(Topic.ALERTS, "ALPHA", alert)
    assert mine[Channel.ORDERS].numbers() == [0, 1, 2, 3]
    assert mine[Channel.FILLS].numbers() == [0, 1]
    assert mine[Channel.ALERTS].said[1]["alert"]["error"] == "e"
    assert all(len(heard.said) == 1 for heard in other.values())
    with pytest.raises(Problem, match="CHARLIE does not trade"):
        members.feed(Channel.ORDERS, "CHARLIE")
