"""Logon, logout and start: whose orders are cancelled when, and what follows later."""

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.types import OrdStatus
from venue.engine.trading.slices import SLICE

from .builders import Venue, buy, canceled, sell, view

GRACE_NS = 30_000_000_000
TEXT = "CANCEL_ON_DISCONNECT the session ended"


def doomed(order_id: str, cl_ord_id: str, session: str = "ALPHA") -> e.OrderCanceled:
    """The cancellation of a bid for 1 at 99 whose session has ended."""
    order = view(
        order_id, cl_ord_id, "1", "1", "99", session=session, leaves="0", status=OrdStatus.CANCELED
    )
    return canceled(order, reason="99", text=TEXT)


def log_out(session: str = "ALPHA") -> e.SessionLoggedOut:
    return e.SessionLoggedOut(0, 0, session, "ALPHA")


def open_orders(venue: Venue, session: str = "ALPHA") -> int:
    return len(venue.engine.state.sessions[session].open_orders)


def enter_many(venue: Venue, count: int) -> None:
    for number in range(count):
        venue.do(buy(f"A{number}", "1", "99"))


def start_again(venue: Venue) -> None:
    venue.do(c.StartVenue(2, GRACE_NS))


def wait(venue: Venue, nanoseconds: int) -> list[e.AnyEvent]:
    """AdvanceTime so much later."""
    venue.now_ns += nanoseconds - 1
    return venue.do(c.AdvanceTime())


def follow(venue: Venue) -> list[e.AnyEvent]:
    """Events of the one command that was left to do."""
    (command,) = venue.engine.take_follow_ups()
    return venue.do(command)


def test_logon_is_reported_with_its_reset(venue: Venue) -> None:
    assert venue.do(c.LogOn("ALPHA", reset=True)) == venue.stamped(
        e.SessionLoggedOn(0, 0, "ALPHA", "ALPHA", True)
    )


def test_logout_cancels_the_sessions_orders_and_no_others(venue: Venue) -> None:
    venue.do_all(buy("A1", "1", "99"), buy("X1", "1", "99", session="ALPHA2"))
    venue.do_all(buy("A2", "1", "99"), sell("B1", "1", "105"))
    assert venue.do(c.LogOut("ALPHA")) == venue.stamped(
        log_out(), doomed("1", "A1"), doomed("3", "A2")
    )
    assert open_orders(venue, "ALPHA2") == open_orders(venue, "BRAVO") == 1
    assert venue.engine.take_follow_ups() == []


def test_choice_at_logon_holds_until_the_next_logon(venue: Venue) -> None:
    venue.do_all(c.LogOn("ALPHA", cancel_on_disconnect=False), buy("A1", "1", "99"))
    assert venue.do(c.LogOut("ALPHA")) == venue.stamped(log_out())
    venue.do(c.LogOn("ALPHA"))
    assert venue.do(c.LogOut("ALPHA")) == venue.stamped(log_out(), doomed("1", "A1"))


def test_session_configured_to_keep_its_orders_may_choose_to_cancel_them(venue: Venue) -> None:
    venue.do_all(c.AddSession("ALPHA", "ALPHA", False), c.LogOn("ALPHA"), buy("A1", "1", "99"))
    assert venue.do(c.LogOut("ALPHA")) == venue.stamped(log_out())
    venue.do(c.LogOn("ALPHA", cancel_on_disconnect=True))
    assert venue.do(c.LogOut("ALPHA")) == venue.stamped(log_out(), doomed("1", "A1"))


def test_new_default_counts_from_the_next_logon(venue: Venue) -> None:
    venue.do_all(c.LogOn("ALPHA"), c.AddSession("ALPHA", "ALPHA", False), buy("A1", "1", "99"))
    assert venue.do(c.LogOut("ALPHA")) == venue.stamped(log_out(), doomed("1", "A1"))


def test_many_orders_are_cancelled_in_slices_that_follow(venue: Venue) -> None:
    enter_many(venue, 2 * SLICE + 1)
    assert venue.do(c.LogOut("ALPHA")) == venue.stamped(
        log_out(), *(doomed(str(n + 1), f"A{n}") for n in range(SLICE))
    )
    (second,) = venue.engine.take_follow_ups()
    assert second == c.CancelRemaining("ALPHA", SLICE, 2 * SLICE + 2)
    assert venue.do(second) == venue.stamped(
        *(doomed(str(n + 1), f"A{n}") for n in range(SLICE, 2 * SLICE))
    )
    (third,) = venue.engine.take_follow_ups()
    assert third == c.CancelRemaining("ALPHA", 2 * SLICE, 2 * SLICE + 2)
    assert venue.do(third) == venue.stamped(doomed(str(2 * SLICE + 1), f"A{2 * SLICE}"))
    assert venue.engine.take_follow_ups() == []
    assert open_orders(venue) == 0


