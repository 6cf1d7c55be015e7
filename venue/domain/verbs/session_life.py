"""Verbs of FIX sessions: log out, disable, enable, reset.

Commands and events of each, their words, and how they are said. owner, which the venue writes, is
the member of a session beside trading (market data, drop copies): the engine does not know those.
Effects: venue.engine.control.session_life.
"""

from venue.domain.command import ActionCommand, Command
from venue.domain.event import ControlEvent
from venue.domain.role import Role
from venue.domain.verb import Argument, Verb
from venue.domain.words import Payload, by_whom


class LogOutSession(ActionCommand, frozen=True, tag=True):
    """Log a FIX session out; it may log on again."""

    least_role = Role.OPERATOR
    session: str
    operator: str = ""
    reason: str = ""
    owner: str = ""


class DisableSession(ActionCommand, frozen=True, tag=True):
    """Log a FIX session out and take no logon of it."""

    least_role = Role.OPERATOR
    session: str
    operator: str = ""
    reason: str = ""
    owner: str = ""


class EnableSession(ActionCommand, frozen=True, tag=True):
    """Take logons of a disabled FIX session again."""

    least_role = Role.OPERATOR
    session: str
    operator: str = ""
    reason: str = ""
    owner: str = ""


class ResetSession(Command, frozen=True, tag=True):
    """The operator takes a logged-off session's sequence numbers back to 1.

    Asked for by a request of its own, for the FIX edge has to say first that it is logged off.
    """

    least_role = Role.OPERATOR
    session: str
    operator: str = ""
    reason: str = ""


class SessionEnded(ControlEvent, frozen=True, tag=True):
    """The venue logs the session out; disabled: and takes no logon of it. text: of the Logout."""

    session: str
    member: str
    text: str
    disabled: bool
    operator: str
    reason: str


class SessionEnabled(ControlEvent, frozen=True, tag=True):
    """The session may log on again."""

    session: str
    member: str
    operator: str
    reason: str


class SessionReset(ControlEvent, frozen=True, tag=True):
    """The operator took a session's sequence numbers back to 1."""

    session: str
    operator: str
    reason: str


def _ended(payload: Payload) -> str:
    disabled = "  no logon is taken" if payload["disabled"] else ""
    return (
        f"{payload['session']} of {payload['member']} is logged out  {payload['text']}"
        f"{disabled}{by_whom(payload)}"
    )


def _enabled(payload: Payload) -> str:
    return f"{payload['session']} of {payload['member']} may log on again{by_whom(payload)}"


WORDS = {
    SessionEnded: _ended,
    SessionEnabled: _enabled,
    SessionReset: lambda payload: (
        f"{payload['session']} begins at MsgSeqNum 1 again{by_whom(payload)}"
    ),
}

_SESSION = (Argument("session", "SESSION", "CompID of the session."),)

VERBS = (
    Verb(
        LogOutSession,
        "session logout",
        "Log a session out; it may log on again. Its cancel on disconnect applies.",
        'venue session logout ALPHA --reason "asked for by phone"',
        _SESSION,
        done=lambda command: f"session {command.session} is being logged out",
    ),
    Verb(
        DisableSession,
        "session disable",
        "Log a session out and take no logon of it. Its cancel on disconnect applies.",
        "venue session disable ALPHA --yes",
        _SESSION,
        done=lambda command: f"session {command.session} is disabled",
        asks=lambda command: f"disable session {command.session}",
        stops=True,
    ),
    Verb(
        EnableSession,
        "session enable",
        "Take logons of a disabled session again.",
        "venue session enable ALPHA",
        _SESSION,
        done=lambda command: f"session {command.session} may log on again",
    ),
)
