"""Lines of settlement: delivery versus payment, penalties, buy-ins, obligations that move on.

Pure. Delivery and payment of an obligation are one entry: both legs, or neither.
"""

from venue.clearing.postings.entry import (
    BUY_IN,
    NOVATION,
    PENALTIES,
    SETTLEMENT,
    EventNotPostable,
    LedgerAccount,
    Posting,
    house_account,
    member_account,
    moved,
    number,
    unsettled_account,
)
from venue.domain.events import (
    ObligationBoughtIn,
    ObligationFailed,
    ObligationMoved,
    ObligationSettled,
)

_Obligation = ObligationSettled | ObligationFailed | ObligationBoughtIn | ObligationMoved


def settled(event: ObligationSettled) -> tuple[str, list[Posting]]:
    """What was owed becomes what the member has, in both legs; the house passes it on."""
    lines: list[Posting] = []
    for asset, field, text in _legs(event):
        amount = number(field, text)
        lines += moved(_unsettled(event, asset), house_account(NOVATION, asset), amount)
        lines += moved(house_account(SETTLEMENT, asset), _settled(event, asset), amount)
    return f"cycle {event.cycle}: settled {_text(event)}", lines


def failed(event: ObligationFailed) -> tuple[str, list[Posting]]:
    """The penalty only, where there is one: what is owed stays owed."""
    penalty = number("penalty", event.penalty)
    penalties = house_account(PENALTIES, event.currency)
    lines = moved(penalties, _settled(event, event.currency), penalty)
    return f"cycle {event.cycle}: penalty of {_text(event)}, {event.cause}", lines


def bought_in(event: ObligationBoughtIn) -> tuple[str, list[Posting]]:
    """What was owed is owed no more; what the price has moved is settled in money."""
    lines: list[Posting] = []
    for asset, field, text in _legs(event):
        amount = number(field, text)
        lines += moved(_unsettled(event, asset), house_account(NOVATION, asset), amount)
    compensation = number("compensation", event.compensation)
    house = house_account(BUY_IN, event.currency)
    lines += moved(house, _settled(event, event.currency), compensation)
    return f"cycle {event.cycle}: bought in {_text(event)} at {event.price}", lines


def passed_on(event: ObligationMoved) -> tuple[str, list[Posting]]:
    """What one member owes or is owed is another one's now."""
    lines: list[Posting] = []
    for asset, field, text in _legs(event):
        target = unsettled_account(event.to_member, event.to_account, asset)
        source = _unsettled(event, asset)
        if source == target:
            raise EventNotPostable(f"event {event.event_seq} moves an obligation to where it is")
        lines += moved(source, target, number(field, text))
    by = f"{event.operator}: {event.reason}"
    return f"{by}; {_text(event)} is {event.to_member}'s", lines


def _legs(event: _Obligation) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """Asset, name of the field, and what it says, of both legs."""
    return (
        (event.asset, "quantity", event.quantity),
        (event.currency, "amount", event.amount),
    )


def _unsettled(event: _Obligation, asset: str) -> LedgerAccount:
    return unsettled_account(event.member, event.account, asset)


def _settled(event: _Obligation, asset: str) -> LedgerAccount:
    return member_account(event.member, event.account, asset)


def _text(event: _Obligation) -> str:
    legs = f"{event.quantity} {event.asset} and {event.amount} {event.currency}"
    return f"{legs} of {event.member} {event.symbol}, due {event.due}"
