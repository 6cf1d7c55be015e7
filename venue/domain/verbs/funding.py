"""Verbs of funds: a member's money and securities, in and out.

Commands and events of each, their words, and how they are said. Effects:
venue.engine.control.funding.
"""

from venue.domain.command import ActionCommand
from venue.domain.event import ControlEvent
from venue.domain.role import Role
from venue.domain.verb import Argument, Option, Verb
from venue.domain.words import Payload, by_whom, whose


class Deposit(ActionCommand, frozen=True, tag=True):
    """Credit a member's ledger account with an amount of an asset (currency or symbol).

    account: Account(1) of the orders it is for; empty: of those that name none. reference: whose
    name the payment has outside. It is used once for ever: the same command again books nothing.
    Empty: the configuration's first funds, or an older journal's.
    """

    least_role = Role.RISK
    member: str
    asset: str
    amount: str
    operator: str = ""
    reason: str = ""
    account: str = ""
    reference: str = ""


class Withdraw(ActionCommand, frozen=True, tag=True):
    """Debit a member's ledger account, at most by what is there and not reserved."""

    least_role = Role.RISK
    member: str
    asset: str
    amount: str
    operator: str = ""
    reason: str = ""
    account: str = ""
    reference: str = ""


class FundsDeposited(ControlEvent, frozen=True, tag=True):
    """An amount of an asset came in from outside."""

    member: str
    asset: str
    amount: str
    operator: str
    reason: str
    account: str = ""
    reference: str = ""


class FundsWithdrawn(ControlEvent, frozen=True, tag=True):
    """An amount of an asset went out."""

    member: str
    asset: str
    amount: str
    operator: str
    reason: str
    account: str = ""
    reference: str = ""


class FundsRepeated(ControlEvent, frozen=True, tag=True):
    """A deposit or withdrawal came again under its reference: nothing was booked.

    first_event_seq: the event that booked it. The other fields are of the command that came again.
    """

    member: str
    asset: str
    amount: str
    operator: str
    reason: str
    account: str
    reference: str
    first_event_seq: int


class TransferFunds(ActionCommand, frozen=True, tag=True):
    """Move an amount of an asset between accounts, of one member or of two."""

    least_role = Role.RISK
    member: str
    to_member: str
    asset: str
    amount: str
    operator: str = ""
    reason: str = ""
    account: str = ""
    to_account: str = ""
    reference: str = ""


class ReverseFunds(ActionCommand, frozen=True, tag=True):
    """Take back a deposit, withdrawal or transfer, named by its reference: an act of its own."""

    least_role = Role.RISK
    of_reference: str
    operator: str = ""
    reason: str = ""
    reference: str = ""


class FundsTransferred(ControlEvent, frozen=True, tag=True):
    """An amount of an asset went from one account to another."""

    member: str
    to_member: str
    asset: str
    amount: str
    operator: str
    reason: str
    account: str = ""
    to_account: str = ""
    reference: str = ""


class FundsReversed(ControlEvent, frozen=True, tag=True):
    """What a reference had booked was taken back. amount: signed, what comes to the member now.

    of_reference and of_event_seq: what was reversed. to_member: of a transfer, else empty; it gets
    the amount with the other sign.
    """

    member: str
    asset: str
    amount: str
    of_reference: str
    of_event_seq: int
    operator: str
    reason: str
    account: str = ""
    to_member: str = ""
    to_account: str = ""
    reference: str = ""


def _funds(payload: Payload) -> str:
    reference = f" reference {payload['reference']}" if payload.get("reference") else ""
    return f"{whose(payload)} {payload['amount']} {payload['asset']}{reference}{by_whom(payload)}"


def _repeated(payload: Payload) -> str:
    return f"{_funds(payload)}  nothing booked again after event {payload['first_event_seq']}"


def _of(command: Deposit | Withdraw) -> str:
    return f"{command.member}/{command.account}" if command.account else command.member


WORDS = {
    Deposit: _funds,
    Withdraw: _funds,
    FundsDeposited: _funds,
    FundsWithdrawn: _funds,
    FundsRepeated: _repeated,
}

_TAKES = (
    Argument("member", "MEMBER[/ACCOUNT]", "For example ALPHA, or ALPHA/A1.", account="account"),
    Argument("asset", "asset", "Currency or asset, for example USD."),
    Argument("amount", "amount", "Exact amount, at most 8 decimals."),
    Option(
        "reference",
        "--reference",
        "TEXT",
        "Name of the payment outside, used once for ever: said again, it books nothing.",
        is_needed=True,
    ),
)

VERBS = (
    Verb(
        Deposit,
        "deposit",
        "Credit a member, or one of its accounts.",
        'venue deposit ALPHA USD 250000.50 --reference "wire 4711"',
        _TAKES,
        done=lambda command: f"deposit of {command.amount} {command.asset}: {_of(command)}",
        takes_negative=True,
    ),
    Verb(
        Withdraw,
        "withdraw",
        "Debit a member, or one of its accounts: at most what is there and not reserved.",
        'venue withdraw ALPHA/A1 USD 1000 --reference "payment 12"',
        _TAKES,
        done=lambda command: f"withdrawal of {command.amount} {command.asset}: {_of(command)}",
        asks=lambda command: f"withdraw {command.amount} {command.asset} of {_of(command)}",
        takes_negative=True,
    ),
)
