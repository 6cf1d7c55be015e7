"""Maker and checker: commands that a second, named operator has to approve before they count."""

from venue.domain.codec import encode
from venue.domain.commands import ACTIONS, ActionCommand, Approve, Decline, SetFourEyes
from venue.domain.events import ActionApproved, ActionDeclined, ActionHeld, FourEyesSet
from venue.engine.control.effects import EFFECTS, effect_of, refuse
from venue.engine.state.engine_state import EngineState

MOST_PENDING = 1_000


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
    """Execute a command of the operator, or hold it: ActionHeld."""
    name = type(command).__name__
    if name not in state.four_eyes:
        EFFECTS[type(command)](state, command)
        return
    operator, reason = getattr(command, "operator", ""), getattr(command, "reason", "")
    if not operator:
        refuse(state, command, f"{name} needs a second operator: who asks must be named")
        return
    if len(state.pending) >= MOST_PENDING:
        refuse(state, command, f"{MOST_PENDING} commands wait for approval already")
        return
    action_id = f"H{state.next_action_id}"
    state.next_action_id += 1
    state.pending[action_id] = command
    action = encode(command).decode()
    state.events.append(ActionHeld(*state.stamp(), action_id, name, action, operator, reason))


@effect_of(Approve)
def approve(state: EngineState, command: Approve) -> None:
    """ActionApproved and what the held command causes. Refused for who asked for it."""
    held = _find(state, command)
    if held is None:
        return
    if not command.operator or command.operator == getattr(held, "operator", ""):
        refuse(state, command, f"{command.action_id} needs an operator other than who asked")
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
