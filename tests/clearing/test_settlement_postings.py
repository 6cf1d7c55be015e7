"""What events of settlement, transfers and corporate actions post, line by line."""

import pytest

from venue.clearing.postings import EventNotPostable, entries_of, value_date
from venue.domain.events import AnyEvent

from .settlements import (
    DUE,
    begun,
    bought_in,
    ended,
    failed,
    holding_adjusted,
    obligation_adjusted,
    passed_on,
    reversed_funds,
    settled,
    split,
    transferred,
)
from .trades import busted, corrected, traded

OWED = traded(
    7, buyer_account="A1", buyer_fee="0.05", seller_fee="-0.03", settlement_date="2023-11-16"
)
BOOKED_ON = "2023-11-14"


def lines_of(event: AnyEvent) -> list[str]:
    """account, amount and asset of each line, and the value date of what is owed."""
    (entry,) = entries_of(event)
    told = []
    for account, amount in entry.postings:
        name = f"{account.kind}/{account.owner}/{account.sub_account} {amount:f} {account.asset}"
        counts = value_date(entry, account)
        told.append(name if counts == BOOKED_ON else f"{name} {counts}")
    return told


def test_trade_that_settles_later_is_owed_through_the_clearing_house() -> None:
    assert lines_of(OWED) == [
        "unsettled/ALPHA/A1 -25 USD 2023-11-16",
        "house/CLEARING/novation 25 USD 2023-11-16",
        "house/CLEARING/novation -25 USD 2023-11-16",
        "unsettled/BRAVO/default 25 USD 2023-11-16",
        "unsettled/BRAVO/default -10 ACME 2023-11-16",
        "house/CLEARING/novation 10 ACME 2023-11-16",
        "house/CLEARING/novation -10 ACME 2023-11-16",
        "unsettled/ALPHA/A1 10 ACME 2023-11-16",
        "member/ALPHA/A1 -0.05 USD",
        "revenue/VENUE/fees 0.05 USD",
        "member/BRAVO/default 0.03 USD",
        "revenue/VENUE/fees -0.03 USD",
    ]


def test_bust_of_it_reverses_it_line_by_line() -> None:
    (entry,), (reversal,) = entries_of(OWED), entries_of(busted(8, OWED))
    assert [(p.account, p.amount) for p in reversal.postings] == [
        (p.account, -p.amount) for p in entry.postings
    ]
    assert reversal.due == "2023-11-16"


def test_correction_of_it_is_owed_too_and_its_fee_is_paid_at_once() -> None:
    trade = traded(7, buyer_fee="0.05", seller_fee="0.05", settlement_date="2023-11-16")
    change = corrected(8, trade, price="3", quantity="8", amount="24", fee="0.04")
    assert lines_of(change) == [
        "unsettled/ALPHA/default 1 USD 2023-11-16",
        "house/CLEARING/novation -1 USD 2023-11-16",
        "house/CLEARING/novation 1 USD 2023-11-16",
        "unsettled/BRAVO/default -1 USD 2023-11-16",
        "unsettled/BRAVO/default 2 ACME 2023-11-16",
        "house/CLEARING/novation -2 ACME 2023-11-16",
        "house/CLEARING/novation 2 ACME 2023-11-16",
        "unsettled/ALPHA/default -2 ACME 2023-11-16",
        "member/ALPHA/default 0.01 USD",
        "revenue/VENUE/fees -0.01 USD",
        "member/BRAVO/default 0.01 USD",
        "revenue/VENUE/fees -0.01 USD",
    ]


def test_delivery_and_payment_are_one_entry() -> None:
    assert lines_of(settled(9, "ALPHA", "10", "-25", account="A1")) == [
        f"unsettled/ALPHA/A1 -10 ACME {DUE}",
        f"house/CLEARING/novation 10 ACME {DUE}",
        "house/CLEARING/settlement -10 ACME",
        "member/ALPHA/A1 10 ACME",
        f"unsettled/ALPHA/A1 25 USD {DUE}",
        f"house/CLEARING/novation -25 USD {DUE}",
        "house/CLEARING/settlement 25 USD",
        "member/ALPHA/A1 -25 USD",
    ]


