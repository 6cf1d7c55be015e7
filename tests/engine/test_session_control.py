"""The operator logs a session out, disables and enables it; what the session's orders do then."""

import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.codec import encode
from venue.engine.image.capture import image_of
from venue.engine.image.restore import state_from
from venue.engine.views.overview import blocks

from .builders import Venue, buy, cancel
from .outcomes import code, ended, kinds, refusal, why

WHO = ("olga", "stuck")


def test_logged_out_session_is_ended_and_may_come_back(venue: Venue) -> None:
    venue.do_all(c.LogOn("ALPHA"), buy("A1", "1", "99"))
    assert venue.do(c.LogOutSession("ALPHA", *WHO)) == venue.stamped(
        e.SessionEnded(0, 0, "ALPHA", "ALPHA", "SESSION_ENDED by the operator", False, *WHO)
    )
    events = venue.do(c.LogOut("ALPHA"))
    assert ended(events) == [("1", "99", "CANCEL_ON_DISCONNECT the session ended")]
    venue.do(c.LogOn("ALPHA"))
    assert code(venue.do(buy("A2", "1", "99"))) is None


def test_disabled_session_enters_nothing_until_it_is_enabled(venue: Venue) -> None:
    venue.do_all(c.LogOn("ALPHA"), buy("A1", "1", "99"))
    assert venue.do(c.DisableSession("ALPHA", *WHO)) == venue.stamped(
        e.SessionEnded(0, 0, "ALPHA", "ALPHA", "SESSION_DISABLED by the operator", True, *WHO)
    )
    assert why(venue.do(buy("A2", "1", "99"))) == ("SESSION_NOT_ENTITLED session ALPHA is disabled")
    assert code(venue.do(cancel("A3", "A1"))) is None
    assert code(venue.do(buy("X1", "1", "99", session="ALPHA2"))) is None
    assert venue.do(c.EnableSession("ALPHA", *WHO)) == venue.stamped(
        e.SessionEnabled(0, 0, "ALPHA", "ALPHA", *WHO)
    )
    assert code(venue.do(buy("A4", "1", "99"))) is None


def test_disabled_session_stays_disabled_when_it_is_configured_anew(venue: Venue) -> None:
    venue.do_all(c.DisableSession("ALPHA"), c.AddSession("ALPHA", "ALPHA"))
    assert not venue.engine.state.sessions["ALPHA"].enabled


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (c.LogOutSession("NOBODY"), "session NOBODY is unknown"),
        (c.LogOutSession("ALPHA"), "session ALPHA is not logged on"),
        (c.DisableSession("NOBODY"), "session NOBODY is unknown"),
        (c.DisableSession("BRAVO"), "session BRAVO is disabled already"),
        (c.EnableSession("NOBODY"), "session NOBODY is unknown"),
        (c.EnableSession("ALPHA"), "session ALPHA is not disabled"),
        (
            c.AddSession("ALPHA", "ALPHA", True, 0),
            "session ALPHA may send 1 message a second or more",
        ),
    ],
)
def test_impossible_command_is_refused(venue: Venue, command: c.AnyCommand, detail: str) -> None:
    venue.do(c.DisableSession("BRAVO"))
    assert refusal(venue.do(command)) == detail


def test_disabling_a_session_that_is_out_says_so_all_the_same(venue: Venue) -> None:
    assert kinds(venue.do(c.DisableSession("ALPHA", *WHO))) == ["SessionEnded"]


def test_session_beside_trading_is_ended_disabled_and_enabled_by_its_owner(venue: Venue) -> None:
    """The engine does not know it: the command says whose it is."""
    name = "ALPHA-MD"
    assert venue.do(c.LogOutSession(name, *WHO, "ALPHA")) == venue.stamped(
        e.SessionEnded(0, 0, name, "ALPHA", "SESSION_ENDED by the operator", False, *WHO)
    )
    assert venue.do(c.DisableSession(name, *WHO, "ALPHA")) == venue.stamped(
        e.SessionEnded(0, 0, name, "ALPHA", "SESSION_DISABLED by the operator", True, *WHO)
    )
    assert blocks(venue.engine.state).disabled_sessions == (name,)
    assert state_from(image_of(venue.engine.state)).disabled_beside == (name,)
    assert (
        refusal(venue.do(c.DisableSession(name, *WHO, "ALPHA")))
        == f"session {name} is disabled already"
    )
    assert venue.do(c.EnableSession(name, *WHO, "ALPHA")) == venue.stamped(
        e.SessionEnabled(0, 0, name, "ALPHA", *WHO)
    )
    assert not venue.engine.state.disabled_beside
    assert (
        refusal(venue.do(c.EnableSession(name, *WHO, "ALPHA"))) == f"session {name} is not disabled"
    )


def test_session_beside_trading_may_need_a_second_operator(venue: Venue) -> None:
    venue.do(c.SetFourEyes(("DisableSession",), "olga", "audit"))
    held = venue.do(c.DisableSession("ALPHA-MD", "olga", "stuck", owner="ALPHA"))
    assert kinds(held) == ["ActionHeld"]
    assert not blocks(venue.engine.state).disabled_sessions
    assert kinds(venue.do(c.Approve("H1", "piet"))) == ["ActionApproved", "SessionEnded"]
    assert venue.engine.state.disabled_beside == ("ALPHA-MD",)


def test_command_of_older_journals_has_no_owner() -> None:
    assert encode(c.DisableSession("ALPHA")) == b'{"type":"DisableSession","session":"ALPHA"}'
    assert b"chosen_ns" not in encode(c.NoteSecret("ALPHA", "password"))
