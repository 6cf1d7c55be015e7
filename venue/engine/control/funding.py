"""Deposits and withdrawals: what comes in from outside and goes out again."""

from venue.domain.commands import Deposit, Withdraw
from venue.domain.decimal_text import format_money, parse_money
from venue.domain.events import FundsDeposited, FundsWithdrawn
from venue.engine.control.effects import effect_of, refuse
from venue.engine.state.engine_state import EngineState

MOST_MONEY = 10**28
"""Most units of 10^-8 that one deposit or withdrawal may move: 10^20 of the asset."""


@effect_of(Deposit)
def deposit(state: EngineState, command: Deposit) -> None:
    """FundsDeposited."""
    amount = _check_funds(state, command)
    if amount is None:
        return
    state.members[command.member].purses.of(command.account, command.asset).balance += amount
    state.events.append(
        FundsDeposited(
            *state.stamp(),
            command.member,
            command.asset,
            format_money(amount),
            command.operator,
            command.reason,
            command.account,
        )
    )


@effect_of(Withdraw)
def withdraw(state: EngineState, command: Withdraw) -> None:
    """FundsWithdrawn. Refused for more than is there and not reserved by open orders."""
    amount = _check_funds(state, command)
    if amount is None:
        return
    purse = state.members[command.member].purses.seen(command.account, command.asset)
    if amount > purse.free:
        refuse(
            state,
            command,
            f"{command.member} has {format_money(purse.balance)} {command.asset}, "
            f"{format_money(purse.free)} of it free, less than {format_money(amount)}",
        )
        return
    purse.balance -= amount
    state.events.append(
        FundsWithdrawn(
            *state.stamp(),
            command.member,
            command.asset,
            format_money(amount),
            command.operator,
            command.reason,
            command.account,
        )
    )


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
    return amount


def assets(state: EngineState) -> frozenset[str]:
    """What can be deposited: what is traded, and what it is paid in."""
    instruments = [market.instrument for market in state.markets.values()]
    return frozenset(name for each in instruments for name in (each.asset, each.currency))
