"""Events as changes of positions: what each says of whom, and that quantities are the ledger's."""

from typing import Any

import pytest
from msgspec.structs import replace

from venue.clearing.portfolio.change_rows import COLUMNS, change_rows
from venue.clearing.portfolio.changes import CHANGING, Change, ChangeKind, changes_of
from venue.clearing.postings import EventNotPostable
from venue.clearing.schema import position_changes
from venue.domain.decimal_text import MONEY_SCALE
from venue.domain.events import (
    FundsReversed,
    FundsTransferred,
    HoldingAdjusted,
    ObligationAdjusted,
    ObligationBoughtIn,
    ObligationFailed,
    ObligationMoved,
)

from ..trades import busted, corrected, deposited, traded, withdrawn

UNIT = MONEY_SCALE
TRADE = traded(7, buyer_account="A1", buyer_fee="0.5", seller_fee="-0.25")
DUE: dict[str, Any] = {
    "event_seq": 9, "timestamp_ns": 9, "member": "ALPHA", "account": "", "symbol": "ACME",
    "due": "2026-01-07", "asset": "ACME", "currency": "USD",
}  # fmt: skip


def brief(change: Change) -> tuple[str, str, str, str, float, float, float]:
    """Kind, whose, what; in whole units."""
    kind, member, account, asset = change.kind.value, change.member, change.account, change.asset
    numbers = (change.quantity / UNIT, change.amount / UNIT, change.fee / UNIT)
    return kind, member, account, asset, *numbers


def test_trade_changes_both_sides() -> None:
    bought, sold = changes_of(TRADE)
    assert brief(bought) == ("trade", "ALPHA", "A1", "ACME", 10, -25, 0.5)
    assert brief(sold) == ("trade", "BRAVO", "default", "ACME", -10, 25, -0.25)
    assert (bought.symbol, bought.currency, bought.of) == ("ACME", "USD", "M7")
    assert change_rows(TRADE) == [], "it is in the table of trades"


def test_bust_and_correction_say_how_the_trade_stands() -> None:
    bought, sold = changes_of(corrected(8, TRADE, price="2", quantity="9", amount="18", fee="1"))
    assert brief(bought) == ("correction", "ALPHA", "A1", "ACME", 9, -18, 1)
    assert (sold.of, sold.event_seq, sold.quantity) == ("M7", 8, -9 * UNIT)
    assert [each.kind for each in changes_of(busted(8, TRADE))] == [ChangeKind.BUST] * 2


def test_funds_move_without_money() -> None:
    assert brief(*changes_of(deposited(1, asset="ACME", amount="5"))) == (
        "move", "ALPHA", "default", "ACME", 5, 0, 0,
    )  # fmt: skip
    assert changes_of(withdrawn(1, amount="5", account="A1"))[0].quantity == -5 * UNIT


TRANSFER = FundsTransferred(
    event_seq=3, timestamp_ns=3, member="ALPHA", to_member="ALPHA", asset="ACME", amount="4",
    operator="ops", reason="", account="", to_account="A1", reference="T1",
)  # fmt: skip


def test_transfer_goes_out_before_it_comes_in() -> None:
    out, into = changes_of(TRANSFER)
    assert (out.account, out.quantity) == ("default", -4 * UNIT)
    assert (into.account, into.quantity) == ("A1", 4 * UNIT)


def test_reversal_names_the_event_that_it_takes_back() -> None:
    back = FundsReversed(
        event_seq=5, timestamp_ns=5, member="ALPHA", asset="ACME", amount="4", of_reference="T1",
        of_event_seq=3, operator="ops", reason="", to_member="ALPHA", to_account="A1",
    )  # fmt: skip
    mine, others = changes_of(back)
    assert (mine.kind, mine.of, mine.quantity) == (ChangeKind.REVERSAL, "3", 4 * UNIT)
    assert (others.account, others.quantity) == ("A1", -4 * UNIT)
    assert len(changes_of(replace(back, to_member=""))) == 1


def test_split_changes_quantity_and_dividend_is_income() -> None:
    held = HoldingAdjusted(
        event_seq=4, timestamp_ns=4, action_id="S", member="ALPHA", account="", asset="ACME",
        amount="10", why="SPLIT",
    )  # fmt: skip
    assert brief(*changes_of(held)) == ("split", "ALPHA", "default", "ACME", 10, 0, 0)
    for why in ("DIVIDEND", "FRACTION"):
        paid = replace(held, why=why, asset="USD", amount="2.5")
        assert brief(*changes_of(paid)) == ("income", "ALPHA", "default", "USD", 0, 2.5, 0)
    owed = ObligationAdjusted(
        **DUE, action_id="S", quantity="20", amount="-50", change_quantity="10"
    )
    assert brief(*changes_of(owed)) == ("split", "ALPHA", "default", "ACME", 10, 0, 0)
    assert changes_of(replace(owed, change_quantity="0")) == []


def test_buy_in_is_a_deal_at_its_price() -> None:
    """The buyer of 10 for 100 gets 120 back: the price is 12."""
    bought_in = ObligationBoughtIn(
        **DUE, cycle=3, quantity="10", amount="-100", price="12", compensation="20"
    )
    assert brief(*changes_of(bought_in)) == ("deal", "ALPHA", "default", "ACME", -10, 120, 0)


def test_obligation_that_passes_on_is_a_deal_of_both() -> None:
    moved = ObligationMoved(
        **DUE, to_member="HOUSE", to_account="", quantity="10", amount="-100", operator="o",
        reason="default",
    )  # fmt: skip
    left, came = changes_of(moved)
    assert brief(left) == ("deal", "ALPHA", "default", "ACME", -10, 100, 0)
    assert brief(came) == ("deal", "HOUSE", "default", "ACME", 10, -100, 0)
    money = changes_of(replace(moved, quantity="0"))
    assert [brief(each)[0] for each in money] == ["income"] * 2
    assert sum(each.amount for each in money) == 0


def test_penalty_is_income_below_zero() -> None:
    failed = ObligationFailed(
        **DUE, cycle=1, quantity="-10", amount="100", cycles=1, cause="SHORT", penalty="-3"
    )
    assert brief(*changes_of(failed)) == ("income", "ALPHA", "default", "USD", 0, -3, 0)
    assert changes_of(replace(failed, penalty="0")) == []


def test_number_that_is_none_is_not_postable() -> None:
    with pytest.raises(EventNotPostable, match="amount"):
        changes_of(deposited(1, amount="much"))


def test_row_has_a_value_for_each_column_of_the_table() -> None:
    assert list(COLUMNS) == position_changes.c.keys()
    first, second = change_rows(busted(8, TRADE))
    assert first[:4] == (8, 0, "bust", "ALPHA")
    assert second[:4] == (8, 1, "bust", "BRAVO")
    assert dict(zip(COLUMNS, second, strict=True))["quantity"] == "-10"
    assert {"TradeExecuted", "HoldingAdjusted"} <= CHANGING
