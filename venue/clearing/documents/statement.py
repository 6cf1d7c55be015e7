"""A member's statement of account for a day: what it had, each movement, what it has; its trades.

Pure but for the reading. The day's own entries alone make it, so it is the same whenever it is made
once the day is booked.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import Engine

from venue.clearing.documents import reading
from venue.clearing.documents.business_days import Period
from venue.clearing.documents.fees import FeeLine, fee_lines, fee_totals
from venue.clearing.documents.words import public_text
from venue.clearing.postings import DEFAULT_SUB_ACCOUNT
from venue.clearing.statements import exact_text
from venue.clock import iso
from venue.domain.types import Side

PURPOSES: dict[str, Literal["settled", "unsettled"]] = {
    "member": "settled",
    "unsettled": "unsettled",
}
"""What a member's account is for, by its kind."""


class NoSuchMember(Exception):
    """Nothing was ever booked for it; the text says which members there are."""


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """A line: what came into the account (below zero: went out), and its balance then.

    type: the event that was booked. event_seq and line: where the ledger has it. reference: name of
    the payment outside. value_date: ISO date on which it counts.
    """

    event_seq: int
    line: int
    time: str
    type: str
    text: str
    reference: str
    value_date: str
    amount: str
    balance: str


class AccountStatement(msgspec.Struct, frozen=True, kw_only=True):
    """An account and asset. purpose: settled is what the member has; unsettled is what it is still
    owed, or owes below zero."""

    account: str
    asset: str
    purpose: Literal["settled", "unsettled"]
    opening: str
    closing: str
    movements: list[Movement]


class StatementTrade(msgspec.Struct, frozen=True, kw_only=True):
    """The member's side of a trade, as it was executed. side: FIX's code."""

    event_seq: int
    time: str
    match_id: str
    trading_day: str
    account: str
    order_id: str
    side: str
    symbol: str
    last_qty: str
    last_px: str
    amount: str
    currency: str
    fee: str


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of account. begins, ends: of the day, in UTC; the end is not part of it.

    as_of_event_seq: the last entry that is in it. is_final: the day was over when it was made.
    fees: what the member paid in all, by currency, busts and corrections included.
    """

    member: str
    date: str
    time_zone: str
    begins: str
    ends: str
    as_of_event_seq: int
    is_final: bool
    accounts: list[AccountStatement]
    trades: list[StatementTrade]
    fees: dict[str, str]


class _Read(NamedTuple):
    """What the ledger has of a member and day."""

    booked: reading.Range
    accounts: Sequence[Any]
    opening: dict[int, Any]
    movements: Sequence[Any]
    trades: Sequence[Any]
    fees: list[FeeLine]


def statement_of(engine: Engine, member: str, period: Period, now_ns: int) -> Statement:
    """The statement of a member for a day. Raises NoSuchMember, SQLAlchemyError."""
    with reading.one_moment(engine) as connection:
        held = reading.accounts(connection, member)
        if not held:
            known = sorted({row.owner for row in reading.accounts(connection)})
            raise NoSuchMember(
                f"the ledger has no member {member}; it has: {', '.join(known) or 'none'}"
            )
        booked = reading.range_of(connection, period)
        ids = [row.account_id for row in held]
        found = _Read(
            booked,
            held,
            reading.balances_at(connection, ids, booked.after),
            list(reading.movements(connection, ids, booked)),
            reading.trades(connection, booked, member),
            fee_lines(connection, booked, member),
        )
    return Statement(
        member=member,
        date=period.name,
        time_zone=period.time_zone,
        begins=iso(period.begin_ns),
        ends=iso(period.end_ns),
        as_of_event_seq=found.booked.last,
        is_final=now_ns >= period.end_ns,
        accounts=list(_accounts(found)),
        trades=[each for row in found.trades for each in sides_of(row, member)],
        fees=fee_totals(found.fees),
    )


def _accounts(found: _Read) -> Iterator[AccountStatement]:
    """Accounts that had anything or were moved, each with its lines."""
    lines: defaultdict[int, list[Any]] = defaultdict(list)
    for row in found.movements:
        lines[row.account_id].append(row)
    for account in found.accounts:
        opening = found.opening[account.account_id] or Decimal(0)
        moved = lines[account.account_id]
        if not opening and not moved:
            continue
        yield AccountStatement(
            account=account.sub_account,
            asset=account.asset,
            purpose=PURPOSES[account.kind],
            opening=exact_text(opening),
            closing=exact_text(moved[-1].balance_after if moved else opening),
            movements=[movement_of(row) for row in moved],
        )


def movement_of(row: Any) -> Movement:
    """A line as a document has it."""
    return Movement(
        event_seq=row.event_seq,
        line=row.line,
        time=iso(row.timestamp_ns),
        type=row.kind,
        text=public_text(row.kind, row.description),
        reference=row.reference,
        value_date=row.value_date.isoformat(),
        amount=exact_text(row.amount),
        balance=exact_text(row.balance_after),
    )


def sides_of(row: Any, member: str) -> Iterator[StatementTrade]:
    """The sides of a trade that are the member's: one, or both."""
    sides = (
        (Side.BUY, row.buyer, row.buyer_account, row.buyer_order_id, row.buyer_fee),
        (Side.SELL, row.seller, row.seller_account, row.seller_order_id, row.seller_fee),
    )
    for side, owner, account, order_id, fee in sides:
        if owner == member:
            yield StatementTrade(
                event_seq=row.event_seq,
                time=iso(row.timestamp_ns),
                match_id=row.match_id,
                trading_day=row.trading_day,
                account=account or DEFAULT_SUB_ACCOUNT,
                order_id=order_id,
                side=side.value,
                symbol=row.symbol,
                last_qty=exact_text(row.quantity),
                last_px=exact_text(row.price),
                amount=exact_text(row.amount),
                currency=row.currency,
                fee=exact_text(fee),
            )
