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
    """A movement of funds came again under its reference: nothing was booked.

    first_event_seq: the event that booked it. The other fields are of the command that came again;
    of a reversal those of FundsReversed.
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


def _transfer(payload: Payload) -> str:
    to_account = f"/{payload['to_account']}" if payload.get("to_account") else ""
    to = f"{payload['to_member']}{to_account}"
    reference = f" reference {payload['reference']}" if payload.get("reference") else ""
    what = f"{payload['amount']} {payload['asset']}"
    return f"{whose(payload)} to {to} {what}{reference}{by_whom(payload)}"


def _reverse(payload: Payload) -> str:
    return f"{payload['of_reference']} reference {payload['reference']}{by_whom(payload)}"


def _reversed(payload: Payload) -> str:
    to_account = f"/{payload['to_account']}" if payload.get("to_account") else ""
    to = f" from {payload['to_member']}{to_account}" if payload.get("to_member") else ""
    return (
        f"{whose(payload)}{to} {payload['amount']} {payload['asset']}  takes back"
        f" {payload['of_reference']}, event {payload['of_event_seq']}"
        f"  reference {payload['reference']}{by_whom(payload)}"
    )


def _of(command: Deposit | Withdraw | TransferFunds) -> str:
    return f"{command.member}/{command.account}" if command.account else command.member


def _to(command: TransferFunds) -> str:
    if command.to_account:
        return f"{command.to_member}/{command.to_account}"
    return command.to_member


WORDS = {
    Deposit: _funds,
    Withdraw: _funds,
    TransferFunds: _transfer,
    ReverseFunds: _reverse,
    FundsDeposited: _funds,
    FundsWithdrawn: _funds,
    FundsRepeated: _repeated,
    FundsTransferred: _transfer,
    FundsReversed: _reversed,
}

_ASSET = Argument("asset", "asset", "Currency or asset, for example USD.")
_AMOUNT = Argument("amount", "amount", "Exact amount, at most 8 decimals.")
_REFERENCE = Option(
    "reference",
    "--reference",
    "TEXT",
    "Name of the payment outside, used once for ever: said again, it books nothing.",
    is_needed=True,
)
_TAKES = (
    Argument("member", "MEMBER[/ACCOUNT]", "For example ALPHA, or ALPHA/A1.", account="account"),
    _ASSET,
    _AMOUNT,
    _REFERENCE,
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
    Verb(
        TransferFunds,
        "transfer",
        "Move funds from one account to another: at most what could be withdrawn.",
        'venue transfer ALPHA/A1 BRAVO USD 1000 --reference "transfer 7"',
        (
            Argument(
                "member", "MEMBER[/ACCOUNT]", "Who gives, such as ALPHA/A1.", account="account"
            ),
            Argument(
                "to_member", "TO[/ACCOUNT]", "Who gets it, such as BRAVO.", account="to_account"
            ),
            _ASSET,
            _AMOUNT,
            _REFERENCE,
        ),
        done=lambda command: (
            f"transfer of {command.amount} {command.asset}: {_of(command)} to {_to(command)}"
        ),
        asks=lambda command: (
            f"move {command.amount} {command.asset} of {_of(command)} to {_to(command)}"
        ),
        takes_negative=True,
    ),
    Verb(
        ReverseFunds,
        "reverse",
        "Take back a deposit, withdrawal or transfer, named by its reference.",
        'venue reverse "wire 4711" --reference "recall 1"',
        (
            Argument("of_reference", "reference", "What was booked under it is taken back."),
            _REFERENCE,
        ),
        done=lambda command: f"{command.of_reference} is reversed",
        asks=lambda command: f"reverse {command.of_reference}",
    ),
)
