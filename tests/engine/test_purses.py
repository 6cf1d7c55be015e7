"""Purses of prefunded members: by account, with rounding, with oneself; who has none.

ACME costs 10 basis points of fee a side, BTC-USD 2.5; a lot of BTC-USD costs no whole 10^-8.
"""

import msgspec

from venue.domain import commands as c
from venue.domain.commands import EnterOrder

from .builders import Venue, buy, cancel, enter, sell
from .funded import funded, purse
from .outcomes import code, refusal, why

RESERVED = "1001.00000005"


def other_sells(cl_ord_id: str, qty: str, price: str) -> EnterOrder:
    return sell(cl_ord_id, qty, price, session="CHARLIE")


def other_buys(cl_ord_id: str, qty: str, price: str) -> EnterOrder:
    return buy(cl_ord_id, qty, price, session="CHARLIE")


def test_trade_with_oneself_costs_both_fees_only() -> None:
    venue = funded(c.Deposit("ALPHA", "USD", "2000"), c.Deposit("ALPHA", "ACME", "10"))
    venue.do_all(sell("A1", "10", "100", session="ALPHA"), buy("A2", "10", "100"))
    assert purse(venue, "ALPHA", "USD") == ("1998", "0")
    assert purse(venue, "ALPHA", "ACME") == ("10", "0")


def test_every_account_has_a_purse_of_its_own() -> None:
    venue = funded(
        c.Deposit("BRAVO", "USD", "1001.00000005", account="B1"),
        c.Deposit("BRAVO", "USD", "5000"),
        c.Deposit("BRAVO", "ACME", "3", account="B2"),
    )
    order = enter("B1", "1", "10", "100", session="BRAVO", account="B2")
    assert why(venue.do(order)) == f"INSUFFICIENT_FUNDS {RESERVED} USD are needed, 0 of 0 are free"
    order = enter("B2", "1", "10", "100", session="BRAVO", account="B1")
    assert code(venue.do(order)) is None
    assert purse(venue, "BRAVO", "USD", "B1") == (RESERVED, RESERVED)
    assert purse(venue, "BRAVO", "USD") == ("5000", "0")
    venue.do_all(cancel("B3", "B2", session="BRAVO"), other_buys("C1", "3", "100"))
    sale = enter("B4", "2", "3", "100", session="BRAVO", account="B2")
    assert code(venue.do(sale)) is None
    assert purse(venue, "BRAVO", "USD", "B2") == ("299.7", "0")


def test_refused_order_leaves_no_purse_behind() -> None:
    venue = funded()
    venue.do(enter("A1", "1", "10", "100", account="X9"))
    assert venue.engine.state.members["ALPHA"].purses.all() == []


def test_fills_of_single_lots_that_all_round_up_stay_within_the_reservation() -> None:
    """Each lot costs 50000.5 units of 10^-8 dollars and 12.5 of fee: both round up."""
    venue = funded(c.Deposit("ALPHA", "USD", "0.00400102"))
    order = enter("A1", "1", "0.00000008", "50000.5", symbol="BTC-USD")
    assert why(venue.do(order)) == (
        "INSUFFICIENT_FUNDS 0.00400112 USD are needed, 0.00400102 of 0.00400102 are free"
    )
    venue.do_all(
        c.Deposit("ALPHA", "USD", "0.0000001"), msgspec.structs.replace(order, cl_ord_id="A2")
    )
    assert purse(venue, "ALPHA", "USD") == ("0.00400112", "0.00400112")
    for number in range(8):
        venue.do(
            enter(f"C{number}", "2", "0.00000001", "50000", symbol="BTC-USD", session="CHARLIE")
        )
    # eight times 0.00050001 and 0.00000013 of fee
    assert purse(venue, "ALPHA", "USD") == ("0", "0")
    assert purse(venue, "ALPHA", "BTC") == ("0.00000008", "0")


def test_members_on_credit_reserve_nothing() -> None:
    venue = funded()
    venue.do_all(other_buys("C1", "10", "100"), other_sells("C2", "10", "105"))
    assert purse(venue, "CHARLIE", "USD") == purse(venue, "CHARLIE", "ACME") == ("0", "0")


def test_funding_can_not_change_once_there_are_funds_or_orders() -> None:
    def change(venue: Venue, member: str, funding: str) -> str | None:
        return refusal(venue.do(c.AddMember(member, (), "1000", 10, funding)))

    venue = funded(c.Deposit("ALPHA", "USD", "1"))
    detail = "ALPHA is prefunded and has funds; that cannot change now"
    assert change(venue, "ALPHA", "credit") == detail
    assert change(venue, "BRAVO", "credit") is None
    venue.do(other_buys("C1", "1", "99"))
    assert change(venue, "CHARLIE", "prefunded") is not None
    venue.do(cancel("C2", "C1", session="CHARLIE"))
    assert change(venue, "CHARLIE", "prefunded") is None
    assert change(venue, "ALPHA", "barter") == "funding barter is none of credit, prefunded"
