"""A copy of a movement of a member's funds as JSON: a deposit or withdrawal, from the event alone.

May know events. Pure. Says nothing of who operated the venue. With the executions beside it a
member can compute each of its balances.
"""

import msgspec

from venue.domain import events as e
from venue.dropcopy.drop_copy import DROP_COPY_VERSION


class FundsCopy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A movement of one member's funds, on drop.<member>._funds.

    type is the event's: FundsDeposited adds `amount` of `asset`, FundsWithdrawn takes it. The
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


def funds_copies(event: e.AnyEvent) -> tuple[FundsCopy, ...]:
    """The copy of a movement of funds, with member_seq 0; nothing for any other event.

    A payment that came again under its reference has booked nothing, and has no copy.
    """
    if not isinstance(event, e.FundsDeposited | e.FundsWithdrawn):
        return ()
    copy = FundsCopy(
        type=e.type_of(event),
        v=DROP_COPY_VERSION,
        event_seq=event.event_seq,
        member_seq=0,
        timestamp_ns=event.timestamp_ns,
        member=event.member,
        asset=event.asset,
        amount=event.amount,
        account=event.account or None,
        reference=event.reference or None,
    )
    return (copy,)
