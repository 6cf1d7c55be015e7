"""Short sales and restricted instruments: what is taken, what is refused, on both ways."""

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.commands import EnterOrder
from venue.domain.types import Side

from .builders import Venue, buy, cancel, enter, replace, sell
from .funded import funded
from .outcomes import code, kinds, why


def short(cl_ord_id: str, qty: str, price: str, locate: str | None = "N") -> EnterOrder:
    return msgspec.structs.replace(
        enter(cl_ord_id, "5", qty, price, session="CHARLIE"), locate_reqd=locate
    )


def test_short_sale_that_is_located_trades_as_a_sale(venue: Venue) -> None:
    venue.do(buy("A1", "10", "100"))
    accepted, trade = venue.do(short("C1", "4", "100"))
    assert isinstance(accepted, e.OrderAccepted) and isinstance(trade, e.TradeExecuted)
    assert trade.sell.order.terms.side is trade.aggressor is Side.SELL_SHORT
    assert venue.engine.state.members["CHARLIE"].uses["ACME"].position_lots == -4
    assert kinds(venue.do(short("C2", "4", "101"))) == ["OrderAccepted"]
    trade = venue.do(buy("A2", "4", "101"))[-1]
    assert isinstance(trade, e.TradeExecuted) and trade.last_px == "101"


@pytest.mark.parametrize("locate", [None, "Y", ""])
def test_short_sale_that_is_not_located_is_refused(venue: Venue, locate: str | None) -> None:
    refused = venue.do(short("C1", "4", "100", locate))
    assert why(refused) == "SHORT_SALE_REFUSED 54=5 needs 114=N"


def test_short_sale_of_a_prefunded_member_is_refused() -> None:
    venue = funded(c.Deposit("ALPHA", "ACME", "10"))
    order = msgspec.structs.replace(enter("A1", "5", "4", "100"), locate_reqd="N")
    assert why(venue.do(order)) == "SHORT_SALE_REFUSED 54=5 is not for prefunded members"


def test_short_sale_is_replaced_and_canceled_as_such(venue: Venue) -> None:
    venue.do(short("C1", "4", "101"))
    assert (
        code(venue.do(replace("C2", "C1", "5", "101", "2", session="CHARLIE")))
        == "ORDER_TERMS_CHANGED"
    )
    assert code(venue.do(replace("C3", "C1", "5", "101", "5", session="CHARLIE"))) is None
    assert code(venue.do(cancel("C4", "C3", "2", session="CHARLIE"))) == "ORDER_TERMS_CHANGED"
    assert code(venue.do(cancel("C5", "C3", "5", session="CHARLIE"))) is None


def restrict(venue: Venue, entries: str, account: str = "") -> None:
    (event,) = venue.do(c.SetLimits("ALPHA", {"restricted": entries}, account))
    assert isinstance(event, e.LimitsSet)


def test_restricted_instrument_is_refused_both_ways(venue: Venue) -> None:
    venue.do(buy("A0", "5", "95"))
    restrict(venue, "ACME")
    assert why(venue.do(buy("A1", "1", "99"))) == "INSTRUMENT_RESTRICTED ACME is restricted"
    assert code(venue.do(sell("A2", "1", "99", session="ALPHA"))) == "INSTRUMENT_RESTRICTED"
    assert code(venue.do(replace("A3", "A0", "4", "95"))) == "INSTRUMENT_RESTRICTED"
    assert code(venue.do(cancel("A4", "A0"))) is None
    assert code(venue.do(enter("A5", "1", "10", "99", symbol="GLOBEX"))) is None
    assert code(venue.do(buy("B1", "1", "99", session="BRAVO"))) is None


@pytest.mark.parametrize(("way", "refused"), [("buy", ["1"]), ("sell", ["2", "5"])])
def test_restriction_may_be_of_one_way_only(venue: Venue, way: str, refused: list[str]) -> None:
    restrict(venue, f"ACME:{way}")
    results = {}
    for side in "125":
        order = msgspec.structs.replace(enter(f"A{side}", side, "1", "99"), locate_reqd="N")
        results[side] = why(venue.do(order))
    text = f"INSTRUMENT_RESTRICTED ACME:{way} is restricted"
    assert results == {side: text if side in refused else None for side in "125"}


def test_account_may_be_restricted_by_itself(venue: Venue) -> None:
    restrict(venue, "ACME", "X1")
    order = enter("A1", "1", "1", "99", account="X1")
    assert code(venue.do(order)) == "INSTRUMENT_RESTRICTED"
    assert code(venue.do(enter("A2", "1", "1", "99", account="X2"))) is None
    assert code(venue.do(enter("A3", "1", "1", "99"))) is None


def test_lifted_restriction_restricts_no_more(venue: Venue) -> None:
    restrict(venue, "ACME")
    venue.do(c.SetLimits("ALPHA", {"restricted": None}))
    assert code(venue.do(buy("A1", "1", "99"))) is None
