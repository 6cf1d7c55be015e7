"""What busts and corrections post, and that any mix of them leaves what the live trades say."""

from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venue.clearing.ledger import Ledger
from venue.clearing.postings import (
    EventNotPostable,
    entries_of,
    member_account,
    revenue_account,
    sums_by_asset,
)
from venue.domain.events import AnyEvent, TradeCorrected, TradeExecuted

from .trades import MEMBERS, busted, corrected, traded

FEE_PER_AMOUNT = Decimal("0.001")


def lines_of(event: AnyEvent) -> list[tuple[str, str, str]]:
    (entry,) = entries_of(event)
    return [(a.owner, a.asset, str(amount)) for a, amount in entry.postings]


def test_a_bust_reverses_the_trade_line_by_line() -> None:
    trade = traded(7, buyer_account="A1", buyer_fee="0.05", seller_fee="-0.03")
    (booked,), (reversal,) = entries_of(trade), entries_of(busted(8, trade))
    assert [(p.account, p.amount) for p in reversal.postings] == [
        (p.account, -p.amount) for p in booked.postings
    ]
    assert (reversal.event_seq, reversal.kind) == (8, "TradeBusted")
    assert reversal.description == "ops: wrong; busted 10 ACME at 2.5 USD, M7"


def test_a_correction_posts_the_difference() -> None:
    trade = traded(7, amount="25", buyer_fee="0.05", seller_fee="0.05")
    change = corrected(8, trade, price="3", quantity="8", amount="24", fee="0.04")
    assert lines_of(change) == [
        ("ALPHA", "USD", "1.01"),
        ("BRAVO", "USD", "-0.99"),
        ("BRAVO", "ACME", "2"),
        ("ALPHA", "ACME", "-2"),
        ("VENUE", "USD", "-0.02"),
    ]
    (entry,) = entries_of(change)
    assert entry.description == "ops: wrong; 10 at 2.5 is 8 ACME at 3 USD, M7"


def test_a_correction_of_the_price_alone_moves_no_asset() -> None:
    change = corrected(8, traded(7), price="2.6", quantity="10", amount="26")
    assert lines_of(change) == [("ALPHA", "USD", "-1"), ("BRAVO", "USD", "1")]


def test_a_correction_that_changes_no_amount_posts_nothing() -> None:
    trade = traded(7, buyer_fee="0.05", seller_fee="0.05")
    same = corrected(8, trade, price="2.5", quantity="10", amount="25.0", fee="0.050")
    assert entries_of(same) == []


@pytest.mark.parametrize(
    "numbers",
    [
        {"price": "1", "quantity": "0", "amount": "1"},
        {"price": "1", "quantity": "1", "amount": "-1"},
        {"price": "1", "quantity": "1", "amount": "1", "fee": "x"},
    ],
)
def test_changes_that_make_no_sense_are_not_posted(numbers: dict[str, str]) -> None:
    with pytest.raises(EventNotPostable):
        entries_of(corrected(2, traded(1), **numbers))


class Step(NamedTuple):
    """What happens next: a new trade, or something to the trade `which` counts from the first."""

    kind: str
    which: int
    buyer: str
    seller: str
    account: str | None
    quantity: Decimal
    price: Decimal


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["trade", "trade", "bust", "correct", "correct"]),
        st.integers(0, 5),
        st.sampled_from(MEMBERS),
        st.sampled_from(MEMBERS),
        st.sampled_from([None, "A1"]),
        st.decimals("0.00000001", 10**9, places=8),
        st.decimals("0.0001", 10**6, places=4),
    ),
    max_size=40,
)


def happen(history: list[Step]) -> tuple[list[AnyEvent], list[TradeExecuted | TradeCorrected]]:
    """Events of the steps, and the trades that stand after them as they then are."""
    events: list[AnyEvent] = []
    live: list[TradeExecuted | TradeCorrected] = []
    for seq, step in enumerate(history, start=1):
        quantity, price = f"{step.quantity:f}", f"{step.price:f}"
        amount, fee = f"{step.quantity * step.price:f}", f"{step.price * FEE_PER_AMOUNT:f}"
        if step.kind == "trade" or not live:
            trade = traded(
                seq, buyer=step.buyer, seller=step.seller, buyer_account=step.account,
                quantity=quantity, price=price, amount=amount, buyer_fee=fee, seller_fee=fee,
            )  # fmt: skip
            live.append(trade)
            events.append(trade)
            continue
        at = step.which % len(live)
        if step.kind == "bust":
            events.append(busted(seq, live.pop(at)))
        else:
            live[at] = corrected(
                seq, live[at], price=price, quantity=quantity, amount=amount, fee=fee
            )
            events.append(live[at])
    return events, live


def booked(events: list[AnyEvent]) -> Ledger:
    ledger = Ledger()
    for event in events:
        for entry in entries_of(event):
            assert not any(sums_by_asset(entry.postings).values())
            ledger.post(entry)
    return ledger


@given(steps)
def test_any_changes_leave_the_balances_of_the_live_trades(history: list[Step]) -> None:
    events, live = happen(history)
    ledger = booked(events)
    assert not any(ledger.sums().values())
    expected: dict[tuple[str, str | None, str], Decimal] = {}

    def add(fill_terms: tuple[str, str | None], asset: str, amount: Decimal) -> None:
        key = (*fill_terms, asset)
        expected[key] = expected.get(key, Decimal(0)) + amount

    fees = Decimal(0)
    for trade in live:
        for fill, sign in ((trade.buy, 1), (trade.sell, -1)):
            who = (fill.order.terms.member, fill.order.terms.account)
            add(who, "ACME", sign * Decimal(trade.last_qty))
            add(who, "USD", -sign * Decimal(trade.amount) - Decimal(fill.fee))
            fees += Decimal(fill.fee)
    assert ledger.balance(revenue_account("USD")) == fees
    for member in MEMBERS:
        for account in (None, "A1"):
            for asset in ("ACME", "USD"):
                held = ledger.balance(member_account(member, account, asset))
                assert held == expected.get((member, account, asset), 0)
