"""Depth against a naive recomputation, and what may and may not show in it."""

from decimal import Decimal
from typing import get_args

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from venue.domain.events import (
    AnyEvent,
)
from venue.domain.order_state import Fill, OrderState
from venue.domain.types import OrdStatus, Side
from venue.marketdata.day_totals import decimal_text
from venue.marketdata.depth import ORDERS_CHANGED, Depth, orders_changed
from venue.marketdata.messages import PriceLevel
from venue.marketdata.public_ids import PublicIds

from .events import (
    accepted,
    busted,
    canceled,
    corrected,
    expired,
    order,
    replaced,
    restated,
    traded,
)

ORDER_IDS = [f"O{number}" for number in range(8)]

states = st.builds(
    order,
    st.sampled_from(ORDER_IDS),
    st.sampled_from([Side.BUY, Side.SELL, Side.SELL_SHORT]),
    st.sampled_from(["99.98", "99.99", "100", "100.01", None]),
    st.sampled_from(["0", "0.00000001", "1", "2.5", "1000000"]),
    ord_type=st.sampled_from(["1", "2", "K", "3", "4", "P"]),
    time_in_force=st.sampled_from(["0", "1", "3", "4"]),
    status=st.sampled_from(list(OrdStatus)),
    waiting=st.sampled_from([False, False, True]),
    max_floor=st.sampled_from([None, None, "2"]),
    displayed=st.sampled_from([None, None, "0.5"]),
)
events = st.one_of(
    st.builds(accepted, st.just(1), states),
    st.builds(replaced, st.just(1), states),
    st.builds(canceled, st.just(1), states),
    st.builds(expired, st.just(1), states),
    st.builds(restated, st.just(1), states),
    st.builds(traded, st.just(1), st.just("100"), st.just("1"), states, states),
)


def empty() -> Depth:
    return Depth(PublicIds())


def put(depth: Depth, state: OrderState) -> None:
    """The order is in this state now, as by its acceptance."""
    depth.apply(state, accepted(1, state))


def level(price: str, quantity: str, orders: int) -> PriceLevel:
    return PriceLevel(price, quantity, orders)


def naive_levels(open_orders: list[OrderState], is_bid: bool) -> list[PriceLevel]:
    mine = [one for one in open_orders if (one.terms.side is Side.BUY) == is_bid]
    prices = sorted({Decimal(one.price or "") for one in mine}, reverse=is_bid)
    return [
        PriceLevel(
            decimal_text(price),
            decimal_text(
                sum((shown(o) for o in mine if Decimal(o.price or "") == price), Decimal(0))
            ),
            sum(1 for o in mine if Decimal(o.price or "") == price),
        )
        for price in prices
    ]


def shown(state: OrderState) -> Decimal:
    if state.displayed_qty is not None:
        return Decimal(state.displayed_qty)
    return min(Decimal(state.leaves_qty), Decimal(state.max_floor or state.leaves_qty))


def rests(state: OrderState) -> bool:
    return (
        state.price is not None
        and not state.waiting
        and shown(state) > 0
        and state.ord_status in ("0", "1")
        and state.terms.ord_type in ("2", "4", "K", "P")
        and state.terms.time_in_force not in ("3", "4")
    )


@given(st.lists(events, max_size=40))
def test_depth_equals_a_recomputation_from_the_open_orders(history: list[AnyEvent]) -> None:
    depth = empty()
    latest: dict[str, OrderState] = {}
    for event in history:
        for state in orders_changed(event):
            depth.apply(state, event)
            latest[state.terms.order_id] = state
        open_orders = [state for state in latest.values() if rests(state)]
        bids, asks = naive_levels(open_orders, True), naive_levels(open_orders, False)
        assert list(depth.levels.bids(100)) == bids
        assert list(depth.levels.asks(100)) == asks
        assert list(depth.levels.bids(2)) == bids[:2]
        assert list(depth.levels.asks(2)) == asks[:2]
        assert depth.levels.crossed == bool(
            bids and asks and Decimal(bids[0].price) >= Decimal(asks[0].price)
        )


