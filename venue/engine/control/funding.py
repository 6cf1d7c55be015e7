"""Deposits and withdrawals: what comes in from outside and goes out again.

What references are good for: venue.engine.control.payments. What moves between members, and what
is taken back: venue.engine.control.transfers.
"""

from venue.domain.commands import Deposit, Withdraw
from venue.domain.decimal_text import format_money
from venue.domain.events import FundsDeposited, FundsWithdrawn
from venue.engine.control import transfers as transfers  # whose effects are of this room
from venue.engine.control.effects import effect_of, refuse
from venue.engine.control.payments import (
    amount_error,
    amount_of,
    asset_error,
    is_repeat,
    lacks,
    reference_error,
    terms_of,
    whose_error,
)
from venue.engine.state.engine_state import EngineState


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
    lacking = lacks(state, command.member, command.account, command.asset, amount)
    if lacking is not None:
        refuse(state, command, lacking)
        return
    state.members[command.member].purses.of(command.account, command.asset).balance -= amount
    _moved(state, command, amount, FundsWithdrawn)


def _moved(
    state: EngineState,
    command: Deposit | Withdraw,
    amount: int,
    event: type[FundsDeposited | FundsWithdrawn],
) -> None:
    """Say what was moved, and use up its reference."""
    event_seq, timestamp_ns = state.stamp()
    if command.reference:
        state.references.add(command.reference, event_seq, terms_of(command, amount))
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


def _is_repeat(state: EngineState, command: Deposit | Withdraw, amount: int) -> bool:
    terms = terms_of(command, amount)
    return is_repeat(state, command, terms, command.member, command.account, command.asset, amount)


def _check_funds(state: EngineState, command: Deposit | Withdraw) -> int | None:
    """Amount in 10^-8 units, or None after the refusal was said."""
    wrong = (
        whose_error(state, command.member, command.account)
        or amount_error(command.amount)
        or asset_error(state, command.asset)
        or reference_error(command.reference)
    )
    if wrong is not None:
        refuse(state, command, wrong)
        return None
    return amount_of(command.amount)
