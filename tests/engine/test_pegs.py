"""Pegged orders: priced from orders that are not pegged, never taking, where they belong."""

import pytest

from tests.reference.build import Venue


def peg(code: str, **fields: str) -> dict[str, str]:
    """Fields of a pegged order."""
    return {"ord_type": "P", "exec_inst": code, **fields}


def market_at(bid: str, ask: str) -> Venue:
    """A venue with a bid (order 1) and an ask (order 2) of CHARLIE."""
    venue = Venue()
    venue.buy("bid", "5", bid, session="CHARLIE")
    venue.sell("ask", "5", ask, session="CHARLIE")
    return venue


@pytest.mark.parametrize(
    ("side", "code", "offset", "price"),
    [
        ("buy", "R", None, "98"),
        ("buy", "R", "-1", "97"),
        ("buy", "R", "2", "100"),
        ("buy", "M", None, "100"),
        ("buy", "P", None, "102"),
        ("buy", "P", "-2", "101"),
        ("sell", "R", None, "103"),
        ("sell", "M", None, "101"),
        ("sell", "P", None, "99"),
        ("sell", "P", "1", "99"),
    ],
)
def test_price_of_a_peg(side: str, code: str, offset: str | None, price: str) -> None:
    """Between 98 and 103; half ticks go away from the other side, and a peg never takes."""
    venue = market_at("98", "103")
    enter = venue.buy if side == "buy" else venue.sell
    fields = peg(code) if offset is None else peg(code, peg_offset=offset)
    assert enter("p", "1", **fields) == [f"new 3 1/1@{price}"]


def test_peg_without_a_reference_is_rejected() -> None:
    venue = Venue()
    venue.buy("bid", "5", "98")
    assert venue.buy("p", "1", **peg("P")) == ["OrderRejected p PEG_WITHOUT_REFERENCE"]
    assert venue.buy("p2", "1", **peg("M")) == ["OrderRejected p2 PEG_WITHOUT_REFERENCE"]


def test_another_peg_is_no_reference() -> None:
    venue = market_at("98", "103")
    venue.buy("p1", "1", **peg("R", peg_offset="2"))
    assert venue.buy("p2", "1", **peg("R")) == ["new 4 1/1@98"]


def test_peg_follows_to_the_back_of_its_new_price() -> None:
    venue = market_at("98", "103")
    venue.buy("p", "1", **peg("R"))
    assert venue.buy("b", "5", "99") == ["new 4 5/5@99", "restated 3 1/1@99 PEG_REPRICED"]
    assert venue.book()[0] == ["4:5/5@99", "3:1/1@99", "1:5/5@98"]


def test_peg_stays_when_its_reference_is_gone() -> None:
    venue = market_at("98", "103")
    venue.buy("p", "1", **peg("R"))
    assert venue.cancel("x", "bid", session="CHARLIE") == ["canceled 1 cum 0"]
    assert venue.book()[0] == ["3:1/1@98"]


def test_pegs_that_bound_each_other_come_to_rest_in_one_command() -> None:
    """The sell is looked at first, while the buy above it is still in its way."""
    venue = market_at("95", "105")
    venue.buy("b", "1", "99", session="CHARLIE")
    venue.sell("p1", "1", **peg("P"))
    venue.buy("p2", "1", **peg("R"))
    assert venue.book() == (["3:1/1@99", "5:1/1@99", "1:5/5@95"], ["4:1/1@100", "2:5/5@105"])
    assert venue.cancel("x", "b", session="CHARLIE") == [
        "canceled 3 cum 0",
        "restated 5 1/1@95 PEG_REPRICED",
        "restated 4 1/1@96 PEG_REPRICED",
    ]
    assert venue.buy("other", "1", "91") == ["new 6 1/1@91"], "nothing was left to move"


def test_an_all_or_none_takes_what_a_peg_has_moved_into_its_reach() -> None:
    venue = market_at("98", "103")
    venue.sell("p", "5", **peg("R"))
    assert venue.buy("b", "10", "101", exec_inst="G") == ["new 4 10/10@101 waiting"]
    assert venue.sell("s", "5", "101") == [
        "new 5 5/5@101",
        "restated 3 5/5@101 PEG_REPRICED",
        "trade 5@101 4:5 5:0",
        "trade 5@101 4:0 3:0",
    ]


def test_a_peg_that_could_only_take_within_the_collar_is_rejected() -> None:
    venue = Venue()
    venue.buy("high", "5", "110", session="CHARLIE")
    assert venue.sell("p", "1", **peg("P")) == ["OrderRejected p PEG_WITHOUT_REFERENCE"]


def test_peg_trades_at_its_price_and_counts_its_exposure_there() -> None:
    venue = market_at("98", "103")
    venue.buy("p", "3", **peg("M"))
    assert venue.exposure() == 300 * 10**8
    assert venue.sell("s", "1", "100") == ["new 4 1/1@100", "trade 1@100 3:2 4:0"]
    venue.cancel("x", "ask", "sell", session="CHARLIE")
    venue.sell("ask2", "1", "101")
    assert venue.book()[0][0] == "3:2/2@99"
    assert venue.exposure() == 198 * 10**8


def test_replaced_peg_keeps_its_peg() -> None:
    venue = market_at("98", "103")
    venue.buy("p", "3", **peg("R"))
    assert venue.replace("p2", "p", "4", ord_type="P") == ["replaced 3 4/4@98"]
    assert venue.buy("b", "5", "99") == ["new 4 5/5@99", "restated 3 4/4@99 PEG_REPRICED"]
