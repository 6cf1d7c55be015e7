"""Prefunded members: what each kind of order reserves, and when it is given back.

ALPHA is prefunded. ACME costs 10 basis points of fee a side; a reservation has half a unit a lot
for the rounding of fees: 10 at 100 reserve 1000, the fee of 1, and 0.00000005.
"""

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain.commands import EnterOrder

from .builders import Venue, buy, cancel, enter, replace, sell
from .funded import funded, purse
from .outcomes import code, kinds, why

RESERVED = "1001.00000005"


def rich(usd: str = "1000000", acme: str = "1000") -> Venue:
    """ALPHA has these funds and CHARLIE, on credit, trades with it."""
    return funded(c.Deposit("ALPHA", "USD", usd), c.Deposit("ALPHA", "ACME", acme))


def usd(venue: Venue) -> tuple[str, str]:
    return purse(venue, "ALPHA", "USD")


def acme(venue: Venue) -> tuple[str, str]:
    return purse(venue, "ALPHA", "ACME")


def other_sells(cl_ord_id: str, qty: str, price: str) -> EnterOrder:
    return sell(cl_ord_id, qty, price, session="CHARLIE")


def other_buys(cl_ord_id: str, qty: str, price: str) -> EnterOrder:
    return buy(cl_ord_id, qty, price, session="CHARLIE")


def test_buy_reserves_price_times_quantity_and_the_fee() -> None:
    venue = rich("1000")
    over = venue.do(buy("A1", "10", "100"))
    assert why(over) == f"INSUFFICIENT_FUNDS {RESERVED} USD are needed, 1000 of 1000 are free"
    venue.do(c.Deposit("ALPHA", "USD", "1.00000004"))
    assert code(venue.do(buy("A2", "10", "100"))) == "INSUFFICIENT_FUNDS"
    venue.do(c.Deposit("ALPHA", "USD", "0.00000001"))
    assert code(venue.do(buy("A3", "10", "100"))) is None
    assert usd(venue) == (RESERVED, RESERVED)
    over = venue.do(buy("A4", "1", "90"))
    assert why(over) == (
        f"INSUFFICIENT_FUNDS 90.09 USD are needed, 0 of {RESERVED} are free"
    )  # half a unit of one lot is none


def test_sell_reserves_what_it_delivers() -> None:
    venue = rich(acme="10")
    over = venue.do(sell("A1", "11", "100", session="ALPHA"))
    assert why(over) == "INSUFFICIENT_FUNDS 11 ACME are needed, 10 of 10 are free"
    assert code(venue.do(sell("A2", "10", "100", session="ALPHA"))) is None
    assert acme(venue) == ("10", "10") and usd(venue) == ("1000000", "0")
    assert code(venue.do(sell("A3", "1", "100", session="ALPHA"))) == "INSUFFICIENT_FUNDS"


def test_fill_pays_price_and_fee_and_gives_the_better_price_back() -> None:
    venue = rich("2000")
    venue.do_all(other_sells("C1", "10", "99"), buy("A1", "10", "100"))
    assert usd(venue) == ("1009.01", "0")
    assert acme(venue) == ("1010", "0")


def test_sale_earns_its_value_less_the_fee() -> None:
    venue = rich("0.5")
    venue.do_all(other_buys("C1", "10", "101"), sell("A1", "10", "100", session="ALPHA"))
    assert usd(venue) == ("1009.49", "0")
    assert acme(venue) == ("990", "0")
    assert code(venue.do(buy("A2", "10", "100"))) is None


def test_part_filled_order_reserves_what_is_left_at_its_own_price() -> None:
    venue = rich("2000")
    venue.do_all(other_sells("C1", "4", "99"), buy("A1", "10", "100"))
    assert usd(venue) == ("1603.604", "600.60000003")


