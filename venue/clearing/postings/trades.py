"""Lines of trades, busts and corrections: at once, or as obligations through the clearing house.

Pure. A trade without settlement_date moves money and asset; one with it makes both sides owe them
on that day. Fees are paid at once either way.
"""

from decimal import Decimal

from venue.clearing.postings.entry import (
    EXACT,
    NOVATION,
    LedgerAccount,
    Posting,
    house_account,
    member_account,
    moved,
    number,
    positive,
    positive_or_zero,
    revenue_account,
    unsettled_account,
)
from venue.domain.events import TradeBusted, TradeCorrected, TradeExecuted
from venue.domain.order_state import Fill
from venue.domain.types import Side

TradeEvent = TradeExecuted | TradeBusted | TradeCorrected


def trade(event: TradeExecuted) -> tuple[str, list[Posting]]:
    """What is delivered, paid and charged."""
    return _text(event), _lines(event, event.last_qty, event.amount, _fees(event))


def bust(event: TradeBusted) -> tuple[str, list[Posting]]:
    """The trade's lines as they stand, each with the other sign."""
    lines = _negated(_lines(event, event.last_qty, event.amount, _fees(event)))
    return f"{event.operator}: {event.reason}; busted {_text(event)}", lines


def correction(event: TradeCorrected) -> tuple[str, list[Posting]]:
    """What the trade's new lines are more than its old ones, without those of zero."""
    was = f"{event.previous_qty} at {event.previous_px}"
    description = f"{event.operator}: {event.reason}; {was} is {_text(event)}"
    if event.settlement_date is not None:
        return description, _owed_difference(event)
    before = _lines(event, event.previous_qty, event.previous_amount, _previous_fees(event))
    after = _lines(event, event.last_qty, event.amount, _fees(event))
    changes: dict[LedgerAccount, Decimal] = {}
    for account, amount in [*_negated(before), *after]:
        changes[account] = EXACT.add(changes.get(account, Decimal(0)), amount)
    return description, [Posting(account, change) for account, change in changes.items() if change]


def change_of(event: TradeEvent) -> tuple[Decimal, Decimal]:
    """Quantity and amount by which the event changes what buyer and seller exchange, signed.

    The buyer gets the quantity and pays the amount; below zero the other way.
    Raises EventNotPostable.
    """
    cash = positive_or_zero("amount", event.amount)
    quantity = positive("last_qty", event.last_qty)
    if isinstance(event, TradeBusted):
        return quantity.copy_negate(), cash.copy_negate()
    if isinstance(event, TradeCorrected):
        previous_cash = positive_or_zero("previous_amount", event.previous_amount)
        previous = positive("previous_qty", event.previous_qty)
        return EXACT.subtract(quantity, previous), EXACT.subtract(cash, previous_cash)
    return quantity, cash


def _lines(
    event: TradeEvent, quantity_text: str, amount_text: str, fees: tuple[str, str]
) -> list[Posting]:
    """Cash from buyer to seller, asset from seller to buyer, fees from both to the venue.

    fees: the buyer's and the seller's; one below zero is a rebate, which the venue pays.
    """
    cash = positive_or_zero("amount", amount_text)
    quantity = positive("last_qty", quantity_text)
    if event.settlement_date is not None:
        lines = _owed(event, quantity, cash)
    else:
        lines = [
            Posting(_account(event.buy, event.currency), cash.copy_negate()),
            Posting(_account(event.sell, event.currency), cash),
            Posting(_account(event.sell, event.asset), quantity.copy_negate()),
            Posting(_account(event.buy, event.asset), quantity),
        ]
    for fill, text in zip((event.buy, event.sell), fees, strict=True):
        if text != "0" and (fee := number("fee", text)):
            lines += moved(_account(fill, event.currency), revenue_account(event.currency), fee)
    return lines


def _owed(event: TradeEvent, quantity: Decimal, cash: Decimal) -> list[Posting]:
    """The clearing house stands between both: each side owes it, and is owed by it."""
    lines: list[Posting] = []
    for asset, payer, payee, amount in (
        (event.currency, event.buy, event.sell, cash),
        (event.asset, event.sell, event.buy, quantity),
    ):
        novation = house_account(NOVATION, asset)
        lines += moved(_unsettled(payer, asset), novation, amount)
        lines += moved(novation, _unsettled(payee, asset), amount)
    return lines


def _owed_difference(event: TradeCorrected) -> list[Posting]:
    """What is owed more or less than before, and each side's fee, more or less."""
    lines = _owed(event, *change_of(event))
    revenue = revenue_account(event.currency)
    for fill, before in zip((event.buy, event.sell), _previous_fees(event), strict=True):
        change = EXACT.subtract(number("fee", fill.fee), number("previous_fee", before))
        lines += moved(_account(fill, event.currency), revenue, change)
    return lines


def _fees(event: TradeEvent) -> tuple[str, str]:
    return event.buy.fee, event.sell.fee


def _previous_fees(event: TradeCorrected) -> tuple[str, str]:
    return event.previous_fee_of(Side.BUY), event.previous_fee_of(Side.SELL)


def _negated(postings: list[Posting]) -> list[Posting]:
    return [Posting(account, amount.copy_negate()) for account, amount in postings]


def _text(event: TradeEvent) -> str:
    return f"{event.last_qty} {event.symbol} at {event.last_px} {event.currency}, {event.match_id}"


def _account(fill: Fill, asset: str) -> LedgerAccount:
    terms = fill.order.terms
    return member_account(terms.member, terms.account, asset)


def _unsettled(fill: Fill, asset: str) -> LedgerAccount:
    terms = fill.order.terms
    return unsettled_account(terms.member, terms.account, asset)
