"""Lines of funds: deposits, withdrawals, transfers between accounts, and what takes them back.

Pure. All on settled accounts.
"""

from venue.clearing.postings.entry import (
    EventNotPostable,
    Posting,
    external_account,
    member_account,
    moved,
    number,
    positive,
)
from venue.domain.events import (
    FundsDeposited,
    FundsReversed,
    FundsTransferred,
    FundsWithdrawn,
)


def deposit(event: FundsDeposited) -> tuple[str, list[Posting]]:
    """From outside to the member."""
    amount = positive("amount", event.amount)
    own = member_account(event.member, event.account, event.asset)
    return _by(event), moved(external_account(event.asset), own, amount)


def withdrawal(event: FundsWithdrawn) -> tuple[str, list[Posting]]:
    """From the member to the world outside."""
    amount = positive("amount", event.amount)
    own = member_account(event.member, event.account, event.asset)
    return _by(event), moved(own, external_account(event.asset), amount)


def transfer(event: FundsTransferred) -> tuple[str, list[Posting]]:
    """From one account to another one."""
    amount = positive("amount", event.amount)
    source = member_account(event.member, event.account, event.asset)
    target = member_account(event.to_member, event.to_account, event.asset)
    if source == target:
        raise EventNotPostable(f"event {event.event_seq} transfers to the account it comes from")
    return _by(event), moved(source, target, amount)


def reversal(event: FundsReversed) -> tuple[str, list[Posting]]:
    """The signed amount to the member: from outside, or of a transfer from who had got it."""
    amount = number("amount", event.amount)
    own = member_account(event.member, event.account, event.asset)
    other = external_account(event.asset)
    if event.to_member:
        other = member_account(event.to_member, event.to_account, event.asset)
    if own == other:
        raise EventNotPostable(f"event {event.event_seq} reverses to the account it comes from")
    of_what = f"reversed {event.of_reference} of event {event.of_event_seq}"
    return f"{_by(event)}; {of_what}", moved(other, own, amount)


def _by(event: FundsDeposited | FundsWithdrawn | FundsTransferred | FundsReversed) -> str:
    return f"{event.operator}: {event.reason}"
