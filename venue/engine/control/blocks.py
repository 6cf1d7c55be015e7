"""Stopping entry at once and letting it go on: kill switch, suspension, halt, disabling.

Whatever blocks entry cancels what it finds open, a slice at a time.
"""

from collections.abc import Iterable, Iterator

import msgspec

from venue.domain.commands import (
    CancelBlocked,
    DisableInstrument,
    HaltInstrument,
    Kill,
    ResumeInstrument,
    ResumeMember,
    Revive,
    SuspendMember,
)
from venue.domain.events import (
    EntryBlocked,
    EntryRestored,
    InstrumentDisabled,
    InstrumentHalted,
    InstrumentResumed,
)
from venue.domain.reject_reasons import RejectReason
from venue.domain.types import ExecRestatementReason, Phase
from venue.engine.control.effects import effect_of, refuse
from venue.engine.state.engine_state import EngineState
from venue.engine.state.members import Session
from venue.engine.state.orders import Order
from venue.engine.trading.cancels import cancel_all
from venue.engine.trading.entitlement import TRADER_ROLES
from venue.engine.trading.placing import settle
from venue.engine.trading.slices import Wanted, next_slice, open_orders_of

ALL, MEMBER, SESSION, TRADER = "all", "member", "session", "trader"
INSTRUMENT, HALTED = "instrument", "halted"
_KILL = RejectReason.KILL_SWITCH


@effect_of(Kill)
def kill(state: EngineState, command: Kill) -> None:
    """EntryBlocked, then OrderCanceled for every open order of the scope. Refused when killed."""
    wrong = unknown(state, command.scope, command.name)
    if wrong is None and _is_killed(state, command.scope, command.name):
        wrong = f"{_what(command.scope, command.name)} is killed already"
    if wrong is not None:
        refuse(state, command, wrong)
        return
    _set_killed(state, command.scope, command.name, killed=True)
    _block(state, command.scope, command.name, _KILL, command.operator, command.reason)


@effect_of(Revive)
def revive(state: EngineState, command: Revive) -> None:
    """EntryRestored. Needs an operator's name; refused where nothing is blocked."""
    wrong = unknown(state, command.scope, command.name)
    code: RejectReason = _KILL
    if wrong is None and command.scope == SESSION:
        code = state.sessions[command.name].blocked or _KILL
    if wrong is None and not _is_killed(state, command.scope, command.name):
        wrong = f"{_what(command.scope, command.name)} is not killed"
    if wrong is None and not command.operator:
        wrong = "who revives must be named"
    if wrong is not None:
        refuse(state, command, wrong)
        return
    _set_killed(state, command.scope, command.name, killed=False)
    _restore(state, command.scope, command.name, code, command.operator, command.reason)


@effect_of(SuspendMember)
def suspend_member(state: EngineState, command: SuspendMember) -> None:
    """EntryBlocked, then OrderCanceled for the member's open orders."""
    member = state.members.get(command.member)
    if member is None or member.suspended:
        what = "is unknown" if member is None else "is suspended already"
        refuse(state, command, f"member {command.member} {what}")
        return
    member.suspended = True
    reason = RejectReason.MEMBER_SUSPENDED
    _block(state, MEMBER, member.name, reason, command.operator, command.reason)


@effect_of(ResumeMember)
def resume_member(state: EngineState, command: ResumeMember) -> None:
    """EntryRestored."""
    member = state.members.get(command.member)
    if member is None or member.in_default or not member.suspended:
        what = "is not suspended"
        if member is None:
            what = "is unknown"
        elif member.in_default:
            what = "is in default, for ever"
        refuse(state, command, f"member {command.member} {what}")
        return
    member.suspended = False
    reason = RejectReason.MEMBER_SUSPENDED
    _restore(state, MEMBER, member.name, reason, command.operator, command.reason)


@effect_of(HaltInstrument)
def halt_instrument(state: EngineState, command: HaltInstrument) -> None:
    """InstrumentHalted, then OrderCanceled for orders that want that (18=K)."""
    market = state.markets.get(command.symbol)
    if market is None or market.own_phase is Phase.HALT:
        what = "is not traded here" if market is None else "is halted already"
        refuse(state, command, f"{command.symbol} {what}")
        return
    state.set_own_phase(market, Phase.HALT)
    state.events.append(
        InstrumentHalted(*state.stamp(), command.symbol, command.operator, command.reason)
    )
    text = f"{RejectReason.INSTRUMENT_HALTED} trading halted"
    cancel_scope(state, HALTED, command.symbol, text)


@effect_of(ResumeInstrument)
def resume_instrument(state: EngineState, command: ResumeInstrument) -> None:
    """InstrumentResumed; what the market owes its waiting orders follows."""
    market = state.markets.get(command.symbol)
    if market is None or market.own_phase is not Phase.HALT:
        what = "is not traded here" if market is None else "is not halted"
        refuse(state, command, f"{command.symbol} {what}")
        return
    state.set_own_phase(market, None)
    state.events.append(
        InstrumentResumed(*state.stamp(), command.symbol, command.operator, command.reason)
    )
    settle(state, market)


