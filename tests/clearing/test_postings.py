"""What an event posts: from whom, to whom, and that it sums to zero."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from venue.clearing.ledger import EntryOutOfOrder, Ledger
from venue.clearing.postings import (
    Entry,
    EventNotPostable,
    Posting,
    ensure_balanced,
    entries_of,
    external_account,
    member_account,
    revenue_account,
    sums_by_asset,
)
from venue.domain.events import AnyEvent, DayStarted
from venue.domain.types import Phase, Side

from .trades import MEMBERS, deposited, fill, traded, withdrawn


def postings_of(event: AnyEvent) -> list[tuple[str, str, str, str]]:
    (entry,) = entries_of(event)
    return [
        (each.account.owner, each.account.sub_account, each.account.asset, str(each.amount))
        for each in entry.postings
    ]


def test_trade_moves_cash_to_the_seller_and_the_asset_to_the_buyer() -> None:
    assert postings_of(traded(7, buyer_account="A1")) == [
        ("ALPHA", "A1", "USD", "-25"),
        ("BRAVO", "default", "USD", "25"),
        ("BRAVO", "default", "ACME", "-10"),
        ("ALPHA", "A1", "ACME", "10"),
    ]


def test_trade_delivers_the_asset_not_the_symbol() -> None:
    trade = traded(7, symbol="BTC-USD", asset="BTC", quantity="0.00000001", amount="0.00060001")
    assert postings_of(trade)[2] == ("BRAVO", "default", "BTC", "-1E-8")


def test_fees_go_from_each_payer_to_the_venue() -> None:
    assert postings_of(traded(7, buyer_fee="0.05", seller_fee="0.03"))[4:] == [
        ("ALPHA", "default", "USD", "-0.05"),
        ("VENUE", "fees", "USD", "0.05"),
        ("BRAVO", "default", "USD", "-0.03"),
        ("VENUE", "fees", "USD", "0.03"),
    ]


def test_rebate_goes_from_the_venue_to_the_member() -> None:
    assert postings_of(traded(7, seller_fee="-0.03"))[4:] == [
        ("BRAVO", "default", "USD", "0.03"),
        ("VENUE", "fees", "USD", "-0.03"),
    ]


def test_funds_come_from_and_go_to_the_outside() -> None:
    assert postings_of(deposited(1)) == [
        ("OUTSIDE", "funding", "USD", "-1000"),
        ("ALPHA", "default", "USD", "1000"),
    ]
    assert postings_of(withdrawn(2)) == [
        ("ALPHA", "default", "USD", "-1000"),
        ("OUTSIDE", "funding", "USD", "1000"),
    ]


def test_funds_of_an_account_are_booked_to_it_as_its_trades_are() -> None:
    assert postings_of(deposited(1, account="A1"))[1] == ("ALPHA", "A1", "USD", "1000")
    assert postings_of(withdrawn(2, account="A1"))[0] == ("ALPHA", "A1", "USD", "-1000")
    assert postings_of(traded(3, buyer_account="A1"))[0] == ("ALPHA", "A1", "USD", "-25")


def test_short_sale_is_booked_as_any_sale() -> None:
    sale = traded(7, buyer_account="A1", seller_account="S", seller_fee="0.03")
    short = msgspec.structs.replace(
        sale,
        sell=fill("BRAVO", Side.SELL_SHORT, "S7", "S", "0.03"),
        aggressor=Side.SELL_SHORT,
    )
    assert postings_of(short) == postings_of(sale)


def test_entry_names_its_event() -> None:
    (entry,) = entries_of(traded(7))
    assert entry[:4] == (
        7,
        1_700_000_000_000_000_007,
        "TradeExecuted",
        "10 ACME at 2.5 USD, M7",
    )


def test_events_that_move_nothing_have_no_entry() -> None:
    day = DayStarted(event_seq=1, timestamp_ns=1, trading_day="2026-01-05", phase=Phase.CONTINUOUS)
    assert entries_of(day) == []


@pytest.mark.parametrize(
    "event",
    [
        deposited(1, amount="0"),
        deposited(1, amount="-5"),
        withdrawn(1, amount="NaN"),
        traded(1, amount="1e5"),
        traded(1, amount="-1"),
        traded(1, quantity="0"),
        traded(1, buyer_fee=""),
    ],
)
def test_amounts_that_make_no_sense_are_not_posted(event: AnyEvent) -> None:
    with pytest.raises(EventNotPostable):
        entries_of(event)


@pytest.mark.parametrize(
    "postings",
    [
        (),
        (Posting(revenue_account("USD"), Decimal(1)),),
        (Posting(revenue_account("USD"), Decimal(1)), Posting(external_account("X"), Decimal(-1))),
        (
            Posting(revenue_account("USD"), Decimal("1000000000000000000000000000000")),
            Posting(external_account("USD"), Decimal("-999999999999999999999999999999.99999999")),
        ),
    ],
)
def test_an_entry_that_does_not_balance_is_refused(postings: tuple[Posting, ...]) -> None:
    with pytest.raises(EventNotPostable):
        ensure_balanced(Entry(1, 1, "test", "", postings))


def test_an_entry_is_never_posted_twice() -> None:
    ledger = Ledger()
    (entry,) = entries_of(deposited(3))
    ledger.post(entry)
    with pytest.raises(EntryOutOfOrder):
        ledger.post(entry)
    assert ledger.balance(member_account("ALPHA", None, "USD")) == 1000


amounts = st.decimals(min_value=0, max_value=10**12, places=8).map(lambda each: f"{each:f}")
quantities = st.decimals(min_value="0.00000001", max_value=10**9, places=8).map(
    lambda each: f"{each:f}"
)
fees = st.decimals(min_value=-100, max_value=1000, places=8).map(lambda each: f"{each:f}")
parties = st.sampled_from(MEMBERS)
sub_accounts = st.sampled_from([None, "A1", "A2"])


@given(
    st.lists(
        st.tuples(parties, parties, quantities, amounts, fees, fees, sub_accounts, sub_accounts),
        max_size=30,
    )
)
def test_any_trades_leave_the_ledger_at_zero(rows: list[tuple[str, ...]]) -> None:
    ledger = Ledger()
    for at, (buyer, seller, quantity, amount, buy_fee, sell_fee, one, other) in enumerate(rows):
        trade = traded(
            at + 1,
            buyer=buyer,
            seller=seller,
            quantity=quantity,
            amount=amount,
            buyer_fee=buy_fee,
            seller_fee=sell_fee,
            buyer_account=one,
            seller_account=other,
        )
        (entry,) = entries_of(trade)
        assert not any(sums_by_asset(entry.postings).values())
        ledger.post(entry)
    assert not any(ledger.sums().values())
    paid = sum(Decimal(row[4]) + Decimal(row[5]) for row in rows)
    assert ledger.balance(revenue_account("USD")) == paid
