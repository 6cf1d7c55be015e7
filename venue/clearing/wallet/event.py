"""A wallet event as JSON: one line of the ledger on a member's account, with the balance behind it.

Pure. Says nothing of who operated the venue, nor of other members.
"""

from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec

from venue.bus.subjects import wallet_subject
from venue.clearing.statements import exact_text

WALLET_EVENT_VERSION = 1
ENTRY, SETTLEMENT = "entry", "settlement"
"""Last parts of the subjects."""
_OF_SETTLEMENT = frozenset(
    ("ObligationSettled", "ObligationFailed", "ObligationBoughtIn", "ObligationMoved")
)
Purpose = Literal["settled", "unsettled"]
PURPOSES: dict[str, Purpose] = {"member": "settled", "unsettled": "unsettled"}


class WalletEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of the ledger on one member's account, on ledger.<member>.entry or .settlement.

    `amount` has come into the account, below zero: has gone out; then it held `balance`.
    wallet_number counts the member's lines, on both subjects and over all its accounts, from 1 on
    without a gap. So the sums of all amounts are the account, and `balance` says the same.
    """

    type: str
    """The event that was booked: TradeExecuted, FundsDeposited, ObligationSettled ..."""
    v: int
    event_seq: int
    """Of that event; its drop copy has the same."""
    line: int
    """Of the event's entry in the ledger, from 0 on. Lines of other owners are not told."""
    wallet_number: int
    timestamp_ns: int
    member: str
    account: str
    """Account(1) of the orders that it is for; `default`: of those that name none."""
    purpose: Purpose
    """settled: what the member has. unsettled: what it is owed, or owes below zero."""
    asset: str
    """Currency or base asset."""
    amount: str
    balance: str
    value_date: str
    """ISO date on which it counts: of what is unsettled the due date, else the day of booking."""


class WalletLine(NamedTuple):
    """A line as the ledger has it."""

    event_seq: int
    line: int
    amount: Decimal
    balance_after: Decimal
    value_date: date
    wallet_number: int
    account_kind: str
    owner: str
    sub_account: str
    asset: str
    timestamp_ns: int
    entry_kind: str


class _Last(msgspec.Struct):
    event_seq: int
    line: int
    v: int


def wallet_event(line: WalletLine) -> WalletEvent:
    """What a member is told of a line."""
    return WalletEvent(
        type=line.entry_kind,
        v=WALLET_EVENT_VERSION,
        event_seq=line.event_seq,
        line=line.line,
        wallet_number=line.wallet_number,
        timestamp_ns=line.timestamp_ns,
        member=line.owner,
        account=line.sub_account,
        purpose=PURPOSES[line.account_kind],
        asset=line.asset,
        amount=exact_text(line.amount),
        balance=exact_text(line.balance_after),
        value_date=line.value_date.isoformat(),
    )


def subject_of(event: WalletEvent) -> str:
    """Subject that carries it."""
    kind = SETTLEMENT if event.type in _OF_SETTLEMENT else ENTRY
    return wallet_subject(event.member, kind)


class Place(NamedTuple):
    """A line of the ledger; (0, 0): before the first one."""

    event_seq: int = 0
    line: int = 0


def place_in(payload: bytes) -> tuple[Place, bool]:
    """Of which line a stored event is, and whether this version would write it in the same bytes.

    Raises msgspec.MsgspecError.
    """
    last = msgspec.json.decode(payload, type=_Last)
    return Place(last.event_seq, last.line), last.v == WALLET_EVENT_VERSION
