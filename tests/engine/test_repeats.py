"""The repeated-execution throttle: equal orders that trade within a second block their session."""

import pytest

from venue.domain import commands as c
from venue.domain import events as e

from .builders import Venue, buy, cancel, sell
from .outcomes import code, ended, kinds, refusal

SECOND = 1_000_000_000
DETAIL = "3 equal orders traded in a second, 2 are the most"


@pytest.fixture
def watched(venue: Venue) -> Venue:
    """Two equal orders of ALPHA may trade in a second; there is plenty to trade with."""
    venue.do(c.AddSession("ALPHA", "ALPHA", True, 20_000, 2))
    venue.do_all(sell("S1", "100", "100"), sell("S2", "100", "100"))
    return venue


def test_one_order_too_many_blocks_the_session_and_cancels_its_orders(watched: Venue) -> None:
    watched.do_all(buy("A1", "1", "99"), buy("X1", "1", "99", session="ALPHA2"))
    assert kinds(watched.do(buy("A2", "5", "100"))) == ["OrderAccepted", "TradeExecuted"]
    assert kinds(watched.do(buy("A3", "5", "100"))) == ["OrderAccepted", "TradeExecuted"]
    accepted, trade, blocked = watched.do(buy("A4", "5", "100"))
    assert kinds([accepted, trade]) == ["OrderAccepted", "TradeExecuted"]
    assert blocked == e.EntryBlocked(
        blocked.event_seq, watched.now_ns, "session", "ALPHA", "REPEATED_EXECUTIONS", DETAIL, "", ""
    )
    (command,) = watched.engine.take_follow_ups()
    assert ended(watched.do(command)) == [("3", "8", f"REPEATED_EXECUTIONS {DETAIL}")]
    assert code(watched.do(buy("A5", "5", "100"))) == "REPEATED_EXECUTIONS"
    assert code(watched.do(buy("X2", "5", "100", session="ALPHA2"))) is None


def test_block_stays_until_a_named_person_lifts_it(watched: Venue) -> None:
    watched.do_all(*(buy(f"A{n}", "5", "100") for n in range(3)))
    watched.do_all(c.EndDay(), c.StartDay("2026-01-06"), sell("S3", "100", "100"))
    assert code(watched.do(buy("N1", "5", "100"))) == "REPEATED_EXECUTIONS"
    assert refusal(watched.do(c.Revive("session", "ALPHA"))) == "who revives must be named"
    (event,) = watched.do(c.Revive("session", "ALPHA", "olga", "looked at"))
    assert isinstance(event, e.EntryRestored) and event.code == "REPEATED_EXECUTIONS"
    assert kinds(watched.do(buy("N2", "5", "100"))) == ["OrderAccepted", "TradeExecuted"]


def test_order_that_sweeps_many_counts_once(watched: Venue) -> None:
    watched.do_all(*(sell(f"T{n}", "1", "99") for n in range(20)))
    events = watched.do(buy("A1", "20", "99"))
    assert kinds(events) == ["OrderAccepted", *["TradeExecuted"] * 20]
    assert watched.engine.state.sessions["ALPHA"].blocked is None


@pytest.mark.parametrize("change", ["price", "quantity", "side", "session", "time", "no trade"])
def test_orders_that_differ_are_counted_apart(watched: Venue, change: str) -> None:
    watched.do_all(buy("A1", "5", "100"), buy("A2", "5", "100"))
    third = buy("A3", "5", "100")
    if change == "price":
        third = buy("A3", "5", "101")
    elif change == "quantity":
        third = buy("A3", "6", "100")
    elif change == "side":
        watched.do(buy("B1", "5", "99.5", session="BRAVO"))
        third = sell("A3", "5", "99.5", session="ALPHA")
    elif change == "session":
        third = buy("A3", "5", "100", session="ALPHA2")
    elif change == "time":
        watched.now_ns += SECOND
    else:
        third = buy("A3", "5", "99")
    watched.do(third)
    assert watched.engine.state.sessions["ALPHA"].blocked is None


def test_resting_orders_that_are_hit_again_and_again_are_no_repeats(watched: Venue) -> None:
    watched.do(buy("A1", "100", "99"))
    watched.do_all(*(sell(f"T{n}", "1", "99") for n in range(20)))
    assert watched.engine.state.sessions["ALPHA"].blocked is None


def test_without_a_limit_nothing_is_counted(venue: Venue) -> None:
    venue.do_all(sell("S1", "100", "100"), *(buy(f"A{n}", "1", "100") for n in range(50)))
    session = venue.engine.state.sessions["ALPHA"]
    assert session.blocked is None and not session.repeats


def test_what_is_left_of_the_order_that_was_too_many_is_canceled_too(watched: Venue) -> None:
    for number in range(3):
        watched.do(sell(f"T{number}", "1", "99"))
        events = watched.do(buy(f"A{number}", "2", "99"))
        if number < 2:
            watched.do(cancel(f"C{number}", f"A{number}"))
    assert kinds(events) == ["OrderAccepted", "TradeExecuted", "EntryBlocked"]
    assert watched.engine.state.orders["8"].leaves_lots == 1
    (command,) = watched.engine.take_follow_ups()
    assert [order_id for order_id, _, _ in ended(watched.do(command))] == ["8"]
