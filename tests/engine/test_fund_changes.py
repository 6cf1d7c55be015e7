"""Busts, corrections and withdrawals of prefunded members: covered, or refused and nothing changes.

The balances are those that clearing books, whatever has happened to the instrument meanwhile.
"""

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.engine.image.digest import state_digest

from .builders import Venue, buy, cancel, enter, sell
from .funded import FEES, funded, funded_commands, purse
from .outcomes import code, kinds, refusal
from .risk_invariants import Books

BUSTED = ["TradeBusted"]


def traded(usd: str = "2000", acme: str = "0") -> Venue:
    """ALPHA, with these funds, has bought 4 of 10 at 99; 6 are open at 100. It cost 396.396."""
    deposits = [c.Deposit("ALPHA", "USD", usd)]
    deposits += [c.Deposit("ALPHA", "ACME", acme)] if acme != "0" else []
    venue = funded(*deposits)
    venue.do_all(sell("C1", "4", "99", session="CHARLIE"), buy("A1", "10", "100"))
    return venue


def unchanged(venue: Venue, command: c.AnyCommand) -> str | None:
    """Why a command was refused, after a look that it changed nothing."""
    state = venue.engine.state
    before, numbers = state_digest(state), (state.next_event_seq, state.timestamp_ns)
    detail = refusal(venue.do(command))
    state.next_event_seq, state.timestamp_ns = numbers
    assert state_digest(state) == before
    venue.now_ns = state.timestamp_ns
    return detail


def test_bust_gives_the_money_back_and_reserves_the_quantity_again() -> None:
    venue = traded()
    assert purse(venue, "ALPHA", "USD") == ("1603.604", "600.60000003")
    assert kinds(venue.do(c.BustTrade("M1"))) == BUSTED
    assert purse(venue, "ALPHA", "USD") == ("2000", "1001.00000005")
    assert purse(venue, "ALPHA", "ACME") == ("0", "0")


def test_bust_of_a_sale_takes_the_proceeds_and_reserves_what_comes_back() -> None:
    venue = funded(c.Deposit("ALPHA", "ACME", "10"))
    venue.do_all(buy("C1", "4", "101", session="CHARLIE"), sell("A1", "10", "100", session="ALPHA"))
    assert purse(venue, "ALPHA", "USD") == ("403.596", "0")
    assert kinds(venue.do(c.BustTrade("M1"))) == BUSTED
    assert purse(venue, "ALPHA", "USD") == ("0", "0")
    assert purse(venue, "ALPHA", "ACME") == ("10", "10")


def test_bust_that_takes_back_what_was_withdrawn_is_refused() -> None:
    venue = funded(c.Deposit("ALPHA", "ACME", "10"))
    venue.do_all(buy("C1", "4", "101", session="CHARLIE"), sell("A1", "4", "100", session="ALPHA"))
    venue.do(c.Withdraw("ALPHA", "USD", "0.596"))
    detail = unchanged(venue, c.BustTrade("M1"))
    assert detail == "ALPHA is prefunded and lacks 0.596 USD for it"
    venue.do(c.Deposit("ALPHA", "USD", "0.596"))
    assert kinds(venue.do(c.BustTrade("M1"))) == BUSTED


def test_bust_that_takes_back_what_was_sold_on_is_refused() -> None:
    venue = traded()
    venue.do_all(cancel("A3", "A1"), buy("C2", "3", "99", session="CHARLIE"))
    venue.do(sell("A2", "3", "99", session="ALPHA"))
    detail = unchanged(venue, c.BustTrade("M1"))
    assert detail == "ALPHA is prefunded and lacks 3 ACME for it"


def test_bust_that_takes_back_what_is_reserved_is_refused() -> None:
    venue = traded()
    venue.do(sell("A2", "2", "105", session="ALPHA"))
    detail = unchanged(venue, c.BustTrade("M1"))
    assert detail == "ALPHA is prefunded and lacks 2 ACME for it"
    venue.do(cancel("A3", "A2", "2"))
    assert kinds(venue.do(c.BustTrade("M1"))) == BUSTED


def test_bust_that_needs_more_than_it_gives_back_is_refused() -> None:
    """Bought at 99, it would be reserved at 100 again."""
    venue = traded("1001.00000005")
    assert purse(venue, "ALPHA", "USD") == ("604.60400005", "600.60000003")
    venue.do(c.Withdraw("ALPHA", "USD", "4.00400002"))
    detail = unchanged(venue, c.BustTrade("M1"))
    assert detail == "ALPHA is prefunded and lacks 4.00400002 USD for it"
    venue.do(cancel("A2", "A1"))
    assert kinds(venue.do(c.BustTrade("M1"))) == BUSTED
    assert purse(venue, "ALPHA", "USD") == ("996.99600003", "0")


def test_correction_to_a_higher_price_must_be_covered() -> None:
    venue = traded("1001.00000005")
    # 4 more for each step of 1, and 0.004 of fee; 4.00400002 are free
    detail = unchanged(venue, c.CorrectTrade("M1", "100.01"))
    assert detail == "ALPHA is prefunded and lacks 0.04003998 USD for it"
    assert kinds(venue.do(c.CorrectTrade("M1", "100"))) == ["TradeCorrected"]
    assert purse(venue, "ALPHA", "USD") == ("600.60000005", "600.60000003")