def test_exactly_one_slice_needs_no_follow_up(venue: Venue) -> None:
    enter_many(venue, SLICE)
    venue.do(c.LogOut("ALPHA"))
    assert venue.engine.take_follow_ups() == []
    assert open_orders(venue) == 0


def test_remaining_orders_go_though_the_session_is_back_and_what_it_enters_then_stays(
    venue: Venue,
) -> None:
    enter_many(venue, SLICE + 1)
    venue.do_all(c.LogOut("ALPHA"), c.LogOn("ALPHA"), buy("N1", "1", "99"))
    (remaining,) = venue.engine.take_follow_ups()
    assert venue.do(remaining) == venue.stamped(doomed(str(SLICE + 1), f"A{SLICE}"))
    assert venue.engine.take_follow_ups() == []
    assert list(venue.engine.state.sessions["ALPHA"].open_orders) == [str(SLICE + 2)]


def test_what_an_older_engine_left_to_do_is_done(venue: Venue) -> None:
    enter_many(venue, SLICE)
    assert len(venue.do(c.CancelRemaining("ALPHA"))) == SLICE


def test_operators_reset_is_reported_and_cancels_nothing(venue: Venue) -> None:
    venue.do(buy("A1", "1", "99"))
    assert venue.do(c.ResetSession("ALPHA", "olga", "asked for")) == venue.stamped(
        e.SessionReset(0, 0, "ALPHA", "olga", "asked for")
    )
    assert open_orders(venue) == 1


def test_start_cancels_nothing_and_announces_when_the_grace_ends(venue: Venue) -> None:
    venue.do_all(c.LogOn("ALPHA"), buy("A1", "1", "99"))
    assert venue.do(c.StartVenue(2, GRACE_NS)) == venue.stamped(e.VenueStarted(0, 0, 2))
    assert open_orders(venue) == 1
    assert venue.engine.next_due_ns == venue.now_ns + GRACE_NS


def test_orders_are_cancelled_when_the_grace_has_ended(venue: Venue) -> None:
    venue.do(buy("A1", "1", "99"))
    start_again(venue)
    assert wait(venue, GRACE_NS - 1) == []
    assert wait(venue, 1) == []
    assert follow(venue) == venue.stamped(doomed("1", "A1"))
    assert venue.engine.next_due_ns is None


def test_session_that_is_back_within_the_grace_keeps_its_orders(venue: Venue) -> None:
    venue.do_all(buy("A1", "1", "99"), buy("X1", "1", "99", session="ALPHA2"))
    start_again(venue)
    venue.do(c.LogOn("ALPHA"))
    wait(venue, GRACE_NS)
    assert follow(venue) == venue.stamped(doomed("2", "X1", "ALPHA2"))
    assert open_orders(venue) == 1


def test_nothing_is_due_when_everyone_is_back(venue: Venue) -> None:
    venue.do(buy("A1", "1", "99"))
    start_again(venue)
    venue.do(c.LogOn("ALPHA"))
    assert venue.engine.next_due_ns is None


def test_no_grace_runs_for_sessions_without_orders_or_without_the_rule(venue: Venue) -> None:
    venue.do_all(c.LogOn("ALPHA", cancel_on_disconnect=False), buy("A1", "1", "99"))
    start_again(venue)
    assert venue.engine.next_due_ns is None
    assert wait(venue, GRACE_NS) == []


def test_large_session_is_cancelled_in_slices_after_the_grace_too(venue: Venue) -> None:
    enter_many(venue, SLICE + 1)
    start_again(venue)
    wait(venue, GRACE_NS)
    assert [len(follow(venue)) for _ in range(2)] == [SLICE, 1]
    assert venue.engine.take_follow_ups() == []


def test_graces_that_end_together_are_followed_up_one_by_one(venue: Venue) -> None:
    """One command would be too long where hundreds of sessions do not come back."""
    venue.do_all(buy("A1", "1", "99"), buy("X1", "1", "99", session="ALPHA2"))
    start_again(venue)
    assert wait(venue, GRACE_NS) == []
    followed = [venue.do(command) for command in venue.engine.take_follow_ups()]
    assert [len(events) for events in followed] == [1, 1]
    assert venue.engine.next_due_ns is None
