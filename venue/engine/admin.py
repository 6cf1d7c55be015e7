"""Commands of the operator and of the configuration: instruments, members, sessions, funds.

What cannot be done becomes CommandRefused and changes nothing.
"""

import re

from venue.domain.commands import (
    AddInstrument,
    AddMember,
    AddSession,
    Command,
    Deposit,
    Withdraw,
)
from venue.domain.decimal_text import format_money, parse_money
from venue.domain.events import (
    CommandRefused,
    FundsDeposited,
    FundsWithdrawn,
    InstrumentAdded,
    MemberAdded,
    SessionAdded,
)
from venue.domain.instruments import Instrument
from venue.engine.market import Market
from venue.engine.members import Member, Session
from venue.engine.state import EngineState

_SYMBOL = re.compile(r"[A-Z0-9-]+")
_COMP_ID = re.compile(r"[!-.0-<>-~]+")  # neither = nor /: it names a log file
_NAME = re.compile(r"[A-Za-z0-9_-]+")

MOST_MONEY = 10**28
"""Most units of 10^-8 that one deposit or withdrawal may move: 10^20 of the asset."""


def add_instrument(state: EngineState, command: AddInstrument) -> None:
    """InstrumentAdded. Refused while the instrument has resting orders."""
    definition = command.definition
    symbol = definition.symbol
    market = state.markets.get(symbol)
    if market is not None and any(
        order.terms.symbol == symbol and order.is_open for order in state.orders.values()
    ):
        _refuse(state, command, f"{symbol} has open orders; its definition cannot change now")
        return
    if not _SYMBOL.fullmatch(symbol):
        _refuse(state, command, f"symbol {symbol!r} is not made of A-Z, 0-9 and -")
        return
    try:
        instrument = Instrument(definition)
    except ValueError as error:
        _refuse(state, command, str(error))
        return
    if market is not None and market.last_ticks is not None:
        old = market.instrument.definition
        if (old.tick_size, old.lot_size) != (definition.tick_size, definition.lot_size):
            _refuse(state, command, f"{symbol} has traded; its tick and lot cannot change")
            return
    if market is None:
        state.markets[symbol] = Market(instrument)
    else:
        market.instrument = instrument
    state.events.append(InstrumentAdded(*state.stamp(), symbol, definition))


def add_member(state: EngineState, command: AddMember) -> None:
    """MemberAdded: a new member, or new limits and accounts of a known one."""
    if not _NAME.fullmatch(command.member):
        _refuse(state, command, f"member {command.member!r} is not made of letters, digits, _, -")
        return
    credit_limit = parse_money(command.credit_limit)
    if credit_limit is None or credit_limit < 0 or command.max_open_orders < 0:
        _refuse(state, command, f"limits of {command.member} must be numbers of 0 or more")
        return
    member = state.members.setdefault(command.member, Member(command.member))
    member.credit_limit = credit_limit
    member.max_open_orders = command.max_open_orders
    member.accounts = command.accounts
    state.events.append(
        MemberAdded(
            *state.stamp(),
            command.member,
            command.accounts,
            command.credit_limit,
            command.max_open_orders,
        )
    )


def add_session(state: EngineState, command: AddSession) -> None:
    """SessionAdded. Refused for an unknown member and for a session of another member."""
    member = state.members.get(command.member)
    if member is None:
        _refuse(state, command, f"member {command.member} is unknown")
        return
    if not _COMP_ID.fullmatch(command.session):
        _refuse(state, command, f"session {command.session!r} is no CompID of printable ASCII")
        return
    session = state.sessions.get(command.session)
    if session is not None and session.member is not member:
        _refuse(state, command, f"session {command.session} belongs to {session.member.name}")
        return
    if session is None:
        state.sessions[command.session] = Session(
            command.session, member, command.cancel_on_disconnect
        )
    else:
        session.cancel_by_default = command.cancel_on_disconnect
    state.events.append(
        SessionAdded(*state.stamp(), command.session, command.member, command.cancel_on_disconnect)
    )


def deposit(state: EngineState, command: Deposit) -> None:
    """FundsDeposited."""
    amount = _check_funds(state, command)
    if amount is None:
        return
    deposited = state.members[command.member].deposited
    deposited[command.asset] = deposited.get(command.asset, 0) + amount
    state.events.append(
        FundsDeposited(
            *state.stamp(),
            command.member,
            command.asset,
            format_money(amount),
            command.operator,
            command.reason,
        )
    )


def withdraw(state: EngineState, command: Withdraw) -> None:
    """FundsWithdrawn. Refused for more than was deposited."""
    amount = _check_funds(state, command)
    if amount is None:
        return
    deposited = state.members[command.member].deposited
    there = deposited.get(command.asset, 0)
    if amount > there:
        _refuse(
            state,
            command,
            f"{command.member} has {format_money(there)} {command.asset} deposited, "
            f"less than {format_money(amount)}",
        )
        return
    deposited[command.asset] = there - amount
    state.events.append(
        FundsWithdrawn(
            *state.stamp(),
            command.member,
            command.asset,
            format_money(amount),
            command.operator,
            command.reason,
        )
    )


def _check_funds(state: EngineState, command: Deposit | Withdraw) -> int | None:
    """Amount in 10^-8 units, or None after the refusal was said."""
    if command.member not in state.members:
        _refuse(state, command, f"member {command.member} is unknown")
        return None
    amount = parse_money(command.amount)
    if amount is None or not 0 < amount <= MOST_MONEY:
        _refuse(
            state,
            command,
            f"{command.amount} is no amount above 0 and up to {format_money(MOST_MONEY)} "
            "with at most 8 decimals",
        )
        return None
    instruments = [market.instrument for market in state.markets.values()]
    assets = {name for each in instruments for name in (each.asset, each.currency)}
    if command.asset not in assets:
        _refuse(state, command, f"asset {command.asset} is unknown")
        return None
    return amount


def _refuse(state: EngineState, command: Command, detail: str) -> None:
    state.events.append(CommandRefused(*state.stamp(), type(command).__name__, detail))
