"""Commands of the configuration: instruments, members, sessions, limits.

What cannot be done becomes CommandRefused and changes nothing.
"""

import re
from collections.abc import Callable

from venue.domain.by_name import made_of, take_over
from venue.domain.commands import AddInstrument, AddMember, AddSession, SetLimits
from venue.domain.decimal_text import format_money
from venue.domain.events import (
    InstrumentAdded,
    LimitsSet,
    MemberAdded,
    SessionAdded,
)
from venue.domain.instruments import Instrument
from venue.domain.types import Side
from venue.engine.control.effects import effect_of, refuse
from venue.engine.control.sanctions import is_sanctioned
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.members import APPROVED, FUNDINGS, KYC_STATES, Member, Session, scopes_of
from venue.engine.trading.entitlement import daily_loss
from venue.engine.trading.fees import forget_terms
from venue.risk.exposure import Scope
from venue.risk.limits import ACCOUNT_LIMIT_NAMES, COUNT, LIMIT_NAMES, Limits

_SYMBOL = re.compile(r"[A-Z0-9-]+")
_COMP_ID = re.compile(r"[!-.0-<>-~]+")  # neither = nor /: it names a log file
_NAME = re.compile(r"[A-Za-z0-9_-]+")


@effect_of(AddInstrument)
def add_instrument(state: EngineState, command: AddInstrument) -> None:
    """InstrumentAdded. Refused while the instrument has resting orders."""
    definition = command.definition
    symbol = definition.symbol
    market = state.markets.get(symbol)
    if market is not None and state.has_open_orders_in(symbol):
        refuse(state, command, f"{symbol} has open orders; its definition cannot change now")
        return
    if not _SYMBOL.fullmatch(symbol):
        refuse(state, command, f"symbol {symbol!r} is not made of A-Z, 0-9 and -")
        return
    if market is not None and state.under_way is not None:
        refuse(state, command, state.under_way)
        return
    try:
        instrument = Instrument(definition)
    except ValueError as error:
        refuse(state, command, str(error))
        return
    schedule = definition.fee_schedule
    if schedule and schedule not in state.fee_schedules:
        refuse(state, command, f"fee schedule {schedule} is unknown")
        return
    if market is not None and market.last_ticks and _units(market.instrument) != _units(instrument):
        what = "its tick, lot, asset and currency cannot change"
        refuse(state, command, f"{symbol} has traded; {what}")
        return
    if market is None:
        state.markets[symbol] = Market(instrument, state.phase)
    else:
        market.instrument = instrument
        market.disabled = False
        for scope in (each for member in state.members.values() for each in scopes_of(member)):
            if symbol in scope.uses:
                scope.uses[symbol].instrument = instrument
    forget_terms(state)
    state.events.append(
        InstrumentAdded(*state.stamp(), symbol, definition, command.operator, command.reason)
    )


def _units(instrument: Instrument) -> tuple[str, ...]:
    """What positions, trades and funds are counted in."""
    definition = instrument.definition
    return definition.tick_size, definition.lot_size, instrument.asset, instrument.currency


@effect_of(AddMember)
def add_member(state: EngineState, command: AddMember) -> None:
    """MemberAdded: a new member, or new limits and accounts of a known one."""
    refusal = _check_member(state, command)
    if refusal is not None:
        refuse(state, command, refusal)
        return
    is_new = command.member not in state.members
    member = state.members.setdefault(command.member, Member(command.member))
    if is_new:
        member.kyc = command.kyc
    take_over(member, command, besides=("kyc", "legal_name"))
    member.legal_name = command.legal_name or member.legal_name or command.member
    member.limits.set("credit_limit", command.credit_limit)
    member.limits.max_open_orders = command.max_open_orders
    event_seq, timestamp_ns = state.stamp()
    state.events.append(
        made_of(
            MemberAdded,
            command,
            event_seq=event_seq,
            timestamp_ns=timestamp_ns,
            legal_name=member.legal_name,
        )
    )


def _check_member(state: EngineState, command: AddMember) -> str | None:
    name = command.member
    if not _NAME.fullmatch(name):
        return f"member {name!r} is not made of letters, digits, _, -"
    try:
        limits = Limits()
        limits.set("credit_limit", command.credit_limit)
        most = command.max_open_orders
        limits.set("max_open_orders", None if most is None else str(most))
    except ValueError:
        return f"limits of {name} must be numbers of 0 or more"
    if command.funding not in FUNDINGS:
        return f"funding {command.funding} is none of {', '.join(FUNDINGS)}"
    if command.kyc not in KYC_STATES:
        return f"KYC state {command.kyc} is none of {', '.join(KYC_STATES)}"
    member = state.members.get(name)
    kyc = command.kyc if member is None else member.kyc
    legal_name = command.legal_name or ("" if member is None else member.legal_name) or name
    if kyc == APPROVED and is_sanctioned(state, legal_name):
        return f"{legal_name} is on the sanctions list"
    if member is None:
        return None
    if member.funding != command.funding and (member.open_orders or member.purses.is_used()):
        return f"{name} is {member.funding} and has funds; that cannot change now"
    return None


