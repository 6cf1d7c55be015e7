"""What the operator's verbs do to the state: each effect by the type of its command.

Effects enter themselves where they are defined, in the rooms beside this module. Rooms are those
of venue.domain.verbs.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

from venue.domain.command import Command
from venue.domain.events import CommandRefused
from venue.domain.verbs import COMMANDS, ROOMS
from venue.engine.state.engine_state import EngineState

Effect = Callable[[EngineState, Any], None]
F = TypeVar("F", bound=Effect)

EFFECTS: dict[type[Command], Effect] = {}


def effect_of(kind: type[Command]) -> Callable[[F], F]:
    """Decorator of the one function that does what a command asks."""

    def enter(effect: F) -> F:
        assert kind not in EFFECTS, f"{kind.__name__} has two effects"
        EFFECTS[kind] = effect
        return effect

    return enter


def all_effects() -> dict[type[Command], Effect]:
    """The effect of every verb, whose rooms are loaded by their names. KeyError: one has none."""
    for room in ROOMS:
        import_module(f"venue.engine.control.{room.__name__.rpartition('.')[2]}")
    return {kind: EFFECTS[kind] for kind in COMMANDS}


def refuse(state: EngineState, command: Command, detail: str) -> None:
    """CommandRefused: nothing was changed."""
    state.events.append(CommandRefused(*state.stamp(), type(command).__name__, detail))
