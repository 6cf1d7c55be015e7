"""Fees that differ by side, and rebates: what they post, and what the table of trades has."""

from sqlalchemy import Engine

from venue.clearing.postings import entries_of

from .test_repository import opened
from .test_trade_postings import lines_of
from .test_trade_rows import numbers, row
from .trades import book, busted, corrected, delivered, traded

MAKER, TAKER = "-0.03", "0.05"


def test_rebate_goes_from_the_revenue_to_the_member() -> None:
    assert lines_of(traded(7, buyer_fee=TAKER, seller_fee=MAKER))[4:] == [
        ("ALPHA", "USD", "-0.05"),
        ("VENUE", "USD", "0.05"),
        ("BRAVO", "USD", "0.03"),
        ("VENUE", "USD", "-0.03"),
    ]


def test_correction_posts_the_difference_of_each_side_s_fee() -> None:
    trade = traded(7, amount="25", buyer_fee=TAKER, seller_fee=MAKER)
    change = corrected(
        8, trade, price="2", quantity="10", amount="20", fee="0.04", sell_fee="-0.024"
    )
    assert lines_of(change) == [
        ("ALPHA", "USD", "5.01"),
        ("BRAVO", "USD", "-5.006"),
        ("VENUE", "USD", "-0.004"),
    ]


def test_correction_of_what_is_still_owed_posts_each_side_s_fee_at_once() -> None:
    trade = traded(7, amount="25", buyer_fee=TAKER, seller_fee=MAKER, settlement_date="2026-01-07")
    change = corrected(
        8, trade, price="2", quantity="10", amount="20", fee="0.04", sell_fee="-0.024"
    )
    assert lines_of(change)[-4:] == [
        ("ALPHA", "USD", "0.01"),
        ("VENUE", "USD", "-0.01"),
        ("BRAVO", "USD", "-0.006"),
        ("VENUE", "USD", "0.006"),
    ]


def test_bust_after_a_correction_takes_back_what_stands() -> None:
    trade = traded(7, amount="25", buyer_fee=TAKER, seller_fee=MAKER)
    change = corrected(
        8, trade, price="2", quantity="10", amount="20", fee="0.04", sell_fee="-0.024"
    )
    totals: dict[tuple[object, str], object] = {}
    for event in (trade, change, busted(9, change)):
        (entry,) = entries_of(event)
        for account, amount in entry.postings:
            key = account, account.asset
            totals[key] = totals.get(key, 0) + amount  # type: ignore[operator]
    assert not any(totals.values())


def test_row_has_each_side_s_fee_and_is_found_by_both(engine: Engine) -> None:
    repository = opened(engine)
    trade = traded(1, buyer_fee=TAKER, seller_fee=MAKER)
    change = corrected(2, trade, price="3", quantity="8", amount="24", fee="0.04", sell_fee="-0.02")
    book(repository, delivered([trade]))
    assert row(engine, "M1") == ("executed", None, *numbers("10", "2.5", "25", TAKER, MAKER))
    book(repository, delivered([change]))
    assert row(engine, "M1") == ("corrected", 2, *numbers("8", "3", "24", "0.04", "-0.02"))
    book(repository, delivered([busted(3, change)]))
    assert row(engine, "M1") == ("busted", 3, *numbers("8", "3", "24", "0.04", "-0.02"))
