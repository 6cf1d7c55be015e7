"""Notes of who may do what, and of who was denied: events only, the state does not change."""

from venue.domain.commands import NoteDenial, NoteOperator
from venue.domain.events import AttemptDenied, OperatorChanged
from venue.engine.control.effects import effect_of
from venue.engine.state.engine_state import EngineState


@effect_of(NoteDenial)
def note_denial(state: EngineState, command: NoteDenial) -> None:
    """AttemptDenied."""
    state.events.append(
        AttemptDenied(
            *state.stamp(),
            command.attempt,
            command.why,
            command.operator,
            command.uid,
            command.denied,
            command.reason,
        )
    )


@effect_of(NoteOperator)
def note_operator(state: EngineState, command: NoteOperator) -> None:
    """OperatorChanged."""
    state.events.append(
        OperatorChanged(
            *state.stamp(),
            command.name,
            command.change,
            command.role,
            command.account,
            command.operator,
            command.uid,
            command.reason,
        )
    )
