"""What the feed publishes of which event, and what it must keep to itself."""

import zlib
from typing import Any

import msgspec

from venue.domain.events import AnyEvent
from venue.domain.types import OrdStatus, Side
from venue.marketdata import messages
from venue.marketdata.feed import Feed

from .events import (
    accepted,
    busted,
    canceled,
    corrected,
    day_ended,
    day_started,
    disabled,
    halted,
    instrument_added,
    order,
    resumed,
    traded,
)


def published(feed: Feed, *events: AnyEvent) -> list[tuple[str, dict[str, Any]]]:
    for event in events:
        feed.apply(event)
    return [(p.kind, msgspec.json.decode(p.payload)) for p in feed.take()]


def of_kind(publications: list[tuple[str, dict[str, Any]]], kind: str) -> list[dict[str, Any]]:
    return [payload for name, payload in publications if name == kind]


def filled(order_id: str, side: Side, price: str) -> Any:
    return order(order_id, side, price, "0", status=OrdStatus.FILLED)


def test_a_resting_order_shows_in_depth_and_best_bid() -> None:
    publications = published(Feed(), accepted(7, order("O1", Side.BUY, "100.50", "10")))
    assert of_kind(publications, "depth") == [
        {
            "type": "Depth",
            "event_seq": 7,
            "timestamp_ns": 1_700_000_000_000_000_007,
            "symbol": "ACME",
            "seq": 1,
            "v": 1,
            "update": 1,
            "bids": [["100.5", "10", 1]],
            "asks": [],
            "checksum": zlib.crc32(b"100510"),
        }
    ]
    (best,) = of_kind(publications, "bbo")
    assert (best["bid"], best["ask"]) == (["100.5", "10", 1], None)


def test_nothing_is_published_twice() -> None:
    feed = Feed()
    assert published(feed, accepted(1, order("O1", Side.BUY, "100", "10")))
    assert published(feed) == []
    away = order("O9", Side.BUY, "101", "5", ord_type="1")
    assert published(feed, accepted(2, away)) == []


def test_best_bid_offer_only_on_change() -> None:
    feed = Feed()
    published(feed, accepted(1, order("O1", Side.BUY, "100", "10")))
    below = published(feed, accepted(2, order("O2", Side.BUY, "99", "10")))
    assert [kind for kind, _ in below] == ["l3", "depth"]
    assert of_kind(below, "depth")[0]["seq"] == 2


def test_depth_waits_while_the_book_is_crossed() -> None:
    feed = Feed()
    published(feed, accepted(1, order("O1", Side.SELL, "100", "10")))
    assert published(feed, accepted(2, order("O2", Side.BUY, "100", "10"))) == []
    trade = traded(
        3, "100", "10", filled("O2", Side.BUY, "100"), filled("O1", Side.SELL, "100"), amount="1000"
    )
    publications = published(feed, trade)
    kinds = [kind for kind, _ in publications]
    assert kinds == ["trade", "l3", "stats", "bars.1m", "depth", "bbo"]
    assert (of_kind(publications, "depth")[0]["bids"], of_kind(publications, "bbo")[0]["ask"]) == (
        [],
        None,
    )


def test_a_waiting_book_is_published_when_another_symbols_batch_comes() -> None:
    feed = Feed()
    published(feed, accepted(1, order("O1", Side.SELL, "100", "10")))
    published(feed, accepted(2, order("O2", Side.BUY, "100", "3")))
    feed.apply(canceled(3, order("O2", Side.BUY, "100", "0", status=OrdStatus.CANCELED)))
    other = accepted(4, order("O3", Side.BUY, "5", "1", symbol="GLOBEX"))
    # The book is as it was before the crossing order: nothing to say about it.
    assert {p["symbol"] for _, p in published(feed, other)} == {"GLOBEX"}


def test_trade_names_match_price_quantity_and_aggressor_only() -> None:
    trade = traded(
        3,
        "100",
        "10",
        filled("O2", Side.BUY, "100"),
        filled("O1", Side.SELL_SHORT, "100"),
        aggressor=Side.SELL_SHORT,
    )
    ((_, payload),) = [p for p in published(Feed(), trade) if p[0] == "trade"]
    assert payload == {
        "type": "Trade",
        "event_seq": 3,
        "timestamp_ns": 1_700_000_000_000_000_003,
        "symbol": "ACME",
        "seq": 1,
        "v": 1,
        "update": 1,
        "match_id": "M3",
        "price": "100",
        "quantity": "10",
        "aggressor": "2",
    }


def test_no_private_data_leaves() -> None:
    feed = Feed()
    history: list[AnyEvent] = [
        instrument_added(1),
        day_started(2),
        halted(3),
        accepted(3, order("SECRET-ID", Side.BUY, "100", "10")),
        traded(
            4, "100", "1", order("SECRET-ID", Side.BUY, "100", "9"), filled("S", Side.SELL, "1")
        ),
    ]
    for event in history:
        feed.apply(event)
    publications = feed.take() + feed.last_values()
    assert {p.kind for p in publications} == set(messages.KINDS.values())
    for event in changed_trade():
        feed.apply(event)
    publications += feed.take()
    assert not [p for p in publications if b"SECRET" in p.payload]


