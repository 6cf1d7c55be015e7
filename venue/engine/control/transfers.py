"""Transfers between accounts, and reversals: acts of their own that take back what was booked.

Each has a reference of its own, used once for ever like those of deposits. What is reversed is
named by its reference, and reversed once.
"""

from venue.domain.commands import Deposit, ReverseFunds, TransferFunds
from venue.domain.decimal_text import format_money
from venue.domain.events import FundsReversed, FundsTransferred
from venue.engine.control.effects import effect_of, refuse
from venue.engine.control.payments import (
    Movement,
    amount_error,
    amount_of,
    asset_error,
    is_repeat,
    lacks,
    movement_of,
    reference_error,
    terms_of,
    whose_error,
)
from venue.engine.state.engine_state import EngineState

_DEFAULT = "default"
"""The ledger's name for the account of orders that name none."""


@effect_of(TransferFunds)
def transfer_funds(state: EngineState, command: TransferFunds) -> None:
    """FundsTransferred; FundsRepeated for what its reference has booked before.

    Refused for more than could be withdrawn from the account that gives.
    """
    wrong = _why_not(state, command)
    if wrong is not None:
        refuse(state, command, wrong)
        return
    amount = amount_of(command.amount)
    assert amount is not None
    member, account, asset = command.member, command.account, command.asset
    terms = terms_of(command, amount)
    if is_repeat(state, command, terms, member, account, asset, amount):
        return
    lacking = lacks(state, member, account, asset, amount)
    if lacking is not None:
        refuse(state, command, lacking)
        return
    _move(state, member, account, asset, -amount)
    _move(state, command.to_member, command.to_account, asset, amount)
    event_seq, timestamp_ns = state.stamp()
    state.references.add(command.reference, event_seq, terms)
    state.events.append(
        FundsTransferred(
            event_seq,
            timestamp_ns,
            member,
            command.to_member,
            asset,
            format_money(amount),
            command.operator,
            command.reason,
            account,
            command.to_account,
            command.reference,
        )
    )


def _why_not(state: EngineState, command: TransferFunds) -> str | None:
    giver, taker = (command.member, command.account), (command.to_member, command.to_account)
    wrong = (
        whose_error(state, *giver)
        or whose_error(state, *taker)
        or amount_error(command.amount)
        or asset_error(state, command.asset)
        or _reference_error(command.reference)
    )
    if wrong is not None:
        return wrong
    if not (command.account + command.to_account).isprintable():
        return "an account has no control characters"
    if (command.member, command.account or _DEFAULT) == (
        command.to_member,
        command.to_account or _DEFAULT,
    ):
        return "both accounts are the same"
    return None


def _reference_error(reference: str) -> str | None:
    return reference_error(reference) if reference else "a reference is needed"


@effect_of(ReverseFunds)
def reverse_funds(state: EngineState, command: ReverseFunds) -> None:
    """FundsReversed; FundsRepeated for what its reference has reversed before.

    Refused for what was reversed already, for a reversal, and where who has got the funds could not
    withdraw them.
    """
    wrong = _reference_error(command.reference)
    booked = None if wrong else state.references.get(command.of_reference)
    if booked is None:
        refuse(state, command, wrong or f"reference {command.of_reference!r} has booked nothing")
        return
    of_event_seq, terms = booked
    movement = movement_of(terms)
    if movement is None:
        refuse(state, command, f"{command.of_reference} is a reversal, and stays")
        return
    amount = -movement.amount if movement.kind == Deposit.__name__ else movement.amount
    own_terms = terms_of(command, amount)
    member, account, asset = movement.member, movement.account, movement.asset
    if is_repeat(state, command, own_terms, member, account, asset, amount):
        return
    wrong = _why_not_back(state, command.of_reference, of_event_seq, movement)
    if wrong is not None:
        refuse(state, command, wrong)
        return
    _move(state, member, account, asset, amount)
    if movement.to_member:
        _move(state, movement.to_member, movement.to_account, asset, -amount)
    event_seq, timestamp_ns = state.stamp()
    state.references.add(command.reference, event_seq, own_terms)
    state.reversals.add(command.of_reference, event_seq, command.reference)
    state.events.append(
        FundsReversed(
            event_seq,
            timestamp_ns,
            member,
            asset,
            format_money(amount),
            command.of_reference,
            of_event_seq,
            command.operator,
            command.reason,
            account,
            movement.to_member,
            movement.to_account,
            command.reference,
        )
    )


def _why_not_back(
    state: EngineState, of_reference: str, of_event_seq: int, movement: Movement
) -> str | None:
    if state.under_way is not None:
        return f"{state.under_way}; funds move behind it"
    if any(
        market.instrument.asset == movement.asset and of_event_seq < market.split_seq
        for market in state.markets.values()
    ):
        return f"{of_reference} moved {movement.asset} before a split: it stays"
    reversed_by = state.reversals.get(of_reference)
    if reversed_by is not None:
        event_seq, reference = reversed_by
        return f"{of_reference} was reversed already, by {reference}, event {event_seq}"
    asset, amount = movement.asset, movement.amount
    if movement.kind == Deposit.__name__:
        return lacks(state, movement.member, movement.account, asset, amount)
    if movement.to_member:
        return lacks(state, movement.to_member, movement.to_account, asset, amount)
    return None


def _move(state: EngineState, member: str, account: str, asset: str, amount: int) -> None:
    """Add an amount, or (below zero) take it; nothing is taken that is not there."""
    purse = state.members[member].purses.of(account, asset)
    purse.balance += amount
    assert amount > 0 or purse.free >= 0