def test_correction_to_less_gives_back_and_reserves_again() -> None:
    venue = traded()
    assert kinds(venue.do(c.CorrectTrade("M1", "99", "1"))) == ["TradeCorrected"]
    assert purse(venue, "ALPHA", "USD") == ("1900.901", "900.90000004")
    assert purse(venue, "ALPHA", "ACME") == ("1", "0")


def test_bust_of_a_trade_with_oneself_needs_nothing() -> None:
    venue = funded(c.Deposit("ALPHA", "USD", "2000"), c.Deposit("ALPHA", "ACME", "10"))
    venue.do_all(sell("A1", "10", "100", session="ALPHA"), buy("A2", "10", "100"))
    venue.do_all(c.Withdraw("ALPHA", "USD", "1998"), c.Withdraw("ALPHA", "ACME", "10"))
    assert kinds(venue.do(c.BustTrade("M1"))) == BUSTED
    assert purse(venue, "ALPHA", "USD") == ("2", "0")


def test_members_on_credit_may_be_overdrawn_by_a_bust() -> None:
    venue = traded()
    assert purse(venue, "CHARLIE", "USD") == ("395.604", "0")
    venue.do_all(c.Withdraw("CHARLIE", "USD", "395"), c.BustTrade("M1"))
    assert purse(venue, "CHARLIE", "USD") == ("-395", "0")


def test_what_is_reserved_can_not_be_withdrawn() -> None:
    venue = traded()
    detail = unchanged(venue, c.Withdraw("ALPHA", "USD", "1003.00399998"))
    assert detail == ("ALPHA has 1603.604 USD, 1003.00399997 of it free, less than 1003.00399998")
    assert refusal(venue.do(c.Withdraw("ALPHA", "USD", "1003.00399997"))) is None
    assert purse(venue, "ALPHA", "USD") == ("600.60000003", "600.60000003")
    venue.do(cancel("A2", "A1"))
    assert refusal(venue.do(c.Withdraw("ALPHA", "USD", "600.60000003"))) is None


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (c.Withdraw("BRAVO", "USD", "1"), "BRAVO has 0 USD, 0 of it free, less than 1"),
        (
            c.Withdraw("BRAVO", "USD", "6", account="B1"),
            "BRAVO has 5 USD, 5 of it free, less than 6",
        ),
        (c.Withdraw("BRAVO", "USD", "1", account="X1"), "account X1 is not of BRAVO"),
        (c.Deposit("BRAVO", "USD", "1", account="X1"), "account X1 is not of BRAVO"),
    ],
)
def test_purse_of_another_account_is_not_touched(command: c.AnyCommand, detail: str) -> None:
    venue = funded(c.Deposit("BRAVO", "USD", "5", account="B1"))
    assert unchanged(venue, command) == detail
    assert purse(venue, "BRAVO", "USD", "B1") == ("5", "0")


def test_balances_are_the_ledgers_also_when_the_fee_has_changed_since_the_trade() -> None:
    venue, books = Venue(), Books()
    for command in (
        *funded_commands(c.Deposit("ALPHA", "USD", "2000")),
        sell("C1", "4", "99", session="CHARLIE"),
        sell("C2", "4", "99", session="CHARLIE"),
        buy("A1", "8", "99"),
        c.AddInstrument(msgspec.structs.replace(FEES, fee_bps="50")),
        c.CorrectTrade("M1", "98"),
        c.BustTrade("M2"),
    ):
        books.take(venue.do(command))
        books.check(venue.engine.state)
    # 4 at 98 and the fee of the day they were traded: 392 and 0.392
    assert purse(venue, "ALPHA", "USD") == ("1607.608", "0")


@pytest.mark.parametrize(
    "change", [{"asset": "ACM"}, {"currency": "EUR"}, {"tick_size": "0.02"}, {"lot_size": "2"}]
)
def test_what_a_traded_instrument_is_counted_in_stays(change: dict[str, str]) -> None:
    venue = funded(c.Deposit("ALPHA", "USD", "2000"))
    definition = msgspec.structs.replace(FEES, **change)
    assert refusal(venue.do(c.AddInstrument(definition))) is None
    assert refusal(venue.do(c.AddInstrument(FEES))) is None
    venue.do_all(sell("C1", "4", "99", session="CHARLIE"), buy("A1", "4", "100"))
    detail = refusal(venue.do(c.AddInstrument(definition)))
    assert detail == "ACME has traded; its tick, lot, asset and currency cannot change"
    other_fee = msgspec.structs.replace(FEES, fee_bps="1")
    assert kinds(venue.do(c.AddInstrument(other_fee))) == ["InstrumentAdded"]


def test_deposit_makes_room_at_once() -> None:
    venue = funded()
    assert code(venue.do(buy("A1", "1", "100"))) == "INSUFFICIENT_FUNDS"
    (event,) = venue.do(c.Deposit("ALPHA", "USD", "100.1", "olga", "wire", "A1"))
    assert isinstance(event, e.FundsDeposited) and event.account == "A1"
    assert code(venue.do(enter("A2", "1", "1", "100", account="A1"))) is None