def test_statistics_of_the_day_and_a_new_day() -> None:
    def trade(seq: int, price: str, quantity: str, amount: str, day: str) -> AnyEvent:
        buy, sell = filled(f"B{seq}", Side.BUY, price), filled(f"S{seq}", Side.SELL, price)
        return traded(seq, price, quantity, buy, sell, amount=amount, trading_day=day)

    feed = Feed()
    first = published(
        feed,
        day_started(1, "2026-01-05"),
        trade(2, "100", "1", "100", "2026-01-05"),
        trade(3, "102.5", "2", "205", "2026-01-05"),
        trade(4, "99", "0.5", "49.5", "2026-01-05"),
    )
    (stats,) = of_kind(first, "stats")
    names = ("open", "high", "low", "last", "volume", "value", "trades")
    assert [stats[name] for name in names] == ["100", "102.5", "99", "99", "3.5", "354.5", 3]
    second = published(feed, day_started(5, "2026-01-06"))
    (stats,) = of_kind(second, "stats")
    assert [stats[name] for name in names] == [None, None, None, None, "0", "0", 0]
    assert of_kind(second, "status")[0]["trading_day"] == "2026-01-06"


def test_status_tells_the_phase_of_a_new_instrument_and_of_the_day() -> None:
    feed = Feed()
    (before,) = of_kind(published(feed, instrument_added(1)), "status")
    (after,) = of_kind(published(feed, day_started(2)), "status")
    (end,) = of_kind(published(feed, day_ended(3)), "status")
    (next_day,) = of_kind(published(feed, day_started(4, "2026-01-06")), "status")
    phases = [status["phase"] for status in (before, after, end, next_day)]
    assert phases == ["START_OF_DAY", "CONTINUOUS", "CLOSED", "CONTINUOUS"]
    days = [status["trading_day"] for status in (before, after, end, next_day)]
    assert days == ["", "2026-01-05", "2026-01-05", "2026-01-06"]


def statuses(feed: Feed, *events: AnyEvent) -> list[tuple[str, str, bool]]:
    """Symbol, phase and whether it is disabled, of the statuses that an event makes public."""
    return [
        (status["symbol"], status["phase"], status["disabled"])
        for status in of_kind(published(feed, *events), "status")
    ]


def test_status_tells_when_one_symbol_is_halted_and_goes_on() -> None:
    feed = Feed()
    published(feed, instrument_added(1), instrument_added(2, "GLOBEX"), day_started(3))
    (halt,) = of_kind(published(feed, halted(4)), "status")
    assert (halt["symbol"], halt["phase"], halt["session_phase"]) == ("ACME", "HALT", "CONTINUOUS")
    assert statuses(feed, accepted(5, order("O1", Side.BUY, "100", "10"))) == []
    assert statuses(feed, resumed(6)) == [("ACME", "CONTINUOUS", False)]


def test_symbol_stays_halted_over_the_end_of_the_day() -> None:
    feed = Feed()
    published(feed, instrument_added(1), day_started(2), halted(3))
    assert statuses(feed, day_ended(4)) == [("ACME", "CLOSED", False)]
    assert statuses(feed, day_started(5, "2026-01-06")) == [("ACME", "HALT", False)]


def test_status_tells_when_a_symbol_is_out_of_trading_until_it_is_added_again() -> None:
    feed = Feed()
    published(feed, instrument_added(1), day_started(2), halted(3))
    assert statuses(feed, disabled(4)) == [("ACME", "HALT", True)]
    assert statuses(feed, resumed(5)) == [("ACME", "CONTINUOUS", True)]
    assert statuses(feed, instrument_added(6)) == [("ACME", "CONTINUOUS", False)]


def test_status_published_before_symbols_could_be_disabled_is_taken_up() -> None:
    old = b"""{"type":"Status","event_seq":1,"timestamp_ns":1,"symbol":"ACME","seq":7,"v":1,
    "trading_day":"2026-01-05","phase":"CONTINUOUS"}"""
    feed = Feed()
    feed.resume([msgspec.json.decode(old, type=messages.AnyMarketData)])
    again = statuses(feed, instrument_added(1), day_started(2))
    assert again == [("ACME", "CONTINUOUS", False)], "the session's phase is new"
    (status,) = of_kind(published(feed, disabled(3)), "status")
    assert (status["seq"], status["disabled"]) == (9, True)


def changed_trade() -> tuple[AnyEvent, AnyEvent, AnyEvent]:
    """A trade of 10 at 100, corrected to 8 at 101, then busted."""
    buy, sell = filled("B", Side.BUY, "100"), filled("S", Side.SELL, "100")
    trade = traded(2, "100", "10", buy, sell, amount="1000")
    correction = corrected(3, trade, "101", "8", "808", buy, sell)
    now = msgspec.structs.replace(trade, last_px="101", last_qty="8", amount="808")
    return trade, correction, busted(4, now, buy, sell)


def test_a_correction_and_a_bust_are_said_among_the_trades() -> None:
    feed = Feed()
    messages = of_kind(published(feed, day_started(1), *changed_trade()), "trade")
    assert [message.pop("event_seq") for message in messages] == [2, 3, 4]
    assert [message.pop("seq") for message in messages] == [1, 2, 3]
    for message in messages:
        del message["timestamp_ns"], message["v"], message["symbol"], message["update"]
    assert messages[1:] == [
        {
            "type": "TradeCorrected",
            "match_id": "M2",
            "price": "101",
            "quantity": "8",
            "previous_price": "100",
            "previous_quantity": "10",
        },
        {"type": "TradeBusted", "match_id": "M2", "price": "101", "quantity": "8"},
    ]


def test_a_correction_and_a_bust_change_the_totals_but_no_price() -> None:
    feed = Feed()
    trade, correction, bust = changed_trade()
    totals = []
    for events in ((day_started(1), trade), (correction,), (bust,)):
        (stats,) = of_kind(published(feed, *events), "stats")
        assert [stats[name] for name in ("open", "high", "low", "last")] == ["100"] * 4
        totals.append((stats["volume"], stats["value"], stats["trades"]))
    assert totals == [("10", "1000", 1), ("8", "808", 1), ("0", "0", 0)]
