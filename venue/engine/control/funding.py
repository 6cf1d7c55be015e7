"""Deposits and withdrawals: what comes in from outside and goes out again."""

from venue.domain.command import Command
from venue.domain.commands import Deposit, Withdraw
from venue.domain.decimal_text import format_money, parse_money
from venue.domain.events import FundsDeposited, FundsRepeated, FundsWithdrawn
from venue.engine.control.effects import effect_of, refuse
from venue.engine.state.engine_state import EngineState
from venue.risk.funds import Purse

MOST_MONEY = 10**28
"""Most units of 10^-8 that one deposit or withdrawal may move: 10^20 of the asset."""


REFERENCE_MAX = 64
"""Most characters of a reference."""


@effect_of(Deposit)
def deposit(state: EngineState, command: Deposit) -> None:
    """FundsDeposited; FundsRepeated for what its reference has booked before."""
    amount = _check_funds(state, command)
    if amount is None or _is_repeat(state, command, amount):
        return
    state.members[command.member].purses.of(command.account, command.asset).balance += amount
    _moved(state, command, amount, FundsDeposited)


@effect_of(Withdraw)
def withdraw(state: EngineState, command: Withdraw) -> None:
    """FundsWithdrawn; FundsRepeated for what its reference has booked before.

    Refused for more than is settled and not reserved by open orders.
    """
    amount = _check_funds(state, command)
    if amount is None or _is_repeat(state, command, amount):
        return
    purse = state.members[command.member].purses.seen(command.account, command.asset)
    wrong = why_not_withdrawn(state, command.member, purse, amount)
    if wrong is not None:
        refuse(state, command, wrong)
        return
    purse.balance -= amount
    _moved(state, command, amount, FundsWithdrawn)


def withdrawable(state: EngineState, member: str, purse: Purse) -> int:
    """What may leave a member's purse, in 10^-8 of its asset; below zero: nothing, by far.

    What is free, less what is still to come in.
    """
    return purse.free - state.obligations.incoming(member, purse.account, purse.asset)


def why_not_withdrawn(state: EngineState, member: str, purse: Purse, amount: int) -> str | None:
    """Why an amount may not leave a member's purse, in words; None: it may.

    What is still to come in stays: without it the member might be short of what he owes.
    """
    may = withdrawable(state, member, purse)
    if amount <= may:
        return None
    coming = purse.free - may
    has = f"{member} has {format_money(purse.balance)} {purse.asset}, "
    less = f"less than {format_money(amount)}"
    if not coming:
        return f"{has}{format_money(purse.free)} of it free, {less}"
    return (
        f"{has}{format_money(purse.free)} of it free and {format_money(coming)} still to be "
        f"settled: {format_money(max(may, 0))} can be withdrawn, {less}"
    )


def _moved(
    state: EngineState,
    command: Deposit | Withdraw,
    amount: int,
    event: type[FundsDeposited | FundsWithdrawn],
) -> None:
    """Say what was moved, and use up its reference."""
    event_seq, timestamp_ns = state.stamp()
    if command.reference:
        state.references.add(command.reference, event_seq, _terms(command, amount))
    state.events.append(
        event(
            event_seq,
            timestamp_ns,
            command.member,
            command.asset,
            format_money(amount),
            command.operator,
            command.reason,
            command.account,
            command.reference,
        )
    )


def is_booked(state: EngineState, command: Command) -> bool:
    """Whether the reference of a deposit or withdrawal was used: no approval changes its answer."""
    return isinstance(command, Deposit | Withdraw) and command.reference in state.references


def waiting_id(state: EngineState, command: Command) -> str | None:
    """Id under which the same deposit or withdrawal, by its reference, waits for approval."""
    if not isinstance(command, Deposit | Withdraw) or not command.reference:
        return None
    for action_id, held in state.pending.items():
        if isinstance(held, type(command)) and _said_alike(held, command):
            return action_id
    return None


def _said_alike(one: Deposit | Withdraw, other: Deposit | Withdraw) -> bool:
    names = ("member", "account", "asset", "amount", "reference")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _is_repeat(state: EngineState, command: Deposit | Withdraw, amount: int) -> bool:
    """Whether the reference was used before. Then FundsRepeated; refused for other terms."""
    used = state.references.get(command.reference) if command.reference else None
    if used is None:
        return False
    first_event_seq, terms = used
    if terms != _terms(command, amount):
        refuse(
            state,
            command,
            f"reference {command.reference} was used by event {first_event_seq}: {terms}",
        )
        return True
    state.events.append(
        FundsRepeated(
            *state.stamp(),
            command.member,
            command.asset,
            format_money(amount),
            command.operator,
            command.reason,
            command.account,
            command.reference,
            first_event_seq,
        )
    )
    return True


def _terms(command: Deposit | Withdraw, amount: int) -> str:
    """What is moved, in words: equal for equal commands."""
    whose = f"{command.member}/{command.account}" if command.account else command.member
    return f"{type(command).__name__} {whose} {command.asset} {format_money(amount)}"


def _check_funds(state: EngineState, command: Deposit | Withdraw) -> int | None:
    """Amount in 10^-8 units, or None after the refusal was said."""
    if command.member not in state.members:
        refuse(state, command, f"member {command.member} is unknown")
        return None
    accounts = state.members[command.member].accounts
    if command.account and accounts and command.account not in accounts:
        refuse(state, command, f"account {command.account} is not of {command.member}")
        return None
    amount = parse_money(command.amount)
    if amount is None or not 0 < amount <= MOST_MONEY:
        refuse(
            state,
            command,
            f"{command.amount} is no amount above 0 and up to {format_money(MOST_MONEY)} "
            "with at most 8 decimals",
        )
        return None
    if command.asset not in assets(state):
        refuse(state, command, f"asset {command.asset} is unknown")
        return None
    reference = command.reference
    if (
        len(reference) > REFERENCE_MAX
        or not reference.isprintable()
        or reference.strip() != reference
    ):
        refuse(
            state,
            command,
            f"a reference has at most {REFERENCE_MAX} characters, no control characters among "
            "them, and no blank at either end",
        )
        return None
    return amount


def assets(state: EngineState) -> frozenset[str]:
    """What can be deposited: what is traded, and what it is paid in."""
    instruments = [market.instrument for market in state.markets.values()]
    return frozenset(name for each in instruments for name in (each.asset, each.currency))
