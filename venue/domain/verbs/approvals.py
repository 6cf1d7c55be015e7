"""Verbs of maker and checker: which commands a second operator approves, approving, declining.

Commands and events of each, their words, and how they are said. Effects:
venue.engine.control.approvals.
"""

import msgspec

from venue.domain.command import ConfigurationCommand, OperatorCommand
from venue.domain.event import ControlEvent
from venue.domain.role import Role
from venue.domain.verb import Argument, Verb
from venue.domain.words import Payload, by_whom


class SetFourEyes(ConfigurationCommand, frozen=True, tag=True):
    """Which commands of the operator (their type names) a second operator has to approve."""

    least_role = Role.ADMIN
    commands: tuple[str, ...]
    operator: str = ""
    reason: str = ""

    def key(self) -> tuple[str, str]:
        """There is one rule."""
        return ("four eyes", "")


class Approve(OperatorCommand, frozen=True, tag=True):
    """A second operator has a held command executed."""

    least_role = Role.OPERATOR
    action_id: str
    operator: str = ""
    reason: str = ""


class Decline(OperatorCommand, frozen=True, tag=True):
    """An operator has a held command forgotten."""

    least_role = Role.OPERATOR
    action_id: str
    operator: str = ""
    reason: str = ""


class FourEyesSet(ControlEvent, frozen=True, tag=True):
    """These commands need a second operator from now on."""

    commands: tuple[str, ...]
    operator: str = ""
    reason: str = ""


class ActionHeld(ControlEvent, frozen=True, tag=True):
    """A command waits for a second operator; `action` is its JSON."""

    action_id: str
    command: str
    action: str
    operator: str
    reason: str


class ActionApproved(ControlEvent, frozen=True, tag=True):
    """A second operator has approved; the command's own events follow."""

    action_id: str
    operator: str
    reason: str


class ActionDeclined(ControlEvent, frozen=True, tag=True):
    """The held command was forgotten."""

    action_id: str
    operator: str
    reason: str


def _four_eyes_set(payload: Payload) -> str:
    commands = " ".join(payload["commands"])
    return f"{commands or 'no command'} needs a second operator{by_whom(payload)}"


def _action_held(payload: Payload) -> str:
    from venue.domain.verbs import words_of  # here, for it knows all verbs, this one too

    action = msgspec.json.decode(payload["action"])
    quiet = {key: value for key, value in action.items() if key not in ("operator", "reason")}
    return (
        f"{payload['action_id']} {payload['command']} {words_of(quiet)}"
        f"  waits for a second operator{by_whom(payload)}"
    )


WORDS = {
    SetFourEyes: lambda payload: f"{' '.join(payload['commands']) or 'none'}{by_whom(payload)}",
    FourEyesSet: _four_eyes_set,
    ActionHeld: _action_held,
    ActionApproved: lambda payload: f"{payload['action_id']} is approved{by_whom(payload)}",
    ActionDeclined: lambda payload: f"{payload['action_id']} is declined{by_whom(payload)}",
}


def role_to_decide(decision: Approve | Decline, held: OperatorCommand | None) -> Role:
    """The least role that may approve or decline: that of the held command, where it is more."""
    least = decision.least_role
    return held.least_role if held is not None and held.least_role.covers(least) else least


_ACTION = Argument("action_id", "ID", "Of the held command, such as H1: venue approvals.")

VERBS = (
    Verb(
        Approve,
        "approve",
        "Have a held command executed; not for the operator who asked for it.",
        'venue approve H1 --reason "checked with ALPHA"',
        (_ACTION,),
        done=lambda command: f"{command.action_id} is approved and done",
    ),
    Verb(
        Decline,
        "decline",
        "Have a held command forgotten; who asked for it may do that too.",
        'venue decline H1 --reason "wrong member"',
        (_ACTION,),
        done=lambda command: f"{command.action_id} is declined; nothing else was changed",
    ),
)
