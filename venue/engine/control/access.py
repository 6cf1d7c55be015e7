"""Notes of who may do what, who was denied, whose secret changed: events.

Of the state only what keeps one change from being noted twice.
"""

from venue.domain.commands import NoteDenial, NoteOperator, NoteSecret
from venue.domain.events import AttemptDenied, OperatorChanged, SecretChanged
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


@effect_of(NoteSecret)
def note_secret(state: EngineState, command: NoteSecret) -> None:
    """SecretChanged; nothing for a password that the session has chosen and that was noted."""
    name, chosen_ns = command.session, command.chosen_ns
    if chosen_ns:
        if chosen_ns <= state.noted_secrets.get(name, 0):
            return
        state.noted_secrets = {**state.noted_secrets, name: chosen_ns}
    session = state.sessions.get(name)
    state.events.append(
        SecretChanged(
            *state.stamp(),
            command.session,
            command.owner if session is None else session.member.name,
            command.kind,
            command.operator,
            command.reason,
        )
    )