@pytest.mark.parametrize("how", ["cancel", "mass cancel", "operator", "logout", "day", "kill"])
def test_order_that_ends_gives_all_back(how: str) -> None:
    venue = rich()
    venue.do_all(buy("A1", "10", "100"), sell("A2", "5", "105", session="ALPHA"))
    assert (usd(venue)[1], acme(venue)[1]) == (RESERVED, "5")
    ends: dict[str, list[c.AnyCommand]] = {
        "cancel": [cancel("A3", "A1"), cancel("A4", "A2", "2")],
        "mass cancel": [c.MassCancel("ALPHA", "A3", "7")],
        "operator": [c.CancelByOperator("1"), c.CancelByOperator("2")],
        "logout": [c.LogOut("ALPHA")],
        "day": [c.EndDay()],
        "kill": [c.Kill("member", "ALPHA")],
    }
    venue.do_all(*ends[how])
    assert (usd(venue), acme(venue)) == (("1000000", "0"), ("1000", "0"))


def test_order_that_runs_out_at_its_time_gives_all_back() -> None:
    venue = rich()
    order = buy("A1", "10", "100", tif="6")
    venue.do(msgspec.structs.replace(order, expire_ns=venue.now_ns + 5))
    assert usd(venue)[1] == RESERVED
    venue.now_ns += 5
    assert kinds(venue.do(c.AdvanceTime())) == ["OrderExpired"]
    assert usd(venue)[1] == "0"


def test_good_till_canceled_order_stays_reserved_over_the_day() -> None:
    venue = rich()
    venue.do_all(buy("A1", "10", "100", tif="1"), c.EndDay(), c.StartDay("2026-01-06"))
    assert usd(venue)[1] == RESERVED


@pytest.mark.parametrize(("tif", "left"), [("3", "1603.604"), ("4", "2000")])
def test_what_may_not_rest_gives_its_remainder_back(tif: str, left: str) -> None:
    venue = rich("2000")
    venue.do_all(other_sells("C1", "4", "99"), buy("A1", "10", "100", tif=tif))
    assert usd(venue) == (left, "0")


def test_post_only_order_that_would_take_gives_all_back() -> None:
    venue = rich("2000")
    venue.do(other_sells("C1", "4", "99"))
    venue.do(msgspec.structs.replace(buy("A1", "10", "100"), exec_inst="6"))
    assert usd(venue) == ("2000", "0")


def test_iceberg_reserves_what_it_hides_too() -> None:
    venue = rich("2000")
    venue.do(msgspec.structs.replace(buy("A1", "10", "100"), max_floor="2"))
    assert usd(venue)[1] == RESERVED
    venue.do(other_sells("C1", "5", "100"))
    assert usd(venue) == ("1499.5", "500.50000002")


@pytest.mark.parametrize("ord_type", ["1", "K", "3"])
def test_order_without_a_price_reserves_at_the_end_of_the_collar(ord_type: str) -> None:
    order = enter("A1", "1", "10", None, ord_type=ord_type)
    if ord_type == "3":
        order = msgspec.structs.replace(order, stop_px="101")
    venue = rich("1101.10000004")
    over = venue.do(order)
    assert why(over) == (
        "INSUFFICIENT_FUNDS 1101.10000005 USD are needed, 1101.10000004 of 1101.10000004 are free"
    )
    venue = rich("1101.10000005")
    venue.do(other_sells("C1", "3", "100"))
    assert code(venue.do(order)) is None
    expected = {
        "1": ("800.80000005", "0"),
        "K": ("800.80000005", "700.70000003"),
        "3": ("1101.10000005", "1101.10000005"),
    }
    assert usd(venue) == expected[ord_type]


def test_stop_gives_back_what_it_does_not_use_when_it_is_triggered() -> None:
    venue = rich("1101.10000005")
    venue.do(msgspec.structs.replace(enter("A1", "1", "10", None, ord_type="3"), stop_px="101"))
    venue.do_all(other_sells("C1", "1", "101"), other_sells("C2", "4", "102"))
    venue.do(buy("B0", "1", "101", session="CHARLIE"))
    assert usd(venue) == ("692.69200005", "0")
    assert acme(venue) == ("1004", "0")


