"""Cash dividends: who is paid, how much, once for ever, and nothing but money moves."""

import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.decimal_text import format_money, parse_money

from ..sequencer.builders import digest
from .builders import Venue, buy, sell, trading
from .corporate import balance, deposit, holdings, levels, unsettled
from .outcomes import kinds, refusal
from .test_image import through_bytes
from .test_random_flow import do_all_of


def dividend(amount: str, currency: str = "USD", action_id: str = "D1") -> c.PayDividend:
    return c.PayDividend("ACME", amount, currency, action_id, "olga", "board")


def test_who_holds_is_paid_and_who_is_short_pays(venue: Venue) -> None:
    venue.do_all(
        deposit("ALPHA", "ACME", "2.5", "A1"), buy("A1", "10", "99", tif="1"),
        sell("B1", "4", "99"), c.EndDay(),
    )  # fmt: skip
    events = venue.do(dividend("0.3"))
    assert kinds(events) == ["DividendDeclared", *["HoldingAdjusted"] * 3, "CorporateActionEnded"]
    declared, done = events[0], events[-1]
    assert [declared, done] == [
        e.DividendDeclared(
            declared.event_seq, venue.now_ns, "D1", "ACME", "0.3", "USD", "olga", "board"
        ),
        e.CorporateActionEnded(done.event_seq, venue.now_ns, "D1", "ACME", 3, 0, 0),
    ]
    assert holdings(events) == [
        ("ALPHA/A1", "USD", "0.75", "DIVIDEND"),
        ("ALPHA/", "USD", "1.2", "DIVIDEND"),
        ("BRAVO/", "USD", "-1.2", "DIVIDEND"),
    ]
    assert balance(venue, "ALPHA", "USD") == "-394.8"
    assert levels(venue) == [["1"]], "orders stay as they are"


def test_buyer_who_is_not_settled_yet_is_paid_and_the_seller_is_not() -> None:
    events = do_all_of(unsettled(), dividend("1"))
    assert holdings(events) == [
        ("ALPHA/", "USD", "10", "DIVIDEND"),
        ("BRAVO/", "USD", "12", "DIVIDEND"),
        ("CHARLIE/", "USD", "1", "DIVIDEND"),
    ]


def test_payments_are_rounded_once_each_half_away_from_zero(venue: Venue) -> None:
    venue.do_all(
        deposit("ALPHA", "ACME", "0.5"), deposit("BRAVO", "ACME", "0.00000001"), c.EndDay()
    )
    events = venue.do(dividend("0.00000003"))
    assert holdings(events) == [("ALPHA/", "USD", "0.00000002", "DIVIDEND")]


def test_each_dividend_is_paid_once_for_ever(venue: Venue) -> None:
    venue.do_all(deposit("ALPHA", "ACME", "1"), c.EndDay())
    event_seq = venue.engine.state.next_event_seq
    venue.do(dividend("2"))
    venue.engine = through_bytes(venue.engine)
    for again in (dividend("2"), dividend("3"), c.SplitAsset("ACME", 2, 1, "D1")):
        said = f"D1 was done by event {event_seq}: dividend of 2 USD for each ACME"
        assert refusal(venue.do(again)) == said
    assert balance(venue, "ALPHA", "USD") == "2"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (dividend("0"), "0 is no amount above 0 with at most 8 decimals"),
        (dividend("x"), "x is no amount above 0 with at most 8 decimals"),
        (dividend("1", "EUR"), "currency EUR is unknown"),
        (dividend("1", "ACME"), "ACME is not paid on itself: that is a split"),
        (dividend("1", action_id="D\x01"), "an id has no control characters"),
    ],
)
def test_dividend_is_refused_in_words(venue: Venue, command: c.PayDividend, why: str) -> None:
    venue.do(c.EndDay())
    assert refusal(venue.do(command)) == why


def test_dividend_of_many_accounts_goes_in_slices_and_sums_up() -> None:
    venue = trading()
    for number in range(200):
        venue.do(deposit("BRAVO", "ACME", f"{number}.25", f"B{number}"))
    venue.do(c.EndDay())
    first = venue.do(dividend("0.07"))
    assert len(holdings(first)) == 64 and venue.engine.state.under_way is not None
    assert refusal(venue.do(c.Withdraw("BRAVO", "USD", "1"))) is not None
    venue.engine = through_bytes(venue.engine)
    rest = do_all_of(venue, c.AdjustRemaining())
    paid = [parse_money(amount) or 0 for _, _, amount, _ in holdings(first) + holdings(rest)]
    assert len(paid) == 200
    assert format_money(sum(paid)) == "1396.5", "0.07 for each of 19,950"
    assert digest(through_bytes(venue.engine)) == digest(venue.engine)