@effect_of(SetLimits)
def set_limits(state: EngineState, command: SetLimits) -> None:
    """LimitsSet. Refused for what is no limit, and for one below what is used now."""
    member = state.members.get(command.member)
    if member is None:
        refuse(state, command, f"member {command.member} is unknown")
        return
    if not command.limits:
        refuse(state, command, "no limit is named")
        return
    if command.account and member.accounts and command.account not in member.accounts:
        refuse(state, command, f"account {command.account} is not of {member.name}")
        return
    account = command.account
    scope = member.by_account.get(account, Scope()) if account else member
    limits = scope.limits.copy()
    names = ACCOUNT_LIMIT_NAMES if command.account else LIMIT_NAMES
    for name, text in command.limits.items():
        if name not in names:
            refuse(state, command, f"{name} is no limit here; there are {', '.join(names)}")
            return
        try:
            limits.set(name, text)
        except ValueError as error:
            refuse(state, command, str(error))
            return
        wrong = below_use(state, scope, limits, name) or _not_traded(state, limits)
        if wrong is not None:
            refuse(state, command, wrong)
            return
    scope.limits = limits
    if account:
        member.by_account[account] = scope
    state.events.append(
        LimitsSet(
            *state.stamp(),
            member.name,
            command.account,
            limits.texts(),
            command.operator,
            command.reason,
        )
    )


def below_use(state: EngineState, scope: Scope, limits: Limits, name: str) -> str | None:
    """Why a limit is below what is used of it now, or None."""
    value = getattr(limits, name)
    if value is None or name not in USED:
        return None
    used = USED[name](state, scope)
    if used <= value:
        return None
    shown = str(used) if name in COUNT else format_money(used)
    return f"{name} = {limits.texts()[name]} is below what is used now, {shown}"


def _not_traded(state: EngineState, limits: Limits) -> str | None:
    """Which restriction names nothing that could be traded, or None."""
    for entry in limits.restricted:
        symbol, colon, way = entry.partition(":")
        if symbol not in state.markets or (colon and way not in ("buy", "sell")):
            return f"restricted: {entry} is no instrument, nor its :buy or :sell"
    return None


def largest_position(scope: Scope) -> tuple[int, str]:
    """Largest position that open orders can lead to, in 10^-8 units, and in which symbol."""
    return max(
        (
            (
                max(use.worst_lots(Side.BUY, 0), -use.worst_lots(Side.SELL, 0))
                * use.instrument.asset_units(1),
                symbol,
            )
            for symbol, use in scope.uses.items()
        ),
        default=(0, ""),
    )


USED: dict[str, Callable[[EngineState, Scope], int]] = {
    "credit_limit": lambda state, scope: scope.exposure + max(scope.net_bought, 0),
    "max_open_orders": lambda state, scope: scope.open_orders,
    "max_position": lambda state, scope: largest_position(scope)[0],
    "max_gross_notional": lambda state, scope: scope.worst_gross(),
    "max_net_notional": lambda state, scope: max(
        scope.worst_net(Side.BUY), -scope.worst_net(Side.SELL)
    ),
    "max_daily_loss": daily_loss,
}
"""What a scope uses of a limit now, in the limit's own units."""


@effect_of(AddSession)
def add_session(state: EngineState, command: AddSession) -> None:
    """SessionAdded. Refused for an unknown member and for a session of another member."""
    member = state.members.get(command.member)
    if member is None:
        refuse(state, command, f"member {command.member} is unknown")
        return
    if not _COMP_ID.fullmatch(command.session):
        refuse(state, command, f"session {command.session!r} is no CompID of printable ASCII")
        return
    if command.messages_per_second < 1 or command.repeated_executions < 0:
        refuse(state, command, f"session {command.session} may send 1 message a second or more")
        return
    session = state.sessions.get(command.session)
    if session is not None and session.member is not member:
        refuse(state, command, f"session {command.session} belongs to {session.member.name}")
        return
    if session is None:
        session = Session(command.session, member, command.cancel_on_disconnect, state.orders)
        state.sessions[command.session] = session
    session.cancel_by_default = command.cancel_on_disconnect
    take_over(session, command, besides=("cancel_on_disconnect", "member"))
    event_seq, timestamp_ns = state.stamp()
    state.events.append(
        made_of(SessionAdded, command, event_seq=event_seq, timestamp_ns=timestamp_ns)
    )
