"""Message rates: at and over the rate, cancels by themselves, far over it, orders to trades."""

import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.risk.rates import ExcessWatch, TokenBucket

from .builders import Venue, buy, cancel, replace, sell
from .outcomes import code, kinds, why

SECOND = 1_000_000_000


def slow(venue: Venue, rate: int) -> None:
    """ALPHA may send so many messages a second; the bucket is full."""
    venue.do(c.AddSession("ALPHA", "ALPHA", True, rate))
    wait(venue, 10)


def wait(venue: Venue, seconds: float) -> None:
    venue.now_ns += int(seconds * SECOND)


def test_a_seconds_worth_passes_at_once_and_the_next_is_refused(venue: Venue) -> None:
    slow(venue, 3)
    assert [code(venue.do(buy(f"A{n}", "1", "99"))) for n in range(3)] == [None] * 3
    over = venue.do(buy("A3", "1", "99"))
    assert why(over) == "THROTTLED more than 3 orders and replaces a second"
    assert code(venue.do(replace("A4", "A0", "2", "99"))) == "THROTTLED"
    assert code(venue.do(buy("B1", "1", "99", session="ALPHA2"))) is None


def test_bucket_fills_by_the_rate(venue: Venue) -> None:
    slow(venue, 2)
    venue.do_all(buy("A1", "1", "99"), buy("A2", "1", "99"))
    wait(venue, 0.499)
    assert code(venue.do(buy("A3", "1", "99"))) == "THROTTLED"
    wait(venue, 0.001)
    assert code(venue.do(buy("A4", "1", "99"))) is None
    assert code(venue.do(buy("A5", "1", "99"))) == "THROTTLED"
    wait(venue, 100)
    assert [code(venue.do(buy(f"B{n}", "1", "99"))) for n in range(3)] == [None, None, "THROTTLED"]


def test_one_message_a_second(venue: Venue) -> None:
    slow(venue, 1)
    assert code(venue.do(buy("A1", "1", "99"))) is None
    wait(venue, 0.9)
    assert code(venue.do(buy("A2", "1", "99"))) == "THROTTLED"
    wait(venue, 0.1)
    assert code(venue.do(buy("A3", "1", "99"))) is None


def test_refused_messages_count_and_another_refusal_goes_first(venue: Venue) -> None:
    slow(venue, 2)
    assert code(venue.do(buy("A1", "1", "500"))) == "PRICE_OUTSIDE_COLLAR"
    assert code(venue.do(replace("A2", "NONE", "1", "99"))) == "UNKNOWN_ORDER"
    assert code(venue.do(buy("A3", "1", "500"))) == "PRICE_OUTSIDE_COLLAR"
    assert code(venue.do(buy("A4", "1", "99"))) == "THROTTLED"


def test_throttled_order_has_no_effect_but_its_spent_id(venue: Venue) -> None:
    slow(venue, 1)
    venue.do_all(buy("A1", "1", "99"), buy("A2", "1", "99"))
    assert list(venue.engine.state.orders) == ["1"]
    wait(venue, 5)
    assert code(venue.do(buy("A2", "1", "99"))) == "DUPLICATE_CL_ORD_ID"


def test_cancels_have_a_bucket_of_their_own_twice_as_large(venue: Venue) -> None:
    slow(venue, 2)
    venue.do_all(*(buy(f"X{n}", "1", "99", session="ALPHA2") for n in range(5)))
    venue.do_all(buy("A1", "1", "99"), buy("A2", "1", "99"), buy("A3", "1", "99"))
    results = [code(venue.do(cancel(f"C{n}", f"X{n}", order_id=str(n + 1)))) for n in range(5)]
    assert results == [None, None, None, None, "THROTTLED"]
    (report,) = venue.do(c.MassCancel("ALPHA", "M1", "7"))
    assert isinstance(report, e.MassCancelReported)
    assert (report.response, report.reject_reason) == ("0", "99")
    assert report.text == "THROTTLED more than 4 cancels a second"
    wait(venue, 0.25)
    assert code(venue.do(cancel("C9", "A1"))) is None
    assert venue.engine.state.orders["5"].is_open


