"""Logons, logouts, the venue's own stop and start, and the grace after it for sessions' orders."""

from venue.domain.commands import AdvanceTime, LogOn, LogOut, ResetSession, StartVenue, StopEntry
from venue.domain.events import (
    EntryStopped,
    SessionLoggedOn,
    SessionLoggedOut,
    SessionReset,
    VenueStarted,
)
from venue.engine.cancels import cancel_on_disconnect
from venue.engine.day import expire_due
from venue.engine.state import EngineState


def log_on(state: EngineState, command: LogOn) -> None:
    """SessionLoggedOn; the session's choice of cancel on disconnect holds until its next logon."""
    session = state.sessions[command.session]
    session.logged_on = True
    session.grace_ends_ns = None
    session.cancel_on_disconnect = (
        session.cancel_by_default
        if command.cancel_on_disconnect is None
        else command.cancel_on_disconnect
    )
    state.find_next_due()
    state.events.append(
        SessionLoggedOn(*state.stamp(), session.name, session.member.name, command.reset)
    )


def log_out(state: EngineState, command: LogOut) -> None:
    """SessionLoggedOut, then the cancellation of its orders where that was chosen."""
    session = state.sessions[command.session]
    session.logged_on = False
    state.events.append(SessionLoggedOut(*state.stamp(), session.name, session.member.name))
    if session.cancel_on_disconnect:
        cancel_on_disconnect(state, session)


def reset_session(state: EngineState, command: ResetSession) -> None:
    """SessionReset."""
    state.events.append(
        SessionReset(*state.stamp(), command.session, command.operator, command.reason)
    )


def start_venue(state: EngineState, command: StartVenue) -> None:
    """VenueStarted; sessions with orders have `logon_grace_ns` to log on again."""
    state.entry_stopped = None
    state.events.append(VenueStarted(*state.stamp(), command.epoch))
    for session in state.sessions.values():
        session.logged_on = False
        waits = session.cancel_on_disconnect and bool(session.open_orders)
        session.grace_ends_ns = state.timestamp_ns + command.logon_grace_ns if waits else None
    state.find_next_due()


def stop_entry(state: EngineState, command: StopEntry) -> None:
    """EntryStopped; until the next start orders and replaces are refused for `reason`."""
    state.entry_stopped = command.reason
    state.events.append(EntryStopped(*state.stamp(), command.reason))


def advance_time(state: EngineState, command: AdvanceTime) -> None:
    """Cancel the orders of sessions whose grace has ended, expire those whose time has come."""
    for session in state.sessions.values():
        ends = session.grace_ends_ns
        if ends is not None and ends <= state.timestamp_ns:
            session.grace_ends_ns = None
            cancel_on_disconnect(state, session)
    expire_due(state)
    state.find_next_due()
