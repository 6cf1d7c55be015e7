"""Verbs of margin: calling a member for it, and releasing the call.

Commands and events of each, their words, and how they are said. Effects:
venue.engine.control.margin. How much is called for: venue.clearing.margin.
"""

from venue.domain.command import ActionCommand
from venue.domain.event import ControlEvent
from venue.domain.role import Role
from venue.domain.verb import Argument, Verb
from venue.domain.words import Payload, by_whom


class CallMargin(ActionCommand, frozen=True, tag=True):
    """Call a member for an amount of a currency. From `due_ns` (UTC nanoseconds) on it enters
    nothing, until the call is released. A call that stands keeps its time."""

    least_role = Role.RISK
    member: str
    amount: str
    currency: str
    due_ns: int
    operator: str = ""
    reason: str = ""


class ReleaseMargin(ActionCommand, frozen=True, tag=True):
    """Release a margin call: it is met, or was wrong."""

    least_role = Role.RISK
    member: str
    operator: str = ""
    reason: str = ""


class MarginCalled(ControlEvent, frozen=True, tag=True):
    """A member is called for margin. due_ns: when its entry stops (UTC nanoseconds)."""

    member: str
    amount: str
    currency: str
    due_ns: int
    operator: str
    reason: str


class MarginReleased(ControlEvent, frozen=True, tag=True):
    """No margin is called for any more; entry is open again if the call was overdue."""

    member: str
    operator: str
    reason: str


def _called(payload: Payload) -> str:
    called = f"{payload['amount']} {payload['currency']}"
    return f"{payload['member']} is called for {called} of margin{by_whom(payload)}"


def _released(payload: Payload) -> str:
    return f"margin call of {payload['member']} is released{by_whom(payload)}"


WORDS = {
    CallMargin: _called,
    ReleaseMargin: _released,
    MarginCalled: _called,
    MarginReleased: _released,
}

VERBS = (
    Verb(
        ReleaseMargin,
        "margin release",
        "Release a member's margin call: it is met, or was wrong.",
        'venue margin release ALPHA --reason "paid, wire 4711"',
        (Argument("member", "MEMBER", "For example ALPHA."),),
        done=lambda command: f"margin call of {command.member} is released",
    ),
)