def flood(venue: Venue, first: int, count: int) -> list[e.SessionEnded]:
    """So many messages within this second; the ends of sessions they cause."""
    ends = []
    for number in range(first, first + count):
        events = venue.do(buy(f"F{number}", "1", "99"))
        ends += [event for event in events if isinstance(event, e.SessionEnded)]
    return ends


def next_second(venue: Venue) -> None:
    venue.now_ns = (venue.now_ns // SECOND + 1) * SECOND


def test_three_times_the_rate_for_three_seconds_ends_the_session(venue: Venue) -> None:
    slow(venue, 10)
    for second in range(2):
        next_second(venue)
        assert flood(venue, second * 100, 60) == []
    next_second(venue)
    assert flood(venue, 300, 29) == []
    (end,) = flood(venue, 400, 40)
    assert (end.session, end.member, end.disabled) == ("ALPHA", "ALPHA", False)
    assert end.text == "THROTTLED far over 10 messages a second for seconds"
    for second in range(5, 8):
        next_second(venue)
        ends = flood(venue, second * 100, 30)
    assert len(ends) == 1, "and again after as long"


@pytest.mark.parametrize("pause", ["calm second", "empty second"])
def test_a_second_of_less_begins_the_count_anew(venue: Venue, pause: str) -> None:
    slow(venue, 10)
    for second in range(2):
        next_second(venue)
        flood(venue, second * 100, 30)
    next_second(venue)
    if pause == "calm second":
        flood(venue, 200, 29)
    next_second(venue)
    assert flood(venue, 300, 60) == []
    next_second(venue)
    assert flood(venue, 400, 60) == []
    next_second(venue)
    assert len(flood(venue, 500, 60)) == 1


@pytest.mark.parametrize("rate", [1, 3, 7, 1000, 20_000])
def test_bucket_never_gives_more_than_a_seconds_worth_in_a_second(rate: int) -> None:
    bucket, start = TokenBucket(), 5 * SECOND
    at_once = sum(bucket.take(rate, start) for _ in range(rate + 5))
    assert at_once == rate
    steps = 40
    later = sum(
        bucket.take(rate, start + SECOND * n // steps)
        for n in range(1, steps + 1)
        for _ in range(rate)
    )
    assert later == rate


def test_watch_tells_once_in_so_many_seconds() -> None:
    watch = ExcessWatch()
    told = [
        second
        for second in range(10, 19)
        for number in range(7)
        if watch.count_message(2, second * SECOND + number)
    ]
    assert told == [12, 15, 18]


def ratio(venue: Venue, value: str) -> None:
    venue.do(c.SetLimits("ALPHA", {"order_to_trade_ratio": value}))


def alerts(events: list[e.AnyEvent]) -> list[str]:
    return [event.detail for event in events if isinstance(event, e.RiskAlerted)]


def test_orders_to_trades_over_the_ratio_are_told_and_stop_nobody(venue: Venue) -> None:
    ratio(venue, "20")
    told: list[str] = []
    for number in range(100):
        told += alerts(venue.do(buy(f"A{number}", "1", "99")))
    assert told == ["100 messages, 0 trades, 20 is the ratio"]
    events = venue.do(buy("B1", "1", "99"))
    assert kinds(events) == ["OrderAccepted"]
    for number in range(99):
        told += alerts(venue.do(cancel(f"C{number}", f"A{number}")))
    assert told[1:] == ["200 messages, 0 trades, 20 is the ratio"]


def test_trades_keep_the_ratio_down_and_a_day_begins_anew(venue: Venue) -> None:
    ratio(venue, "20")
    told: list[str] = []
    venue.do_all(*(sell(f"S{n}", "1", "99") for n in range(5)), buy("T1", "5", "99"))
    for number in range(99):
        told += alerts(venue.do(buy(f"A{number}", "1", "98")))
    assert told == []  # 100 messages to 5 trades
    assert alerts(venue.do(buy("A99", "1", "98"))) == ["101 messages, 5 trades, 20 is the ratio"]
    venue.do_all(c.EndDay(), c.StartDay("2026-01-06"))
    for number in range(99):
        told += alerts(venue.do(buy(f"D{number}", "1", "98")))
    assert told == []
