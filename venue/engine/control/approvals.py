"""Maker and checker: commands that a second, named operator has to approve before they count."""

from collections.abc import Callable, Container

from venue.domain.codec import encode
from venue.domain.command import ConfigurationCommand
from venue.domain.commands import (
    ACTIONS,
    ActionCommand,
    Approve,
    Decline,
    EnterByOperator,
    Kill,
    Revive,
    SetFourEyes,
)
from venue.domain.events import ActionApproved, ActionDeclined, ActionHeld, FourEyesSet
from venue.engine.control.blocks import unknown
from venue.engine.control.effects import EFFECTS, effect_of, refuse
from venue.engine.control.payments import assets, is_booked, waiting_id
from venue.engine.state.engine_state import EngineState

MOST_PENDING = 1_000
_NAMED: dict[str, tuple[Callable[[EngineState], Container[str]], str]] = {
    "member": (lambda state: state.members, "member {} is unknown"),
    "to_member": (lambda state: state.members, "member {} is unknown"),
    "of_reference": (lambda state: state.references, "reference {!r} has booked nothing"),
    "session": (lambda state: state.sessions, "session {} is unknown"),
    "symbol": (lambda state: state.markets, "{} is not traded here"),
    "asset": (assets, "asset {} is unknown"),
    "order_id": (lambda state: state.orders, "order {} is unknown"),
    "match_id": (lambda state: state.trades, "trade {} is unknown, or too old to be changed"),
}
"""Field of a command -> what its value has to be one of, and the refusal of its own effect."""


@effect_of(SetFourEyes)
def set_four_eyes(state: EngineState, command: SetFourEyes) -> None:
    """FourEyesSet. Refused for names that are no commands."""
    unknown = [name for name in command.commands if name not in ACTIONS]
    if unknown:
        refuse(state, command, f"{unknown[0]} is no command; there are {', '.join(ACTIONS)}")
        return
    state.four_eyes = tuple(sorted(set(command.commands)))
    state.events.append(
        FourEyesSet(*state.stamp(), state.four_eyes, command.operator, command.reason)
    )


def act(state: EngineState, command: ActionCommand) -> None:
    """Execute a command of the operator, or hold it: ActionHeld, once more for one that waits.

    Refused, as it would be when it is executed, for a name that there is not.
    """
    name = type(command).__name__
    is_held = command.always_held or name in state.four_eyes
    if not is_held or is_booked(state, command):
        EFFECTS[type(command)](state, command)
        return
    operator, reason = getattr(command, "operator", ""), getattr(command, "reason", "")
    if not operator:
        refuse(state, command, f"{name} needs a second operator: who asks must be named")
        return
    wrong = _names_nothing(state, command)
    if wrong is not None:
        refuse(state, command, wrong)
        return
    action_id = waiting_id(state, command)
    if action_id is None:
        if len(state.pending) >= MOST_PENDING:
            refuse(state, command, f"{MOST_PENDING} commands wait for approval already")
            return
        action_id = f"H{state.next_action_id}"
        state.next_action_id += 1
        state.pending[action_id] = command
    action = encode(command).decode()
    state.events.append(ActionHeld(*state.stamp(), action_id, name, action, operator, reason))


def _names_nothing(state: EngineState, command: ActionCommand) -> str | None:
    """Why a command can not be done, because what it names does not exist; None where it does.

    What defines something may name what is held too: a session of a member that waits.
    """
    if isinstance(command, ConfigurationCommand):
        return None
    if isinstance(command, Kill | Revive):
        return unknown(state, command.scope, command.name)
    named = command.order if isinstance(command, EnterByOperator) else command
    owner: str = getattr(named, "owner", "")
    for field, (known, refusal) in _NAMED.items():
        name = getattr(named, field, None)
        if field == "session" and owner:
            continue  # it is beside trading, and the venue has found it there
        if name is not None and name not in known(state):
            return refusal.format(name)
    return None


@effect_of(Approve)
def approve(state: EngineState, command: Approve) -> None:
    """ActionApproved and what the held command causes.

    Refused for who asked for it, under another name too where the Unix account tells.
    """
    held = _find(state, command)
    if held is None:
        return
    if not command.operator or command.operator == getattr(held, "operator", ""):
        refuse(state, command, f"{command.action_id} needs an operator other than who asked")
        return
    if held.uid is not None and held.uid == command.uid:
        why = f"asked for from the same Unix account, uid {held.uid}: it needs another person"
        refuse(state, command, f"{command.action_id} was {why}")
        return
    del state.pending[command.action_id]
    state.events.append(
        ActionApproved(*state.stamp(), command.action_id, command.operator, command.reason)
    )
    EFFECTS[type(held)](state, held)


@effect_of(Decline)
def decline(state: EngineState, command: Decline) -> None:
    """ActionDeclined."""
    if _find(state, command) is None:
        return
    del state.pending[command.action_id]
    state.events.append(
        ActionDeclined(*state.stamp(), command.action_id, command.operator, command.reason)
    )


def _find(state: EngineState, command: Approve | Decline) -> ActionCommand | None:
    held = state.pending.get(command.action_id)
    if held is None:
        refuse(state, command, f"no command {command.action_id} waits for approval")
    return held
