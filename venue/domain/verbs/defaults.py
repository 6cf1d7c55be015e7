"""Verbs of a member's default: what he has and owes passes to the house.

Command and events, their words, and how it is said. Effects: venue.engine.control.defaults.
"""

from venue.domain.command import ActionCommand
from venue.domain.event import ControlEvent
from venue.domain.role import Role
from venue.domain.verb import Argument, Option, Verb
from venue.domain.words import Payload, by_whom

HOUSE = "HOUSE"
"""Member that takes over, where nobody else is named."""


class DeclareDefault(ActionCommand, frozen=True, tag=True):
    """Declare a member in default: no entry, no open orders, and all it has passes to `to_member`.

    Said again for a member in default, it passes on what has come to it since.
    """

    least_role = Role.RISK
    always_held = True
    member: str
    to_member: str = HOUSE
    operator: str = ""
    reason: str = ""


class MemberDefaulted(ControlEvent, frozen=True, tag=True):
    """A member is in default. Its orders are canceled; then what it has and owes passes on."""

    member: str
    to_member: str
    operator: str
    reason: str


class PositionsTransferred(ControlEvent, frozen=True, tag=True):
    """All that a member in default had and owed has passed on.

    funds and obligations: how many balances and how many obligations.
    """

    member: str
    to_member: str
    funds: int
    obligations: int


def _default(payload: Payload) -> str:
    to_member = payload.get("to_member", HOUSE)
    return f"{payload['member']} in default, {to_member} takes over{by_whom(payload)}"


def _transferred(payload: Payload) -> str:
    what = f"{payload['funds']} balances and {payload['obligations']} obligations"
    return f"{what} of {payload['member']} have passed to {payload['to_member']}"


WORDS = {
    DeclareDefault: _default,
    MemberDefaulted: _default,
    PositionsTransferred: _transferred,
}

VERBS = (
    Verb(
        DeclareDefault,
        "member default",
        "Declare a member in default, for ever: the house takes over all it has and owes.",
        'venue member default ALPHA --to HOUSE --reason "margin call unanswered"',
        (
            Argument("member", "MEMBER", "For example ALPHA."),
            Option("to_member", "--to", "MEMBER", "Who takes over; trades on credit."),
        ),
        done=lambda command: f"member {command.member} is in default",
        asks=lambda command: (
            f"declare {command.member} in default; {command.to_member} takes over all it has"
        ),
    ),
)