def test_fail_posts_its_penalty_only() -> None:
    assert lines_of(failed(9, "BRAVO", "-10", "25", penalty="-0.02")) == [
        "house/CLEARING/penalties 0.02 USD",
        "member/BRAVO/default -0.02 USD",
    ]
    assert entries_of(failed(9, "BRAVO", "-10", "25")) == []


def test_buy_in_ends_what_is_owed_in_money() -> None:
    assert lines_of(bought_in(9, "BRAVO", "-10", "25", "-5")) == [
        f"unsettled/BRAVO/default 10 ACME {DUE}",
        f"house/CLEARING/novation -10 ACME {DUE}",
        f"unsettled/BRAVO/default -25 USD {DUE}",
        f"house/CLEARING/novation 25 USD {DUE}",
        "house/CLEARING/buy_in 5 USD",
        "member/BRAVO/default -5 USD",
    ]


def test_obligation_passes_to_another_member_with_both_legs() -> None:
    assert lines_of(passed_on(9, "BRAVO", "HOUSE", "-10", "25", to_account="D")) == [
        f"unsettled/BRAVO/default 10 ACME {DUE}",
        f"unsettled/HOUSE/D -10 ACME {DUE}",
        f"unsettled/BRAVO/default -25 USD {DUE}",
        f"unsettled/HOUSE/D 25 USD {DUE}",
    ]


def test_transfer_and_what_takes_it_back() -> None:
    assert lines_of(transferred(9, "ALPHA", "ALPHA", "USD", "5", to_account="A1")) == [
        "member/ALPHA/default -5 USD",
        "member/ALPHA/A1 5 USD",
    ]
    back = reversed_funds(10, "ALPHA", "5", to_member="ALPHA", to_account="A1")
    assert lines_of(back) == ["member/ALPHA/A1 -5 USD", "member/ALPHA/default 5 USD"]
    assert lines_of(reversed_funds(11, "ALPHA", "-7")) == [
        "external/OUTSIDE/funding 7 USD",
        "member/ALPHA/default -7 USD",
    ]


def test_split_comes_from_the_issuer_and_changes_what_is_owed() -> None:
    assert lines_of(holding_adjusted(9, "ALPHA", "10")) == [
        "external/OUTSIDE/issuer -10 ACME",
        "member/ALPHA/default 10 ACME",
    ]
    assert lines_of(obligation_adjusted(9, "ALPHA", "20", "-25", "10")) == [
        f"house/CLEARING/novation -10 ACME {DUE}",
        f"unsettled/ALPHA/default 10 ACME {DUE}",
    ]
    assert entries_of(obligation_adjusted(9, "ALPHA", "20", "-25", "0")) == []


@pytest.mark.parametrize("event", [begun(9), ended(9), split(9)])
def test_what_moves_nothing_has_no_entry(event: AnyEvent) -> None:
    assert entries_of(event) == []


@pytest.mark.parametrize(
    "event",
    [
        traded(7, settlement_date="soon"),
        traded(7, settlement_date="2023-11-31"),
        traded(7, settlement_date="20231116"),
        settled(9, "ALPHA", "0", "0"),
        settled(9, "ALPHA", "1e3", "0"),
        settled(9, "ALPHA", "1", "1", due=""),
        failed(9, "ALPHA", "1", "1", penalty="much"),
        passed_on(9, "ALPHA", "ALPHA", "1", "1"),
        passed_on(9, "ALPHA", "BRAVO", "0", "0"),
        transferred(9, "ALPHA", "ALPHA"),
        transferred(9, amount="0"),
        transferred(9, amount="-1"),
        reversed_funds(9, "ALPHA", "0"),
        reversed_funds(9, "ALPHA", "1", to_member="ALPHA"),
        holding_adjusted(9, "ALPHA", "0"),
        obligation_adjusted(9, "ALPHA", "1", "1", "NaN"),
    ],
)
def test_what_makes_no_sense_is_not_posted(event: AnyEvent) -> None:
    with pytest.raises(EventNotPostable):
        entries_of(event)