def test_stop_limit_reserves_at_its_limit_also_once_triggered() -> None:
    venue = rich("2000")
    order = enter("A1", "1", "10", "102", ord_type="4")
    venue.do(msgspec.structs.replace(order, stop_px="101"))
    assert usd(venue)[1] == "1021.02000005"
    venue.do_all(other_sells("C1", "1", "101"), other_buys("C2", "1", "101"))
    assert usd(venue) == ("2000", "1021.02000005")
    venue.do(other_sells("C3", "10", "102"))
    assert usd(venue) == ("978.98", "0")


def test_peg_reserves_at_the_end_of_the_collar_wherever_it_moves() -> None:
    venue = rich("1101.10000005")
    venue.do(other_buys("C1", "1", "95"))
    peg = enter("A1", "1", "10", None, ord_type="P")
    assert code(venue.do(msgspec.structs.replace(peg, exec_inst="R"))) is None
    assert usd(venue)[1] == "1101.10000005"
    venue.do(other_buys("C2", "1", "97"))
    assert venue.engine.state.orders["2"].price_ticks == 9_700
    assert usd(venue)[1] == "1101.10000005"
    venue.do(other_sells("C3", "11", "97"))
    assert usd(venue) == ("130.13000005", "0")


def test_all_or_none_order_that_waits_is_reserved() -> None:
    venue = rich("1500")
    venue.do(msgspec.structs.replace(buy("A1", "10", "100"), exec_inst="G"))
    assert usd(venue)[1] == RESERVED
    venue.do(other_sells("C1", "6", "100"))
    assert usd(venue) == ("1500", RESERVED)
    venue.do(other_sells("C2", "4", "99"))
    assert usd(venue) == ("503.004", "0")


def test_replacement_reserves_what_it_adds_and_gives_back_what_it_takes_away() -> None:
    venue = rich("1500")
    venue.do(buy("A1", "10", "100"))
    over = venue.do(replace("A2", "A1", "15", "100"))
    assert why(over) == (
        "INSUFFICIENT_FUNDS 500.50000002 USD are needed, 498.99999995 of 1500 are free"
    )
    assert usd(venue)[1] == RESERVED
    assert code(venue.do(replace("A3", "A1", "14", "100"))) is None
    assert usd(venue)[1] == "1401.40000007"
    assert code(venue.do(replace("A4", "A3", "14", "107.05"))) == "INSUFFICIENT_FUNDS"
    assert code(venue.do(replace("A5", "A3", "14", "107"))) is None
    assert code(venue.do(replace("A6", "A5", "2", "95"))) is None
    assert usd(venue)[1] == "190.19000001"
    venue.do(other_sells("C1", "1", "95"))
    assert code(venue.do(replace("A7", "A6", "1", "95"))) is None
    assert usd(venue) == ("1404.905", "0")


def test_replaced_sale_reserves_by_quantity() -> None:
    venue = rich(acme="10")
    venue.do(sell("A1", "8", "100", session="ALPHA"))
    over = venue.do(replace("A2", "A1", "11", "100", "2"))
    assert why(over) == "INSUFFICIENT_FUNDS 3 ACME are needed, 2 of 10 are free"
    assert code(venue.do(replace("A3", "A1", "10", "105", "2"))) is None
    assert acme(venue) == ("10", "10")
    assert code(venue.do(replace("A4", "A3", "1", "105", "2"))) is None
    assert acme(venue) == ("10", "1")


@pytest.mark.parametrize(
    ("mode", "cash", "assets"),
    [("N", "0", "4"), ("O", RESERVED, "0"), ("B", "0", "0"), ("D", "600.60000003", "0")],
)
def test_self_match_prevention_gives_back_what_it_takes_away(
    mode: str, cash: str, assets: str
) -> None:
    venue = rich()
    own = msgspec.structs.replace(sell("A1", "4", "100", session="ALPHA"), self_match_id="desk")
    order = buy("A2", "10", "100")
    venue.do(own)
    venue.do(msgspec.structs.replace(order, self_match_id="desk", self_match_mode=mode))
    assert (usd(venue), acme(venue)) == (("1000000", cash), ("1000", assets))
