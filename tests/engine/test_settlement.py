"""From trade to settlement: dates, cycles, fails, what may be withdrawn, busts before and after."""

import re
from pathlib import Path

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.codec import encode
from venue.domain.decimal_text import format_money

from .builders import Venue, buy, enter, sell
from .outcomes import refusal
from .settling import (
    DUE,
    FRIDAY,
    SHARES,
    THURSDAY,
    TUESDAY,
    USD,
    figures,
    next_day,
    settle,
    settling,
    told,
    traded,
)

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "CLEARING.md").read_text()


def test_trade_is_owed_until_its_settlement_date_and_its_fee_is_paid_at_once() -> None:
    venue = settling(USD, SHARES)
    assert traded(venue).settlement_date == DUE
    assert figures(venue, "ALPHA", "USD") == ("8999", "9999", "8999")
    assert figures(venue, "ALPHA", "ACME") == ("10", "0", "0")
    assert figures(venue, "BRAVO", "ACME") == ("0", "10", "0")
    assert figures(venue, "BRAVO", "USD") == ("999", "-1", "-1")
    assert {(o.member, o.due, o.quantity // 10**8, o.amount // 10**8)
            for o in venue.engine.state.obligations} == {
        ("ALPHA", DUE, 10, -1_000), ("BRAVO", DUE, -10, 1_000),
    }  # fmt: skip


def test_trade_of_an_instrument_without_settlement_days_moves_all_at_once() -> None:
    venue = settling(USD)
    venue.do(enter("S1", "2", "10", "100", session="BRAVO", symbol="NOW"))
    *_, trade = venue.do(enter("B1", "1", "10", "100", symbol="NOW"))
    assert isinstance(trade, e.TradeExecuted) and trade.settlement_date is None
    assert b"settlement" not in encode(trade) and not len(venue.engine.state.obligations)
    assert figures(venue, "ALPHA", "NOW") == ("10", "10", "10")


def test_dates_pass_weekends_and_holidays_of_the_rules() -> None:
    venue = settling(USD, SHARES)
    venue.do(c.SetSettlementRules(holidays=(DUE,)))
    assert traded(venue).settlement_date == THURSDAY
    next_day(venue, FRIDAY)
    assert traded(venue, 2).settlement_date == "2026-01-13"
    venue.do(enter("S3", "2", "1", "100", session="BRAVO", symbol="GLOBEX"))
    *_, trade = venue.do(enter("B3", "1", "1", "100", symbol="GLOBEX"))
    assert isinstance(trade, e.TradeExecuted) and trade.settlement_date == "2026-01-12"


def test_trades_of_a_day_are_netted() -> None:
    venue = settling(USD, SHARES)
    traded(venue)
    venue.do_all(buy("B2", "4", "101", session="BRAVO"), sell("S2", "4", "101", session="ALPHA"))
    assert {(o.member, o.quantity // 10**8, o.amount // 10**8)
            for o in venue.engine.state.obligations} == {
        ("ALPHA", 6, -596), ("BRAVO", -6, 596),
    }  # fmt: skip
    next_day(venue, DUE)
    assert told(settle(venue)) == [
        ("settled", "ALPHA", "6", "-596"), ("settled", "BRAVO", "-6", "596"),
    ]  # fmt: skip


def test_cycle_settles_what_is_due_and_nothing_else() -> None:
    venue = settling(USD, SHARES)
    traded(venue)
    next_day(venue, TUESDAY)
    traded(venue, 2, "1", "99")
    assert told(settle(venue)) == []
    begun, *middle, ended = settle(venue, DUE)
    assert isinstance(begun, e.SettlementBegun) and isinstance(ended, e.SettlementEnded)
    assert (begun.cycle, begun.settlement_date, begun.obligations) == (2, DUE, 2)
    assert told(middle) == [
        ("settled", "ALPHA", "10", "-1000"), ("settled", "BRAVO", "-10", "1000"),
    ]  # fmt: skip
    assert (ended.settled, ended.partly, ended.failed) == (2, 0, 0)
    assert figures(venue, "ALPHA", "ACME") == ("11", "10", "10")
    assert {each.due for each in venue.engine.state.obligations} == {THURSDAY}
    assert told(settle(venue, DUE)) == []


def test_seller_without_the_asset_fails_in_part_is_retried_and_delivers() -> None:
    venue = settling(USD, c.Deposit("BRAVO", "ACME", "4"))
    traded(venue)
    next_day(venue, DUE)
    assert told(settle(venue)) == [
        ("settled", "ALPHA", "4", "-400"), ("COUNTERPARTY", "ALPHA", "6", "-600"),
        ("settled", "BRAVO", "-4", "400"), ("SHORT", "BRAVO", "-6", "600"),
    ]  # fmt: skip
    *_, ended = events = settle(venue)
    assert told(events) == [("COUNTERPARTY", "ALPHA", "6", "-600"), ("SHORT", "BRAVO", "-6", "600")]
    assert isinstance(ended, e.SettlementEnded) and (ended.partly, ended.failed) == (0, 2)
    failed = [event for event in events if isinstance(event, e.ObligationFailed)]
    assert [(event.cycles, event.short_of) for event in failed] == [(2, ""), (2, "ACME")]
    venue.do(c.Deposit("BRAVO", "ACME", "6"))
    assert told(settle(venue)) == [
        ("settled", "ALPHA", "6", "-600"), ("settled", "BRAVO", "-6", "600"),
    ]  # fmt: skip
    assert not len(venue.engine.state.obligations)


def test_whole_obligations_only_where_the_rules_say_so() -> None:
    venue = settling(USD, c.Deposit("BRAVO", "ACME", "4"))
    venue.do(c.SetSettlementRules(partial=False))
    traded(venue)
    next_day(venue, DUE)
    assert told(settle(venue)) == [
        ("COUNTERPARTY", "ALPHA", "10", "-1000"), ("SHORT", "BRAVO", "-10", "1000"),
    ]  # fmt: skip


def test_what_is_still_to_come_in_cannot_be_withdrawn() -> None:
    venue = settling(USD, SHARES)
    traded(venue)
    assert refusal(venue.do(c.Withdraw("ALPHA", "ACME", "1", reference="w1"))) == (
        "ALPHA has 10 ACME, 10 of it free and 10 still to be settled: 0 can be withdrawn, "
        "less than 1"
    )
    assert refusal(venue.do(c.Withdraw("ALPHA", "USD", "9000", reference="w2"))) == (
        "ALPHA has 8999 USD, 8999 of it free, less than 9000"
    )
    (event,) = venue.do(c.Withdraw("ALPHA", "USD", "8999", reference="w3"))
    assert isinstance(event, e.FundsWithdrawn)
    next_day(venue, DUE)
    assert told(settle(venue))[0] == ("settled", "ALPHA", "10", "-1000")
    assert figures(venue, "ALPHA", "USD") == ("0", "0", "0")
    (event,) = venue.do(c.Withdraw("ALPHA", "ACME", "10", reference="w4"))
    assert isinstance(event, e.FundsWithdrawn)


def test_money_of_one_date_is_netted_for_a_withdrawal_and_of_two_is_not() -> None:
    venue = settling(USD, SHARES, c.Deposit("ALPHA", "ACME", "10"))
    venue.do_all(sell("S1", "10", "100", session="ALPHA"), buy("B1", "10", "100", session="BRAVO"))
    assert figures(venue, "ALPHA", "USD") == ("10999", "9999", "9999")
    traded(venue, 2, "4", "100")
    assert figures(venue, "ALPHA", "USD") == ("10598.6", "9998.6", "9998.6")
    next_day(venue, TUESDAY)
    traded(venue, 3, "4", "100")
    assert figures(venue, "ALPHA", "USD")[2] == "9598.2"


def test_bust_before_settlement_takes_back_what_is_owed() -> None:
    venue = settling(USD, SHARES)
    match_id = traded(venue).match_id
    next_day(venue, TUESDAY)
    (event,) = venue.do(c.BustTrade(match_id))
    assert isinstance(event, e.TradeBusted) and event.settlement_date == DUE
    assert not len(venue.engine.state.obligations)
    assert figures(venue, "ALPHA", "USD") == ("10000", "10000", "10000")


def test_bust_after_settlement_is_owed_on_the_next_settlement_day() -> None:
    venue = settling(USD, SHARES)
    match_id = traded(venue).match_id
    next_day(venue, DUE)
    settle(venue)
    (event,) = venue.do(c.BustTrade(match_id))
    assert isinstance(event, e.TradeBusted) and event.settlement_date == THURSDAY
    assert figures(venue, "ALPHA", "USD") == ("10000", "9000", "9000")
    next_day(venue, THURSDAY)
    assert told(settle(venue)) == [
        ("settled", "ALPHA", "-10", "1000"), ("settled", "BRAVO", "10", "-1000"),
    ]  # fmt: skip
    assert figures(venue, "BRAVO", "ACME") == ("10", "10", "10")


def test_correction_owes_the_difference_before_and_after_settlement() -> None:
    venue = settling(USD, SHARES)
    match_id = traded(venue).match_id
    (event,) = venue.do(c.CorrectTrade(match_id, "99", "8"))
    assert isinstance(event, e.TradeCorrected) and event.settlement_date == DUE
    next_day(venue, DUE)
    assert told(settle(venue))[0] == ("settled", "ALPHA", "8", "-792")
    (event,) = venue.do(c.CorrectTrade(match_id, "98", "8"))
    assert isinstance(event, e.TradeCorrected) and event.settlement_date == THURSDAY
    next_day(venue, THURSDAY)
    assert told(settle(venue)) == [
        ("settled", "ALPHA", "0", "8"), ("settled", "BRAVO", "0", "-8"),
    ]  # fmt: skip


def test_bust_of_a_trade_that_was_settled_at_once_is_settled_at_once() -> None:
    venue = settling(USD)
    venue.do(enter("S1", "2", "10", "100", session="BRAVO", symbol="NOW"))
    *_, trade = venue.do(enter("B1", "1", "10", "100", symbol="NOW"))
    assert isinstance(trade, e.TradeExecuted)
    (event,) = venue.do(c.BustTrade(trade.match_id))
    assert isinstance(event, e.TradeBusted) and event.settlement_date is None
    assert figures(venue, "ALPHA", "USD") == ("10000", "10000", "10000")


def shown(cells: str) -> set[str]:
    """The amounts in cells of a table in docs/CLEARING.md, without commas."""
    return set(re.findall(r"[+-]?\d+ (?:USD|ACME)", cells.replace(",", "")))


def test_example_of_the_document_is_what_happens() -> None:
    table = re.findall(r"^\| (before|trade|Wednesday.*?|Thursday.*?) \| (.*)\|$", DOCUMENT, re.M)
    steps = {when.split(",")[0]: re.split(r" ?\| ?", cells) for when, cells in table}
    venue = settling(USD, c.Deposit("BRAVO", "ACME", "4"))
    check_step(venue, steps["before"])
    traded(venue)
    check_step(venue, steps["trade"])
    next_day(venue, TUESDAY)
    assert figures(venue, "ALPHA", "USD")[2] == "8999" and "withdraw 8,999 USD" in DOCUMENT
    next_day(venue, DUE)
    settle(venue)
    check_step(venue, steps["Wednesday"])
    assert figures(venue, "ALPHA", "ACME")[2] == "4"
    venue.do(c.Deposit("BRAVO", "ACME", "6"))
    next_day(venue, THURSDAY)
    settle(venue)
    check_step(venue, steps["Thursday"])


def check_step(venue: Venue, cells: list[str]) -> None:
    """Settled and owed of both members are those of a row."""
    state = venue.engine.state
    for place, name in ((0, "ALPHA"), (2, "BRAVO")):
        purses = state.members[name].purses.all()
        settled = {f"{format_money(p.settled)} {p.asset}" for p in purses if p.settled}
        assert settled == shown(cells[place])
        owed = {
            f"{'+' if units > 0 else ''}{format_money(units)} {asset}"
            for each in state.obligations.of(name)
            for units, asset in ((each.quantity, each.asset), (each.amount, each.currency))
        }
        assert owed == shown(cells[place + 1])
