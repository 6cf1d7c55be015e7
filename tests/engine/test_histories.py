"""The venue goes on from older data: sessions are closed until an operator opens them."""

from venue.domain import commands as c
from venue.domain import events as e
from venue.engine.image.capture import image_of
from venue.engine.image.restore import state_from

from .builders import Venue, buy
from .outcomes import ended, kinds, refusal

BEGIN = c.BeginHistory("5e55", "restored")
GRACE_NS = 1_000
CLOSED = "SESSIONS_CLOSED the venue goes on from older data"


def test_history_begins_once_and_closes_every_session(venue: Venue) -> None:
    venue.do(c.LogOn("ALPHA"))
    assert venue.do(BEGIN) == venue.stamped(
        e.HistoryBegun(0, 0, 2, "5e55", "restored"),
        e.SessionEnded(0, 0, "ALPHA", "ALPHA", CLOSED, False, "", ""),
    )
    assert venue.engine.state.sessions_closed == "restored"
    assert refusal(venue.do(BEGIN)) == "history 5e55 has begun already"
    assert kinds(venue.do(c.BeginHistory("77", "another copy"))) == ["HistoryBegun", "SessionEnded"]
    assert venue.engine.state.histories == ("5e55", "77")


def test_operator_opens_the_sessions(venue: Venue) -> None:
    assert refusal(venue.do(c.OpenSessions("olga"))) == "the sessions are open"
    venue.do(BEGIN)
    assert venue.do(c.OpenSessions("olga", "agreed")) == venue.stamped(
        e.SessionsOpened(0, 0, 2, "olga", "agreed")
    )
    assert venue.engine.state.sessions_closed is None


def test_second_operator_may_have_to_agree(venue: Venue) -> None:
    venue.do_all(BEGIN, c.SetFourEyes(("OpenSessions",), "olga"))
    assert kinds(venue.do(c.OpenSessions("olga"))) == ["ActionHeld"]
    assert venue.engine.state.sessions_closed is not None


def test_every_session_may_be_ahead_until_it_has_logged_on_or_is_reset(venue: Venue) -> None:
    venue.do(BEGIN)
    sessions = venue.engine.state.sessions
    assert all(session.may_be_ahead for session in sessions.values())
    venue.do_all(c.OpenSessions("olga"), c.LogOn("ALPHA"), c.ResetSession("BRAVO", "olga"))
    ahead = {name for name, session in sessions.items() if session.may_be_ahead}
    assert ahead == set(sessions) - {"ALPHA", "BRAVO"}


def test_orders_of_closed_sessions_wait_for_the_opening_and_then_for_the_logon(
    venue: Venue,
) -> None:
    """The grace of a start must not run out while nobody can log on."""
    venue.do_all(c.LogOn("ALPHA"), buy("A1", "1", "99"))
    venue.do_all(c.StartVenue(2, GRACE_NS), BEGIN)
    assert venue.engine.next_due_ns is None
    venue.do(c.StartVenue(3, GRACE_NS))
    assert venue.engine.next_due_ns is None
    venue.do(c.OpenSessions("olga"))
    assert venue.engine.next_due_ns == venue.now_ns + GRACE_NS
    venue.now_ns += GRACE_NS
    venue.do(c.AdvanceTime())
    (cancel,) = venue.engine.take_follow_ups()
    assert ended(venue.do(cancel)) == [("1", "99", "CANCEL_ON_DISCONNECT the session ended")]


def test_closed_sessions_come_back_from_an_image(venue: Venue) -> None:
    venue.do_all(c.StartVenue(2, GRACE_NS), BEGIN, c.LogOn("ALPHA"))
    image = image_of(venue.engine.state)
    again = state_from(image)
    assert image_of(again) == image
    assert (again.histories, again.sessions_closed) == (("5e55",), "restored")
    assert again.sessions["BRAVO"].may_be_ahead and not again.sessions["ALPHA"].may_be_ahead
