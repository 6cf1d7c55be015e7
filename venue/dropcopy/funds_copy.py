"""A copy of a movement of a member's funds as JSON, from the event alone: what came or went.

May know events. Pure. Says nothing of who operated the venue. With the executions beside it a
member can compute each of its balances.
"""

import msgspec

from venue.domain import events as e
from venue.dropcopy.drop_copy import DROP_COPY_VERSION


class FundsCopy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A movement of one member's funds, on drop.<member>._funds.

    type is the event's: FundsDeposited adds `amount` of `asset`, FundsWithdrawn takes it.
    FundsTransferred and FundsReversed add it too, and it is below zero where they take. The
    member_seq counts on from that of the member's executions. The amount is decimal text.
    """

    type: str
    v: int
    event_seq: int
    member_seq: int
    timestamp_ns: int
    member: str
    asset: str
    """Currency or base asset."""
    amount: str
    account: str | None = None
    """Account(1) of the orders that it is for; None: of those that name none."""
    reference: str | None = None
    """Name of the payment outside."""
    of_reference: str | None = None
    """Of FundsReversed: the reference of what is taken back."""


OF_FUNDS = (e.FundsDeposited, e.FundsWithdrawn, e.FundsTransferred, e.FundsReversed)
"""Events that have such copies."""


def funds_copies(event: e.AnyEvent) -> tuple[FundsCopy, ...]:
    """The copies of a movement of funds, with member_seq 0; nothing for any other event.

    A transfer has one for each of its accounts, the giver's first; none names the other account. A
    payment that came again under its reference has booked nothing, and has no copy.
    """
    match event:
        case e.FundsDeposited() | e.FundsWithdrawn():
            return (_copy(event, event.member, event.account, event.amount),)
        case e.FundsTransferred():
            return (
                _copy(event, event.member, event.account, _negated(event.amount)),
                _copy(event, event.to_member, event.to_account, event.amount),
            )
        case e.FundsReversed():
            own = _copy(event, event.member, event.account, event.amount)
            if not event.to_member:
                return (own,)
            to = (event.to_member, event.to_account)
            return own, _copy(event, *to, _negated(event.amount))
    return ()


def _negated(amount: str) -> str:
    return amount[1:] if amount.startswith("-") else f"-{amount}"


def _copy(
    event: e.FundsDeposited | e.FundsWithdrawn | e.FundsTransferred | e.FundsReversed,
    member: str,
    account: str,
    amount: str,
) -> FundsCopy:
    return FundsCopy(
        type=e.type_of(event),
        v=DROP_COPY_VERSION,
        event_seq=event.event_seq,
        member_seq=0,
        timestamp_ns=event.timestamp_ns,
        member=member,
        asset=event.asset,
        amount=amount,
        account=account or None,
        reference=event.reference or None,
        of_reference=getattr(event, "of_reference", None),
    )
