"""What all movements of funds have in common: whose, how much, and a reference used once for ever.

Checks give words, or None where nothing is wrong. What a reference has booked is kept as words,
from which a reversal reads what to take back.
"""

from typing import NamedTuple

from venue.domain.command import Command
from venue.domain.commands import Deposit, ReverseFunds, TransferFunds, Withdraw
from venue.domain.decimal_text import format_money, parse_money
from venue.domain.events import FundsRepeated
from venue.engine.control.effects import refuse
from venue.engine.state.engine_state import EngineState
from venue.risk.funds import Purse

Payment = Deposit | Withdraw | TransferFunds | ReverseFunds
MOST_MONEY = 10**28
"""Most units of 10^-8 that one movement may have: 10^20 of the asset."""
REFERENCE_MAX = 64
"""Most characters of a reference."""
_KINDS = (Deposit, Withdraw, TransferFunds, ReverseFunds)
_TO = "\t"
"""Between both accounts of a transfer in its terms: no account of one has it."""


class Movement(NamedTuple):
    """What a reference has booked. to_member and to_account: of a transfer, else empty.

    amount is in 10^-8 units, above zero.
    """

    kind: str
    member: str
    account: str
    asset: str
    amount: int
    to_member: str = ""
    to_account: str = ""


def terms_of(command: Payment, amount: int) -> str:
    """What is moved, in words: equal for equal commands."""
    if isinstance(command, ReverseFunds):
        return f"ReverseFunds {command.of_reference}"
    whose = _whose(command.member, command.account)
    if isinstance(command, TransferFunds):
        whose += f"{_TO}{_whose(command.to_member, command.to_account)}"
    return f"{type(command).__name__} {whose} {command.asset} {format_money(amount)}"


def movement_of(terms: str) -> Movement | None:
    """What terms say; None for those of a reversal, which itself is not taken back."""
    kind, _, rest = terms.partition(" ")
    if kind == ReverseFunds.__name__:
        return None
    whose, asset, text = rest.rsplit(" ", 2)
    to_member = to_account = ""
    if kind == TransferFunds.__name__:
        whose, _, to = whose.partition(_TO)
        to_member, _, to_account = to.partition("/")
    member, _, account = whose.partition("/")
    amount = parse_money(text)
    assert amount is not None and amount > 0, "terms are written by terms_of"
    return Movement(kind, member, account, asset, amount, to_member, to_account)


def is_repeat(
    state: EngineState,
    command: Payment,
    terms: str,
    member: str,
    account: str,
    asset: str,
    amount: int,
) -> bool:
    """Whether the reference was used before. Then FundsRepeated; refused for other terms."""
    used = state.references.get(command.reference) if command.reference else None
    if used is None:
        return False
    first_event_seq, used_terms = used
    if used_terms != terms:
        said = used_terms.replace(_TO, " to ") if used_terms.startswith("Transfer") else used_terms
        what = f"reference {command.reference} was used by event {first_event_seq}: {said}"
        refuse(state, command, what)
        return True
    state.events.append(
        FundsRepeated(
            *state.stamp(),
            member,
            asset,
            format_money(amount),
            command.operator,
            command.reason,
            account,
            command.reference,
            first_event_seq,
        )
    )
    return True


def is_booked(state: EngineState, command: Command) -> bool:
    """Whether the reference of a movement was used: no approval changes its answer."""
    return isinstance(command, _KINDS) and command.reference in state.references


def waiting_id(state: EngineState, command: Command) -> str | None:
    """Id under which the same movement, by its reference, waits for approval."""
    if not isinstance(command, _KINDS) or not command.reference:
        return None
    for action_id, held in state.pending.items():
        if isinstance(held, type(command)) and _said(held) == _said(command):
            return action_id
    return None


def _said(command: Payment) -> list[object]:
    """All that is asked, but not by whom and why."""
    by_whom = ("operator", "reason", "uid")
    return [getattr(command, name) for name in command.__struct_fields__ if name not in by_whom]


def whose_error(state: EngineState, member: str, account: str) -> str | None:
    """Why there is no such account, or None."""
    if member not in state.members:
        return f"member {member} is unknown"
    accounts = state.members[member].accounts
    if account and accounts and account not in accounts:
        return f"account {account} is not of {member}"
    return None


def amount_error(text: str) -> str | None:
    """Why that much cannot be moved, or None."""
    if amount_of(text) is not None:
        return None
    return (
        f"{text} is no amount above 0 and up to {format_money(MOST_MONEY)} with at most 8 decimals"
    )


def amount_of(text: str) -> int | None:
    """The amount in 10^-8 units; None where it cannot be moved."""
    amount = parse_money(text)
    return amount if amount is not None and 0 < amount <= MOST_MONEY else None


def asset_error(state: EngineState, asset: str) -> str | None:
    """Why nothing of it can be moved, or None."""
    if asset not in assets(state):
        return f"asset {asset} is unknown"
    return None if state.under_way is None else f"{state.under_way}; funds move behind it"


def reference_error(reference: str) -> str | None:
    """Why a movement cannot be called so, or None. Empty: it has no reference."""
    is_plain = reference.isprintable() and reference.strip() == reference
    if is_plain and len(reference) <= REFERENCE_MAX:
        return None
    return (
        f"a reference has at most {REFERENCE_MAX} characters, no control characters among "
        "them, and no blank at either end"
    )


def lacks(state: EngineState, member: str, account: str, asset: str, amount: int) -> str | None:
    """Why so much cannot be taken out of an account, or None. amount in 10^-8 units.

    What is still to come in stays: without it the member might be short of what he owes. Of a
    member that is called for margin nothing goes out.
    """
    if state.members[member].margin_due_ns:
        return f"{member} is called for {state.members[member].margin_call} of margin"
    purse = state.members[member].purses.seen(account, asset)
    may = withdrawable(state, member, purse)
    if amount <= may:
        return None
    coming = purse.free - may
    has = f"{member} has {format_money(purse.balance)} {asset}, "
    less = f"less than {format_money(amount)}"
    if not coming:
        return f"{has}{format_money(purse.free)} of it free, {less}"
    return (
        f"{has}{format_money(purse.free)} of it free and {format_money(coming)} still to be "
        f"settled: {format_money(max(may, 0))} can be withdrawn, {less}"
    )


def withdrawable(state: EngineState, member: str, purse: Purse) -> int:
    """What may leave a member's purse, in 10^-8 of its asset; below zero: nothing, by far.

    What is free, less what is still to come in.
    """
    return purse.free - state.obligations.incoming(member, purse.account, purse.asset)


def assets(state: EngineState) -> frozenset[str]:
    """What can be moved: what is traded, and what it is paid in."""
    instruments = [market.instrument for market in state.markets.values()]
    return frozenset(name for each in instruments for name in (each.asset, each.currency))


def _whose(member: str, account: str) -> str:
    return f"{member}/{account}" if account else member