def test_market_and_immediate_orders_never_show() -> None:
    depth = empty()
    put(depth, order("O1", Side.BUY, None, "5", ord_type="1"))
    put(depth, order("O2", Side.BUY, "101", "5", time_in_force="3"))
    put(depth, order("O3", Side.BUY, "101", "5", time_in_force="4"))
    assert depth.levels.bids(10) == ()


def test_an_order_that_waits_shows_when_it_waits_no_more() -> None:
    depth = empty()
    put(depth, order("O1", Side.BUY, "100", "5", ord_type="4", waiting=True))
    put(depth, order("O2", Side.BUY, "99", "5", time_in_force="2", waiting=True))
    assert depth.levels.bids(10) == ()
    put(depth, order("O1", Side.BUY, "100", "5", ord_type="4"))
    assert depth.levels.bids(10) == (level("100", "5", 1),)


def test_an_iceberg_shows_its_slice_only() -> None:
    depth = empty()
    put(depth, order("O1", Side.BUY, "100", "50", max_floor="10"))
    assert depth.levels.bids(1)[0].quantity == "10"
    put(depth, order("O1", Side.BUY, "100", "43", max_floor="10", displayed="3"))
    assert depth.levels.bids(1)[0].quantity == "3"
    put(depth, order("O1", Side.BUY, "100", "4", max_floor="10"))
    assert depth.levels.bids(1)[0].quantity == "4"


def test_a_busted_trade_gives_a_resting_order_its_quantity_back() -> None:
    depth = empty()
    part = OrdStatus.PARTIALLY_FILLED
    resting = order("O1", Side.BUY, "100", "6", status=part)
    gone = order("O2", Side.SELL, "100", "0", status=OrdStatus.FILLED)
    trade = traded(1, "100", "4", resting, gone)
    less = corrected(2, trade, "100", "3", "0", order("O1", Side.BUY, "100", "7"), gone)
    undone = busted(3, trade, order("O1", Side.BUY, "100", "10"), gone)
    quantities = []
    for event in (trade, less, undone):
        for state in orders_changed(event):
            depth.apply(state, event)
        quantities.append(depth.levels.bids(1)[0].quantity)
    assert quantities == ["6", "7", "10"]
    assert depth.levels.asks(1) == ()


def test_what_an_aggressor_has_left_rests() -> None:
    depth = empty()
    put(depth, order("O1", Side.SELL, "100", "3"))
    put(depth, order("O2", Side.BUY, "100", "5"))
    assert depth.levels.crossed
    put(depth, order("O2", Side.BUY, "100", "2", status=OrdStatus.PARTIALLY_FILLED))
    put(depth, order("O1", Side.SELL, "100", "0", status=OrdStatus.FILLED))
    assert not depth.levels.crossed
    assert depth.levels.asks(10) == ()
    assert depth.levels.bids(10) == (level("100", "2", 1),)


def test_prices_written_differently_are_one_level() -> None:
    depth = empty()
    put(depth, order("O1", Side.BUY, "100.10", "1"))
    put(depth, order("O2", Side.BUY, "100.1", "0.00000001"))
    assert depth.levels.bids(10) == (level("100.1", "1.00000001", 2),)


def test_sums_of_many_digits_are_exact() -> None:
    depth = empty()
    put(depth, order("O1", Side.BUY, "1", "99999999999999999999999999"))
    put(depth, order("O2", Side.BUY, "1", "0.00000001"))
    assert depth.levels.bids(1)[0].quantity == "99999999999999999999999999.00000001"


def test_table_names_every_event_that_carries_the_state_of_an_order() -> None:
    carriers = {
        event
        for event in get_args(AnyEvent)
        if any(field.type in (OrderState, Fill) for field in msgspec.structs.fields(event))
    }
    assert carriers == set(ORDERS_CHANGED)
