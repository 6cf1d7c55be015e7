"""Events to double entries: who owes whom what. Pure: no database, no clock, exact decimals only.

The account's owner gains a positive amount and gives a negative one. Every entry sums to zero in
every asset; one that does not is never returned. This check may not be skipped.
"""

from collections.abc import Callable, Iterable
from decimal import Context, Decimal, Inexact, InvalidOperation
from enum import StrEnum
from typing import NamedTuple

from venue.domain.decimal_text import is_decimal
from venue.domain.events import (
    AnyEvent,
    FundsDeposited,
    FundsWithdrawn,
    TradeBusted,
    TradeCorrected,
    TradeExecuted,
)
from venue.domain.order_state import Fill
from venue.domain.types import Side

EXACT = Context(prec=100, traps=[Inexact, InvalidOperation])
"""Sums in this context are exact, or they raise. The default one rounds to 28 digits silently."""

DEFAULT_SUB_ACCOUNT = "default"
VENUE = "VENUE"
OUTSIDE = "OUTSIDE"
FEES = "fees"
FUNDING = "funding"

_TradeEvent = TradeExecuted | TradeBusted | TradeCorrected


class AccountKind(StrEnum):
    """Whose ledger account it is: a member's, the venue's own revenue, or the world outside."""

    MEMBER = "member"
    REVENUE = "revenue"
    EXTERNAL = "external"


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
    """The postings of one event."""

    event_seq: int
    timestamp_ns: int
    kind: str
    description: str
    postings: tuple[Posting, ...]


class EventNotPostable(ValueError):
    """The event's amounts make no sense or its entry would not balance; nothing was booked."""


def entries_of(event: AnyEvent) -> list[Entry]:
    """The entries of an event: one if it moves money or assets, else none.

    A correction that changes no amount has none. Raises EventNotPostable.
    """
    post = _POSTINGS.get(type(event))
    if post is None:
        return []
    description, postings = post(event)
    if not postings and isinstance(event, TradeCorrected):
        return []
    entry = Entry(
        event.event_seq, event.timestamp_ns, type(event).__name__, description, tuple(postings)
    )
    ensure_balanced(entry)
    return [entry]


def ensure_balanced(entry: Entry) -> None:
    """Raise EventNotPostable unless the entry sums to exactly zero in every asset."""
    sums = sums_by_asset(entry.postings)
    broken = {asset: str(total) for asset, total in sums.items() if total}
    if broken or not entry.postings:
        raise EventNotPostable(f"entry of event {entry.event_seq} does not balance: {broken}")


def sums_by_asset(postings: Iterable[Posting]) -> dict[str, Decimal]:
    """Exact total of each asset over the postings."""
    sums: dict[str, Decimal] = {}
    for posting in postings:
        asset = posting.account.asset
        sums[asset] = EXACT.add(sums.get(asset, Decimal(0)), posting.amount)
    return sums


def member_account(member: str, account: str | None, asset: str) -> LedgerAccount:
    """A member's ledger account; orders without Account(1) and deposits use the default one."""
    return LedgerAccount(AccountKind.MEMBER, member, account or DEFAULT_SUB_ACCOUNT, asset)


def revenue_account(asset: str) -> LedgerAccount:
    """The venue's fees."""
    return LedgerAccount(AccountKind.REVENUE, VENUE, FEES, asset)


def external_account(asset: str) -> LedgerAccount:
    """The world outside: as far below zero as the members hold above it."""
    return LedgerAccount(AccountKind.EXTERNAL, OUTSIDE, FUNDING, asset)


def _trade(event: TradeExecuted) -> tuple[str, list[Posting]]:
    return _trade_text(event), _trade_postings(event, event.last_qty, event.amount, _fees(event))


def _bust(event: TradeBusted) -> tuple[str, list[Posting]]:
    """The trade's postings as they stand, each with the other sign."""
    postings = _negated(_trade_postings(event, event.last_qty, event.amount, _fees(event)))
    return f"{event.operator}: {event.reason}; busted {_trade_text(event)}", postings


