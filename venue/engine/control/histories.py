"""A history begins when the venue goes on from older data; an operator opens its sessions."""

from venue.domain.commands import BeginHistory, OpenSessions
from venue.domain.events import HistoryBegun, SessionEnded, SessionsOpened
from venue.engine.control.effects import effect_of, refuse
from venue.engine.state.engine_state import EngineState

CLOSED = "SESSIONS_CLOSED the venue goes on from older data"


def begin_history(state: EngineState, command: BeginHistory) -> None:
    """HistoryBegun: no logon is taken, and whoever is on is logged out (SessionEnded).

    Each session may be ahead until it has logged on again. Refused for a history that has begun.
    """
    if command.origin in state.histories:
        refuse(state, command, f"history {command.origin} has begun already")
        return
    state.histories = (*state.histories, command.origin)
    state.sessions_closed = command.why
    number = history_number(state)
    state.events.append(HistoryBegun(*state.stamp(), number, command.origin, command.why))
    for session in state.sessions.values():
        session.may_be_ahead = True
        session.grace_ends_ns = None
        if session.logged_on:
            state.events.append(
                SessionEnded(
                    *state.stamp(), session.name, session.member.name, CLOSED, False, "", ""
                )
            )
    state.find_next_due()


@effect_of(OpenSessions)
def open_sessions(state: EngineState, command: OpenSessions) -> None:
    """SessionsOpened; sessions with orders have the logon grace of a start from now on."""
    if state.sessions_closed is None:
        refuse(state, command, "the sessions are open")
        return
    state.sessions_closed = None
    for session in state.sessions.values():
        session.begin_grace(state.timestamp_ns + state.logon_grace_ns)
    state.find_next_due()
    state.events.append(
        SessionsOpened(*state.stamp(), history_number(state), command.operator, command.reason)
    )


def history_number(state: EngineState) -> int:
    """Number of the history that is going on; 1 is the journal's own beginning."""
    return len(state.histories) + 1