@effect_of(DisableInstrument)
def disable_instrument(state: EngineState, command: DisableInstrument) -> None:
    """InstrumentDisabled, then OrderCanceled for its open orders."""
    market = state.markets.get(command.symbol)
    if market is None or market.disabled:
        what = "is not traded here" if market is None else "is disabled already"
        refuse(state, command, f"{command.symbol} {what}")
        return
    market.disabled = True
    state.events.append(
        InstrumentDisabled(*state.stamp(), command.symbol, command.operator, command.reason)
    )
    text = f"{RejectReason.INSTRUMENT_DISABLED} it is out of trading"
    cancel_scope(state, INSTRUMENT, command.symbol, text)


def block_member(state: EngineState, member: str, reason: RejectReason, operator: str) -> None:
    """EntryBlocked for a member that is none any more for another reason, and what follows."""
    _block(state, MEMBER, member, reason, operator, "")


def block_trader(state: EngineState, member: str, trader: str, kyc: str) -> None:
    """OrderCanceled for the open orders that name a trader who is not approved."""
    text = f"{RejectReason.TRADER_NOT_APPROVED} 448={trader} is {kyc}"
    cancel_scope(state, TRADER, f"{member}/{trader}", text)


def cancel_scope(state: EngineState, scope: str, name: str, text: str) -> None:
    """OrderCanceled for the first slice of a scope's open orders; the rest follows."""
    cancel_blocked(state, CancelBlocked(scope, name, text, state.next_order_id))


def cancel_blocked(state: EngineState, command: CancelBlocked) -> None:
    """OrderCanceled for the next slice of the orders that are meant; the rest follows."""
    doomed = next_slice(_candidates(state, command), _wanted(command))
    reason = (
        ExecRestatementReason.CANCEL_ON_TRADING_HALT
        if command.scope == HALTED
        else ExecRestatementReason.CANCELED_BY_VENUE
    )
    cancel_all(state, doomed.orders, reason, command.text)
    if doomed.last is not None:
        terms = doomed.last.terms
        state.follow_ups.append(
            msgspec.structs.replace(
                command, after_session=terms.session, after_order_id=int(terms.order_id)
            )
        )


def _block(
    state: EngineState, scope: str, name: str, code: RejectReason, operator: str, reason: str
) -> None:
    state.events.append(EntryBlocked(*state.stamp(), scope, name, code, "", operator, reason))
    cancel_scope(state, scope, name, f"{code} {reason}".rstrip())


def _restore(
    state: EngineState, scope: str, name: str, code: RejectReason, operator: str, reason: str
) -> None:
    state.events.append(EntryRestored(*state.stamp(), scope, name, code, operator, reason))


def unknown(state: EngineState, scope: str, name: str) -> str | None:
    """Why there is nothing of that name to be killed or revived, or None."""
    known: dict[str, Iterable[str]] = {
        ALL: ("",),
        MEMBER: state.members,
        SESSION: state.sessions,
    }
    if scope not in known:
        return f"{scope} is none of {', '.join(known)}"
    if name not in known[scope]:
        return f"{_what(scope, name)} is unknown"
    return None


def _is_killed(state: EngineState, scope: str, name: str) -> bool:
    if scope == MEMBER:
        return state.members[name].killed
    if scope == SESSION:
        return state.sessions[name].blocked is not None
    return state.killed


def _set_killed(state: EngineState, scope: str, name: str, *, killed: bool) -> None:
    if scope == MEMBER:
        state.members[name].killed = killed
    elif scope == SESSION:
        state.sessions[name].blocked = _KILL if killed else None
    else:
        state.killed = killed


def _what(scope: str, name: str) -> str:
    return f"{scope} {name}".rstrip()


def _candidates(state: EngineState, command: CancelBlocked) -> Iterator[Order]:
    """Open orders to look at, in the order in which they go; those that came later are left out."""
    scope, before = command.scope, command.next_order_id
    if scope in (INSTRUMENT, HALTED):  # whatever was looked at before is not there any more
        market = state.markets[command.name]
        orders = market.open_orders() if scope == INSTRUMENT else market.on_halt.values()
        return (order for order in orders if int(order.terms.order_id) < before)
    sessions = _sessions(state, scope, command.name)
    return open_orders_of(sessions, command.after_session, command.after_order_id, before)


def _sessions(state: EngineState, scope: str, name: str) -> Iterable[Session]:
    if scope == ALL:
        return state.sessions.values()
    if scope == SESSION:
        return (state.sessions[name],)
    member = name.partition("/")[0]
    return (each for each in state.sessions.values() if each.member.name == member)


def _wanted(command: CancelBlocked) -> Wanted:
    if command.scope != TRADER:
        return lambda order: True
    trader = command.name.partition("/")[2]
    return lambda order: any(
        party.party_id == trader and party.party_role in TRADER_ROLES
        for party in order.terms.parties
    )


__all__ = [
    "block_member",
    "block_trader",
    "cancel_blocked",
    "cancel_scope",
    "disable_instrument",
    "halt_instrument",
    "kill",
    "resume_instrument",
    "resume_member",
    "revive",
    "suspend_member",
    "unknown",
]
