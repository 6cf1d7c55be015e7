"""Histories: a venue that goes on from older data begins another one, and its sessions are closed.

Commands and events, their words, and how the operator's verb is said. Effects:
venue.engine.control.histories.
"""

from venue.domain.command import ActionCommand
from venue.domain.event import ControlEvent
from venue.domain.role import Role
from venue.domain.verb import Verb
from venue.domain.words import Payload, by_whom


class OpenSessions(ActionCommand, frozen=True, tag=True):
    """Take logons again after a history has begun."""

    least_role = Role.ADMIN
    operator: str = ""
    reason: str = ""


class HistoryBegun(ControlEvent, frozen=True, tag=True):
    """The venue goes on from older data, and takes no logon until it is told to.

    history counts from 1, the journal's own beginning.
    """

    history: int
    origin: str
    why: str


class SessionsOpened(ControlEvent, frozen=True, tag=True):
    """Sessions may log on again. The logon grace of those with open orders begins."""

    history: int
    operator: str
    reason: str


def _begun(payload: Payload) -> str:
    return f"sessions are closed, history {payload['history']} begins: {payload['why']}"


def _opened(payload: Payload) -> str:
    return f"sessions may log on, in history {payload['history']}{by_whom(payload)}"


WORDS = {HistoryBegun: _begun, SessionsOpened: _opened}

VERBS = (
    Verb(
        OpenSessions,
        "session open",
        "Let sessions log on again after the venue has gone on from older data (a restored backup, "
        "an adopted copy). Clients may be ahead of it: see docs/OPERATING.md first.",
        'venue session open --reason "members know, numbers are agreed"',
        (),
        done=lambda command: "sessions may log on",
        asks=lambda command: "let sessions log on, though their clients may be ahead of the venue",
    ),
)
