"""Lines of corporate actions: what a split or a dividend brings, from the issuer.

Pure. What is held changes on settled accounts, what is owed on unsettled ones.
"""

from venue.clearing.postings.entry import (
    ISSUER,
    NOVATION,
    EventNotPostable,
    Posting,
    external_account,
    house_account,
    member_account,
    moved,
    number,
    unsettled_account,
)
from venue.domain.events import HoldingAdjusted, ObligationAdjusted


def holding(event: HoldingAdjusted) -> tuple[str, list[Posting]]:
    """From the issuer to the member; below zero the other way."""
    amount = number("amount", event.amount)
    if not amount:
        raise EventNotPostable(f"event {event.event_seq} adjusts a holding by nothing")
    issuer = external_account(event.asset, ISSUER)
    own = member_account(event.member, event.account, event.asset)
    return f"{event.why.lower()} {event.action_id}", moved(issuer, own, amount)


def obligation(event: ObligationAdjusted) -> tuple[str, list[Posting]]:
    """What is owed more or less than before."""
    lines: list[Posting] = []
    for asset, field, text in (
        (event.asset, "change_quantity", event.change_quantity),
        (event.currency, "change_amount", event.change_amount),
    ):
        own = unsettled_account(event.member, event.account, asset)
        lines += moved(house_account(NOVATION, asset), own, number(field, text))
    return f"{event.action_id}: {event.symbol}, due {event.due}", lines
