"""An entry, its lines and the ledger accounts they are booked on. Pure: exact decimals only.

The account's owner gains a positive amount and gives a negative one. Must never let an entry pass
that does not sum to zero in every asset.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Context, Decimal, Inexact, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from venue.domain.decimal_text import is_decimal

EXACT = Context(prec=100, traps=[Inexact, InvalidOperation])
"""Sums in this context are exact, or they raise. The default one rounds to 28 digits silently."""

DEFAULT_SUB_ACCOUNT = "default"
VENUE, OUTSIDE, CLEARING = "VENUE", "OUTSIDE", "CLEARING"
FEES = "fees"
FUNDING, ISSUER = "funding", "issuer"
NOVATION, SETTLEMENT, PENALTIES, BUY_IN = "novation", "settlement", "penalties", "buy_in"

_NS_OF_A_DAY = 86_400_000_000_000
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class AccountKind(StrEnum):
    """What a ledger account is for.

    MEMBER: what a member has, settled. UNSETTLED: what is owed to it (above zero) or by it. HOUSE:
    the clearing house between members. REVENUE: the venue's. EXTERNAL: the world outside.
    """

    MEMBER = "member"
    UNSETTLED = "unsettled"
    HOUSE = "house"
    REVENUE = "revenue"
    EXTERNAL = "external"


OF_MEMBERS = frozenset({AccountKind.MEMBER, AccountKind.UNSETTLED})
"""Kinds of the accounts whose owner is a member. Their lines are numbered for each member."""


class LedgerAccount(NamedTuple):
    """Where amounts of one asset are kept. A member's sub_account is Account(1) of its orders."""

    kind: AccountKind
    owner: str
    sub_account: str
    asset: str


class Posting(NamedTuple):
    """One line of an entry: `amount` units of the asset come into the account; negative: go out."""

    account: LedgerAccount
    amount: Decimal


class Entry(NamedTuple):
    """The postings of one event. due: ISO date when what is owed by its lines settles; else None.

    value_date() says when the amount of a line counts.
    """

    event_seq: int
    timestamp_ns: int
    kind: str
    description: str
    postings: tuple[Posting, ...]
    due: str | None = None


class EventNotPostable(ValueError):
    """The event's amounts make no sense or its entry would not balance; nothing was booked."""


def value_date(entry: Entry, account: LedgerAccount) -> str:
    """ISO date on which a line of the entry counts: of what is owed, the due date.

    Of all else it is the date of booking, in UTC.
    """
    if entry.due is not None and is_owed(account):
        return entry.due
    return booking_date(entry)


def booking_date(entry: Entry) -> str:
    """ISO date of booking, in UTC."""
    return _date_of(entry.timestamp_ns // _NS_OF_A_DAY)


@lru_cache(maxsize=64)
def _date_of(days: int) -> str:
    """ISO date of so many days after 1970-01-01."""
    return date.fromordinal(_EPOCH_ORDINAL + days).isoformat()


def is_owed(account: LedgerAccount) -> bool:
    """Whether the account is for what is not settled yet: a member's side, or the house's."""
    return account.kind is AccountKind.UNSETTLED or (
        account.kind is AccountKind.HOUSE and account.sub_account == NOVATION
    )


def ensure_balanced(entry: Entry) -> None:
    """Raise EventNotPostable unless the entry sums to exactly zero in every asset."""
    sums = sums_by_asset(entry.postings)
    broken = {asset: str(total) for asset, total in sums.items() if total}
    if broken or not entry.postings:
        raise EventNotPostable(f"entry of event {entry.event_seq} does not balance: {broken}")


def sums_by_asset(postings: Iterable[Posting]) -> dict[str, Decimal]:
    """Exact total of each asset over the postings."""
    sums: dict[str, Decimal] = {}
    add = EXACT.add
    for account, amount in postings:
        asset = account.asset
        sums[asset] = add(sums[asset], amount) if asset in sums else amount
    return sums


@lru_cache(maxsize=1 << 16)
def member_account(member: str, account: str | None, asset: str) -> LedgerAccount:
    """A member's ledger account; orders without Account(1) and deposits use the default one."""
    return LedgerAccount(AccountKind.MEMBER, member, account or DEFAULT_SUB_ACCOUNT, asset)


@lru_cache(maxsize=1 << 16)
def unsettled_account(member: str, account: str | None, asset: str) -> LedgerAccount:
    """What is owed to a member's account (above zero) or by it, of all due dates."""
    return LedgerAccount(AccountKind.UNSETTLED, member, account or DEFAULT_SUB_ACCOUNT, asset)


@lru_cache(maxsize=1 << 12)
def house_account(sub_account: str, asset: str) -> LedgerAccount:
    """The clearing house's: NOVATION, SETTLEMENT, PENALTIES or BUY_IN."""
    return LedgerAccount(AccountKind.HOUSE, CLEARING, sub_account, asset)


@lru_cache(maxsize=1 << 12)
def revenue_account(asset: str) -> LedgerAccount:
    """The venue's fees."""
    return LedgerAccount(AccountKind.REVENUE, VENUE, FEES, asset)


@lru_cache(maxsize=1 << 12)
def external_account(asset: str, sub_account: str = FUNDING) -> LedgerAccount:
    """The world outside: as far below zero as the members hold above it; FUNDING or ISSUER."""
    return LedgerAccount(AccountKind.EXTERNAL, OUTSIDE, sub_account, asset)


def moved(source: LedgerAccount, target: LedgerAccount, amount: Decimal) -> list[Posting]:
    """Two lines: the amount goes from source to target, below zero the other way. None of zero."""
    if not amount:
        return []
    return [Posting(source, amount.copy_negate()), Posting(target, amount)]


def number(field: str, text: str) -> Decimal:
    """The number that a field says. Raises EventNotPostable."""
    if not is_decimal(text):
        raise EventNotPostable(f"{field} {text!r} is no decimal number")
    return Decimal(text)


def positive(field: str, text: str) -> Decimal:
    """A number above zero. Raises EventNotPostable."""
    value = number(field, text)
    if value <= 0:
        raise EventNotPostable(f"{field} {text} is not positive")
    return value


def positive_or_zero(field: str, text: str) -> Decimal:
    """A number not below zero. Raises EventNotPostable."""
    value = number(field, text)
    if value < 0:
        raise EventNotPostable(f"{field} {text} is negative")
    return value


@lru_cache(maxsize=1 << 10)
def due_date(field: str, text: str) -> str:
    """An ISO date, as it is said. Raises EventNotPostable."""
    try:
        is_iso = date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_iso = False
    if not is_iso:
        raise EventNotPostable(f"{field} {text!r} is no date YYYY-MM-DD")
    return text