def _correction(event: TradeCorrected) -> tuple[str, list[Posting]]:
    """The trade's new postings less its old ones: one for each account, without those of zero."""
    fees = event.previous_fee_of(Side.BUY), event.previous_fee_of(Side.SELL)
    before = _trade_postings(event, event.previous_qty, event.previous_amount, fees)
    after = _trade_postings(event, event.last_qty, event.amount, _fees(event))
    changes: dict[LedgerAccount, Decimal] = {}
    for account, amount in [*_negated(before), *after]:
        changes[account] = EXACT.add(changes.get(account, Decimal(0)), amount)
    postings = [Posting(account, change) for account, change in changes.items() if change]
    was = f"{event.previous_qty} at {event.previous_px}"
    return f"{event.operator}: {event.reason}; {was} is {_trade_text(event)}", postings


def _trade_text(event: _TradeEvent) -> str:
    return f"{event.last_qty} {event.symbol} at {event.last_px} {event.currency}, {event.match_id}"


def _trade_postings(
    event: _TradeEvent, quantity_text: str, amount_text: str, fees: tuple[str, str]
) -> list[Posting]:
    """Cash from buyer to seller, asset from seller to buyer, fees from both to the venue.

    fees: the buyer's and the seller's; one below zero is a rebate, which the venue pays.
    """
    cash = _positive_or_zero("amount", amount_text)
    quantity = _positive("last_qty", quantity_text)
    buyer_cash, seller_cash = (
        _account(event.buy, event.currency),
        _account(event.sell, event.currency),
    )
    postings = [
        Posting(buyer_cash, cash.copy_negate()),
        Posting(seller_cash, cash),
        Posting(_account(event.sell, event.asset), quantity.copy_negate()),
        Posting(_account(event.buy, event.asset), quantity),
    ]
    for text, payer in zip(fees, (buyer_cash, seller_cash), strict=True):
        if text != "0" and (fee := _number("fee", text)):
            postings.append(Posting(payer, fee.copy_negate()))
            postings.append(Posting(revenue_account(event.currency), fee))
    return postings


def _fees(event: _TradeEvent) -> tuple[str, str]:
    return event.buy.fee, event.sell.fee


def _negated(postings: Iterable[Posting]) -> list[Posting]:
    return [Posting(account, amount.copy_negate()) for account, amount in postings]


def _deposit(event: FundsDeposited) -> tuple[str, list[Posting]]:
    amount = _positive("amount", event.amount)
    return f"{event.operator}: {event.reason}", [
        Posting(external_account(event.asset), amount.copy_negate()),
        Posting(member_account(event.member, event.account, event.asset), amount),
    ]


def _withdrawal(event: FundsWithdrawn) -> tuple[str, list[Posting]]:
    amount = _positive("amount", event.amount)
    return f"{event.operator}: {event.reason}", [
        Posting(member_account(event.member, event.account, event.asset), amount.copy_negate()),
        Posting(external_account(event.asset), amount),
    ]


# Each function takes exactly the event type it is listed under.
_POSTINGS: dict[type, Callable[..., tuple[str, list[Posting]]]] = {
    TradeExecuted: _trade,
    TradeBusted: _bust,
    TradeCorrected: _correction,
    FundsDeposited: _deposit,
    FundsWithdrawn: _withdrawal,
}
BOOKED = frozenset(event.__name__ for event in _POSTINGS)
"""Types of the events that change the ledger; clearing looks into no others."""


def _account(fill: Fill, asset: str) -> LedgerAccount:
    terms = fill.order.terms
    return member_account(terms.member, terms.account, asset)


def _number(field: str, text: str) -> Decimal:
    if not is_decimal(text):
        raise EventNotPostable(f"{field} {text!r} is no decimal number")
    return Decimal(text)


def _positive(field: str, text: str) -> Decimal:
    value = _number(field, text)
    if value <= 0:
        raise EventNotPostable(f"{field} {text} is not positive")
    return value


def _positive_or_zero(field: str, text: str) -> Decimal:
    value = _number(field, text)
    if value < 0:
        raise EventNotPostable(f"{field} {text} is negative")
    return value
