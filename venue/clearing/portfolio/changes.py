"""An event as what it does to members' positions: quantities and money, signed, in 10^-8.

Pure. Above zero comes to the member. What only moves between settled and unsettled is no change.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from venue.clearing.postings import DEFAULT_SUB_ACCOUNT, EventNotPostable
from venue.domain.decimal_text import MONEY_SCALE, parse_money
from venue.domain.events import (
    AnyEvent,
    FundsDeposited,
    FundsReversed,
    FundsTransferred,
    FundsWithdrawn,
    HoldingAdjusted,
    ObligationAdjusted,
    ObligationBoughtIn,
    ObligationFailed,
    ObligationMoved,
    StockSplit,
    TradeBusted,
    TradeCorrected,
    TradeExecuted,
)
from venue.domain.order_state import Fill


class ChangeKind(StrEnum):
    """TRADE, and its BUST or CORRECTION, which say how the trade stands from then on.

    DEAL: asset against money without an order: a buy-in, an obligation that passes to another.
    MOVE: asset without money: deposits, withdrawals, transfers. REVERSAL: such a move is taken back
    as if it had not been. SPLIT: quantity without cost. INCOME: money for what is held or owed:
    dividends, cash for fractions; penalties, below zero. RATIO: of a split, which is no member's:
    quantity new units for amount old ones; prices of before count by it.
    """

    TRADE = "trade"
    BUST = "bust"
    CORRECTION = "correction"
    DEAL = "deal"
    MOVE = "move"
    REVERSAL = "reversal"
    SPLIT = "split"
    INCOME = "income"
    RATIO = "ratio"


RESTATING = frozenset((ChangeKind.BUST, ChangeKind.CORRECTION, ChangeKind.REVERSAL))
"""Kinds that change what another event has said; they move nothing themselves."""


class Change(NamedTuple):
    """What one event does to one account. quantity: of `asset`; amount and fee: of `currency`.

    amount: money that came in, without the fee; fee: what was paid to the venue. Of a trade, its
    bust and its correction the sign of quantity is the side: above zero bought. of: the match; of a
    reversal the event that it takes back.
    """

    event_seq: int
    kind: ChangeKind
    member: str
    account: str
    asset: str
    quantity: int = 0
    symbol: str = ""
    currency: str = ""
    amount: int = 0
    fee: int = 0
    of: str = ""


def changes_of(event: AnyEvent) -> list[Change]:
    """The changes of an event, what goes out before what comes in; most events have none.

    Raises EventNotPostable for numbers that make no sense.
    """
    find = _CHANGES.get(type(event))
    return [] if find is None else find(event)


def _trade(event: TradeExecuted) -> list[Change]:
    return _both_sides(event, ChangeKind.TRADE)


def _bust(event: TradeBusted) -> list[Change]:
    return _both_sides(event, ChangeKind.BUST)


def _correction(event: TradeCorrected) -> list[Change]:
    return _both_sides(event, ChangeKind.CORRECTION)


def _both_sides(
    event: TradeExecuted | TradeBusted | TradeCorrected, kind: ChangeKind
) -> list[Change]:
    quantity, amount = units("last_qty", event.last_qty), units("amount", event.amount)

    def side(fill: Fill, sign: int) -> Change:
        terms = fill.order.terms
        return Change(
            event.event_seq,
            kind,
            terms.member,
            terms.account or DEFAULT_SUB_ACCOUNT,
            event.asset,
            sign * quantity,
            event.symbol,
            event.currency,
            -sign * amount,
            units("fee", fill.fee),
            event.match_id,
        )

    return [side(event.buy, 1), side(event.sell, -1)]


def _deposit(event: FundsDeposited) -> list[Change]:
    return [_move(event.event_seq, event.member, event.account, event.asset, event.amount, 1)]


def _withdrawal(event: FundsWithdrawn) -> list[Change]:
    return [_move(event.event_seq, event.member, event.account, event.asset, event.amount, -1)]


def _transfer(event: FundsTransferred) -> list[Change]:
    seq, asset, amount = event.event_seq, event.asset, event.amount
    return [
        _move(seq, event.member, event.account, asset, amount, -1),
        _move(seq, event.to_member, event.to_account, asset, amount, 1),
    ]


def _reversal(event: FundsReversed) -> list[Change]:
    seq, asset, amount = event.event_seq, event.asset, event.amount
    moves = [_move(seq, event.member, event.account, asset, amount, 1)]
    if event.to_member:
        moves.append(_move(seq, event.to_member, event.to_account, asset, amount, -1))
    kind, of = ChangeKind.REVERSAL, str(event.of_event_seq)
    return [move._replace(kind=kind, of=of) for move in moves]


def _move(event_seq: int, member: str, account: str, asset: str, text: str, sign: int) -> Change:
    quantity = sign * units("amount", text)
    kind = ChangeKind.MOVE
    return Change(event_seq, kind, member, account or DEFAULT_SUB_ACCOUNT, asset, quantity)


def _ratio(event: StockSplit) -> list[Change]:
    change = Change(
        event.event_seq,
        ChangeKind.RATIO,
        "",
        "",
        event.asset,
        event.numerator * MONEY_SCALE,
        amount=event.denominator * MONEY_SCALE,
        of=event.action_id,
    )
    return [change]


def _holding(event: HoldingAdjusted) -> list[Change]:
    """Units of a split; else money for what is held."""
    amount, account = units("amount", event.amount), event.account or DEFAULT_SUB_ACCOUNT
    if event.why == "SPLIT":
        kind = ChangeKind.SPLIT
        return [Change(event.event_seq, kind, event.member, account, event.asset, amount)]
    return [_income(event.event_seq, event.member, account, event.asset, amount)]


def _obligation(event: ObligationAdjusted) -> list[Change]:
    """What a split does to what is still owed."""
    quantity, account = units("quantity", event.change_quantity), event.account
    change = Change(
        event.event_seq,
        ChangeKind.SPLIT,
        event.member,
        account or DEFAULT_SUB_ACCOUNT,
        event.asset,
        quantity,
        event.symbol,
        event.currency,
        units("amount", event.change_amount),
    )
    return [change] if change.quantity or change.amount else []


def _buy_in(event: ObligationBoughtIn) -> list[Change]:
    """What was owed is not any more; the compensation makes it a deal at the price of the day."""
    amount = units("compensation", event.compensation) - units("amount", event.amount)
    return [_deal(event, event.member, event.account, -units("quantity", event.quantity), amount)]


def _passed_on(event: ObligationMoved) -> list[Change]:
    """The obligation leaves one member and comes to another, as it is; one of money is income."""
    quantity, amount = units("quantity", event.quantity), units("amount", event.amount)
    return [
        _deal(event, event.member, event.account, -quantity, -amount),
        _deal(event, event.to_member, event.to_account, quantity, amount),
    ]


def _deal(
    event: ObligationBoughtIn | ObligationMoved,
    member: str,
    account: str,
    quantity: int,
    amount: int,
) -> Change:
    if not quantity:
        return _income(event.event_seq, member, account, event.currency, amount)
    return Change(
        event.event_seq,
        ChangeKind.DEAL,
        member,
        account or DEFAULT_SUB_ACCOUNT,
        event.asset,
        quantity,
        event.symbol,
        event.currency,
        amount,
    )


def _fail(event: ObligationFailed) -> list[Change]:
    penalty = units("penalty", event.penalty)
    if not penalty:
        return []
    return [_income(event.event_seq, event.member, event.account, event.currency, penalty)]


def _income(event_seq: int, member: str, account: str, currency: str, amount: int) -> Change:
    kind, own = ChangeKind.INCOME, account or DEFAULT_SUB_ACCOUNT
    return Change(event_seq, kind, member, own, currency, currency=currency, amount=amount)


def units(field: str, text: str) -> int:
    """Count of 10^-8 that a number of an event states. Raises EventNotPostable."""
    value = parse_money(text)
    if value is None:
        raise EventNotPostable(f"{field} {text!r} is no number with at most 8 decimals")
    return value


# Each function takes exactly the event type it is listed under.
_CHANGES: dict[type, Callable[..., list[Change]]] = {
    TradeExecuted: _trade,
    TradeBusted: _bust,
    TradeCorrected: _correction,
    FundsDeposited: _deposit,
    FundsWithdrawn: _withdrawal,
    FundsTransferred: _transfer,
    FundsReversed: _reversal,
    StockSplit: _ratio,
    HoldingAdjusted: _holding,
    ObligationAdjusted: _obligation,
    ObligationBoughtIn: _buy_in,
    ObligationMoved: _passed_on,
    ObligationFailed: _fail,
}
CHANGING = frozenset(event.__name__ for event in _CHANGES)
"""Types of the events that may change a position."""

__all__ = ["CHANGING", "RESTATING", "Change", "ChangeKind", "changes_of", "units"]
