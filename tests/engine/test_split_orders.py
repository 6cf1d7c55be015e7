"""Open orders over a split: their numbers, their places, and which of them end."""

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.types import OrdStatus

from .builders import Venue, buy, enter, sell
from .corporate import LATER, NEXT_DAY, balance, deposit, levels, restated, split
from .invariants import check_state
from .outcomes import code, ended
from .test_random_flow import do_all_of


@pytest.mark.parametrize(
    ("ratio", "qty", "price"),
    [((2, 1), "10", "99.99"), ((1, 2), "7", "99.98"), ((3, 1), "10", "100"), ((1, 3), "4", "99")],
)
def test_order_that_is_not_whole_behind_a_split_is_canceled(
    venue: Venue, ratio: tuple[int, int], qty: str, price: str
) -> None:
    venue.do_all(buy("A1", qty, price, tif="1"), c.EndDay())
    events = venue.do(split(*ratio))
    text = f"SPLIT {ratio[0]}:{ratio[1]} of ACME, S1: it is not whole in ticks and lots any more"
    assert ended(events) == [("1", "0", text)]
    assert not restated(events) and not len(venue.engine.state.markets["ACME"].book.bids)
    check_state(venue.engine)


def test_filled_part_of_an_order_is_split_with_it(venue: Venue) -> None:
    venue.do_all(
        buy("A1", "10", "100", tif="1"), sell("B1", "4", "100"), c.EndDay(), c.StartDay(NEXT_DAY),
        sell("B2", "2", "100"), c.EndDay(),
    )  # fmt: skip
    assert restated(venue.do(split(5, 2))) == [("1", "25", "15", "40")]
    (order,) = venue.engine.state.open_orders()
    assert (order.state().avg_px, order.state().leaves_qty) == ("40", "10")
    events = venue.do(c.StartDay(LATER))
    (again,) = [each for each in events if isinstance(each, e.OrderRestated)]
    assert again.order.day is not None
    assert (again.order.day.order_qty, again.order.day.cum_qty) == ("10", "0")
    assert again.order.ord_status is OrdStatus.PARTIALLY_FILLED
    check_state(venue.engine)


def test_order_whose_fills_are_not_whole_is_canceled(venue: Venue) -> None:
    venue.do_all(buy("A1", "10", "100", tif="1"), sell("B1", "3", "100"), c.EndDay())
    assert [order_id for order_id, *_ in ended(venue.do(split(1, 2)))] == ["1"]


def test_queues_keep_their_order_though_prices_pass_each_other(venue: Venue) -> None:
    prices = ("100", "98", "100", "96", "98", "92")
    venue.do_all(
        *(buy(f"A{place}", "2", price, tif="1") for place, price in enumerate(prices)),
        *(sell(f"B{place}", "2", price, tif="1") for place, price in enumerate(("102", "104"))),
    )
    before = levels(venue)
    venue.do(c.EndDay())
    for new, old in ((2, 1), (1, 2)):
        do_all_of(venue, split(new, old, action_id=f"{new}:{old}"))
        assert levels(venue) == before
    venue.do(c.StartDay(NEXT_DAY))
    check_state(venue.engine)
    assert levels(venue) == before


def test_stops_icebergs_pegs_and_waiting_orders_follow(venue: Venue) -> None:
    def special(order: c.EnterOrder, **others: str | None) -> c.EnterOrder:
        return msgspec.structs.replace(order, **others)

    venue.do_all(
        buy("A1", "4", "99", tif="1"),
        special(buy("A2", "100", "98", tif="1"), max_floor="10"),
        special(buy("A3", "6", "0", tif="1"), ord_type="P", price=None, exec_inst="R",
                peg_offset="-0.5"),
        special(buy("A4", "2", "106", tif="1"), ord_type="4", stop_px="104"),
        special(buy("A5", "2", "0", tif="1"), ord_type="3", price=None, stop_px="103"),
        special(buy("A6", "8", "100", tif="1"), exec_inst="G"),
        c.EndDay(),
    )  # fmt: skip
    venue.do(split(2, 1))
    orders = {order.cl_ord_id: order.state() for order in venue.engine.state.open_orders()}
    assert {name: (each.order_qty, each.price, each.stop_px) for name, each in orders.items()} == {
        "A1": ("8", "49.5", None), "A2": ("200", "49", None), "A3": ("12", "49.25", None),
        "A4": ("4", "53", "52"), "A5": ("4", None, "51.5"), "A6": ("16", "50", None),
    }  # fmt: skip
    assert (orders["A2"].max_floor, orders["A2"].displayed_qty) == ("20", "20")
    assert orders["A3"].terms.peg_offset == "-0.25"
    assert orders["A6"].waiting
    venue.do(c.StartDay(NEXT_DAY))
    check_state(venue.engine)
    venue.do_all(buy("A7", "1", "51.5"), sell("B1", "1", "51.5"))
    events = venue.do(buy("A8", "1", "51"))
    assert code(events) is None
    assert "A5" not in {each.cl_ord_id for each in venue.engine.state.open_orders()}, "triggered"


def test_prefunded_member_reserves_no_more_than_it_has(venue: Venue) -> None:
    venue.do_all(
        c.AddMember("PAUL", (), "1000000000", 1000, "prefunded"),
        c.AddSession("PAUL", "PAUL"),
        deposit("PAUL", "BTC", "1"),
        deposit("PAUL", "USD", "50012.5"),
        enter("P1", "2", "1", "52000", session="PAUL", symbol="BTC-USD", tif="1"),
        enter("P2", "1", "1", "50000", session="PAUL", symbol="BTC-USD", tif="1"),
        c.EndDay(),
    )
    for new, old in ((1, 1000), (1000, 1)):
        events = do_all_of(venue, split(new, old, "BTC", f"{new}:{old}"))
        for asset in ("USD", "BTC"):
            purse = venue.engine.state.members["PAUL"].purses.of("", asset)
            assert 0 <= purse.reserved <= purse.balance
        assert len(restated(events)) + len(ended(events)) in (1, 2)
    assert balance(venue, "PAUL", "BTC") == "1"
