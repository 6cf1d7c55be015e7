"""The operator logs a session out, disables and enables it; what the session's orders do then."""

import pytest

from venue.domain import commands as c
from venue.domain import events as e

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
