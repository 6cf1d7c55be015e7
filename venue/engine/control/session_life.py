"""Logons, logouts, the venue's own stop and start, and the grace after it for sessions' orders."""

from venue.domain.commands import (
    AdvanceTime,
    CancelRemaining,
    DisableSession,
    EnableSession,
    LogOn,
    LogOut,
    LogOutSession,
    ResetSession,
    ResumeEntry,
    StartVenue,
    StopEntry,
)
from venue.domain.events import (
    EntryResumed,
    EntryStopped,
    SessionEnabled,
    SessionEnded,
    SessionLoggedOn,
    SessionLoggedOut,
    SessionReset,
    VenueStarted,
)
from venue.engine.control.effects import effect_of, refuse
from venue.engine.control.expiry import expire_due
from venue.engine.state.engine_state import EngineState
from venue.engine.state.members import Session
from venue.engine.trading.cancels import cancel_remaining


def log_on(state: EngineState, command: LogOn) -> None:
    """SessionLoggedOn; the session's choice of cancel on disconnect holds until its next logon."""
    session = state.sessions[command.session]
    session.logged_on = True
    session.may_be_ahead = False
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
        cancel_remaining(state, _all_of(state, session))


@effect_of(ResetSession)
def reset_session(state: EngineState, command: ResetSession) -> None:
    """SessionReset."""
    session = state.sessions.get(command.session)
    if session is not None:
        session.may_be_ahead = False
    state.events.append(
        SessionReset(*state.stamp(), command.session, command.operator, command.reason)
    )


def start_venue(state: EngineState, command: StartVenue) -> None:
    """VenueStarted; sessions with orders have `logon_grace_ns` to log on again.

    While the sessions are closed the grace does not begin.
    """
    state.entry_stopped = None
    state.logon_grace_ns = command.logon_grace_ns
    state.events.append(VenueStarted(*state.stamp(), command.epoch))
    for session in state.sessions.values():
        session.logged_on = False
        if state.sessions_closed is None:
            session.begin_grace(state.timestamp_ns + command.logon_grace_ns)
    state.find_next_due()


def stop_entry(state: EngineState, command: StopEntry) -> None:
    """EntryStopped; until entry is resumed orders and replaces are refused for `reason`."""
    state.entry_stopped = command.reason
    state.events.append(EntryStopped(*state.stamp(), command.reason))


def resume_entry(state: EngineState, command: ResumeEntry) -> None:
    """EntryResumed."""
    state.entry_stopped = None
    state.events.append(EntryResumed(*state.stamp(), command.reason))


def advance_time(state: EngineState, command: AdvanceTime) -> None:
    """Expire the orders whose time has come; those of sessions whose grace has ended go next."""
    for session in state.sessions.values():
        ends = session.grace_ends_ns
        if ends is not None and ends <= state.timestamp_ns:
            session.grace_ends_ns = None
            state.follow_ups.append(_all_of(state, session))
    expire_due(state)
    state.find_next_due()


def _all_of(state: EngineState, session: Session) -> CancelRemaining:
    """The orders that a session has now; those it enters after its next logon stay."""
    return CancelRemaining(session.name, next_order_id=state.next_order_id)


@effect_of(LogOutSession)
def log_out_session(state: EngineState, command: LogOutSession) -> None:
    """SessionEnded: the FIX edge logs it out. Refused for one that is not logged on.

    Whether one beside trading is on its own process knows, which was asked before.
    """
    if command.owner:
        _end(state, command, command.owner, disabled=False)
        return
    session = state.sessions.get(command.session)
    if session is None or not session.logged_on:
        what = "is unknown" if session is None else "is not logged on"
        refuse(state, command, f"session {command.session} {what}")
        return
    _end(state, command, session.member.name, disabled=False)


@effect_of(DisableSession)
def disable_session(state: EngineState, command: DisableSession) -> None:
    """SessionEnded, and no logon is taken until it is enabled."""
    member = _owner(state, command)
    if member is None or not _is_enabled(state, command):
        what = "is unknown" if member is None else "is disabled already"
        refuse(state, command, f"session {command.session} {what}")
        return
    _set_enabled(state, command, enabled=False)
    _end(state, command, member, disabled=True)


@effect_of(EnableSession)
def enable_session(state: EngineState, command: EnableSession) -> None:
    """SessionEnabled."""
    member = _owner(state, command)
    if member is None or _is_enabled(state, command):
        what = "is unknown" if member is None else "is not disabled"
        refuse(state, command, f"session {command.session} {what}")
        return
    _set_enabled(state, command, enabled=True)
    state.events.append(
        SessionEnabled(*state.stamp(), command.session, member, command.operator, command.reason)
    )


def _owner(state: EngineState, command: DisableSession | EnableSession) -> str | None:
    """The member whose session it is; None where it is unknown."""
    if command.owner:
        return command.owner
    session = state.sessions.get(command.session)
    return None if session is None else session.member.name


def _is_enabled(state: EngineState, command: DisableSession | EnableSession) -> bool:
    if command.owner:
        return command.session not in state.disabled_beside
    return state.sessions[command.session].enabled


def _set_enabled(
    state: EngineState, command: DisableSession | EnableSession, *, enabled: bool
) -> None:
    name = command.session
    if not command.owner:
        state.sessions[name].enabled = enabled
        return
    disabled = [each for each in state.disabled_beside if each != name]
    if not enabled:
        disabled.append(name)
    state.disabled_beside = tuple(sorted(disabled))


def _end(
    state: EngineState,
    command: LogOutSession | DisableSession,
    member: str,
    *,
    disabled: bool,
) -> None:
    text = "SESSION_DISABLED by the operator" if disabled else "SESSION_ENDED by the operator"
    state.events.append(
        SessionEnded(
            *state.stamp(),
            command.session,
            member,
            text,
            disabled,
            command.operator,
            command.reason,
        )
    )
