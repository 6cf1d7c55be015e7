"""Every refusal of a new order: just over the limit with its numbers, nothing at the limit."""

import itertools
from collections.abc import Callable

import msgspec
import pytest

from venue.domain.commands import AddMember, EnterOrder
from venue.domain.events import OrderAccepted, OrderRejected
from venue.domain.reject_reasons import RejectReason
from venue.domain.types import Phase

from .builders import Venue, buy, enter, rejected, sell, trading

VALID = enter("A1", "1", "5", "100", account=None)


def accepted_as_is(venue: Venue, order: EnterOrder) -> bool:
    return isinstance(venue.do(order)[0], OrderAccepted)


@pytest.mark.parametrize(
    ("changed", "reason", "detail"),
    [
        ({"session": "NOBODY"}, "SESSION_NOT_ENTITLED", "the session may not enter orders"),
        ({"symbol": "NOPE"}, "UNKNOWN_SYMBOL", "55=NOPE is not traded here"),
        ({"ord_type": "3"}, "UNSUPPORTED_ORDER_TYPE", "40=3 is not offered"),
        ({"time_in_force": "1"}, "UNSUPPORTED_TIME_IN_FORCE", "59=1 is not offered"),
        ({"side": "5"}, "UNSUPPORTED_SIDE", "54=5 is not offered"),
        ({"unsupported": "18=6"}, "UNSUPPORTED_INSTRUCTION", "18=6 is not offered"),
        ({"order_qty": None}, "QUANTITY_MISSING", "OrderQty(38) is required"),
        ({"order_qty": "0"}, "QUANTITY_NOT_POSITIVE", "38=0 is not above 0"),
        ({"order_qty": "0.00"}, "QUANTITY_NOT_POSITIVE", "38=0.00 is not above 0"),
        ({"order_qty": "-5"}, "QUANTITY_NOT_POSITIVE", "38=-5 is not above 0"),
        ({"order_qty": "1e3"}, "QUANTITY_NOT_POSITIVE", "38=1e3 is not above 0"),
        ({"order_qty": "many"}, "QUANTITY_NOT_POSITIVE", "38=many is not above 0"),
        ({"price": None}, "PRICE_MISSING", "a limit order needs Price(44)"),
        ({"ord_type": "1"}, "PRICE_NOT_ALLOWED", "40=1 takes no Price(44)"),
        ({"price": "0"}, "PRICE_NOT_POSITIVE", "44=0 is not above 0"),
        ({"price": "-100"}, "PRICE_NOT_POSITIVE", "44=-100 is not above 0"),
        ({"price": "NaN"}, "PRICE_NOT_POSITIVE", "44=NaN is not above 0"),
        ({"price": "100.005"}, "PRICE_NOT_ON_TICK", "44=100.005 is not a multiple of 0.01"),
        ({"order_qty": "1.5"}, "QUANTITY_NOT_ON_LOT", "38=1.5 is not a multiple of 1"),
        (
            {"order_qty": "1000001"},
            "ORDER_QUANTITY_TOO_LARGE",
            "38=1000001 is more than 1000000",
        ),
        (
            {"order_qty": "500001"},
            "ORDER_VALUE_TOO_LARGE",
            "50000100 USD is more than 50000000",
        ),
        ({"price": "110.01"}, "PRICE_OUTSIDE_COLLAR", "44=110.01 is outside 90 to 110"),
        ({"price": "89.99"}, "PRICE_OUTSIDE_COLLAR", "44=89.99 is outside 90 to 110"),
    ],
)
def test_faulty_order_is_rejected_with_the_numbers_compared(
    venue: Venue, changed: dict[str, str | None], reason: str, detail: str
) -> None:
    order = msgspec.structs.replace(VALID, **changed)
    assert venue.do(order) == venue.stamped(rejected(order, reason, detail))
    assert venue.engine.state.orders == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"price": "110"},
        {"price": "90"},
        {"order_qty": "500000"},
        {"order_qty": "5.0", "price": "100.010"},
        {"order_qty": "1"},
        {"time_in_force": "3"},
        {"side": "2"},
        {"ord_type": "1", "price": None},
    ],
)
def test_order_at_the_limit_is_accepted(venue: Venue, changed: dict[str, str | None]) -> None:
    assert accepted_as_is(venue, msgspec.structs.replace(VALID, **changed))


def test_largest_quantity_is_accepted_where_its_value_is_within_limits() -> None:
    venue = trading()
    order = enter("A1", "1", "100", "55000", symbol="BTC-USD")
    assert accepted_as_is(venue, order)
    more = enter("A2", "1", "100.00000001", "55000", symbol="BTC-USD")
    assert venue.do(more) == venue.stamped(
        rejected(more, "ORDER_QUANTITY_TOO_LARGE", "38=100.00000001 is more than 100")
    )


def test_value_of_a_market_order_is_taken_at_the_collar(venue: Venue) -> None:
    # 454,545 x 110 = 49,999,950; one share more passes 50,000,000
    order = enter("A1", "1", "454546", None, ord_type="1")
    assert venue.do(order) == venue.stamped(
        rejected(order, "ORDER_VALUE_TOO_LARGE", "50000060 USD is more than 50000000")
    )
    assert accepted_as_is(venue, enter("A2", "1", "454545", None, ord_type="1"))
    # a sell is taken at the collar's low end: 555,555 x 90 = 49,999,950
    assert accepted_as_is(venue, enter("A3", "2", "555555", None, ord_type="1"))


def test_account_must_be_one_of_the_members(venue: Venue) -> None:
    venue.do(AddMember("ALPHA", ("X1", "X2"), "1000000", 10))
    order = enter("A1", "1", "5", "100", account="Y1")
    assert venue.do(order) == venue.stamped(
        rejected(order, "ACCOUNT_NOT_ENTITLED", "1=Y1 is not of ALPHA")
    )
    assert accepted_as_is(venue, enter("A2", "1", "5", "100", account="X2"))
    assert accepted_as_is(venue, enter("A3", "1", "5", "100"))


def test_suspended_member_is_rejected(venue: Venue) -> None:
    venue.engine.state.members["ALPHA"].suspended = True
    assert venue.do(VALID) == venue.stamped(
        rejected(VALID, "MEMBER_SUSPENDED", "ALPHA is suspended")
    )


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.CONTINUOUS])
def test_new_orders_are_taken_in_continuous_trading_only(venue: Venue, phase: Phase) -> None:
    venue.engine.state.phase = phase
    assert venue.do(VALID) == venue.stamped(
        rejected(VALID, "MARKET_CLOSED", f"the phase is {phase.value}")
    )


def test_open_orders_are_limited_over_all_sessions_of_the_member(venue: Venue) -> None:
    venue.limit("1000000", max_open_orders=2)
    assert accepted_as_is(venue, buy("A1", "1", "99"))
    assert accepted_as_is(venue, buy("A1", "1", "99", session="ALPHA2"))
    third = buy("A3", "1", "99")
    assert venue.do(third) == venue.stamped(
        rejected(third, "OPEN_ORDERS_LIMIT", "2 open orders are the most")
    )
    venue.do(sell("B1", "1", "99"))
    assert accepted_as_is(venue, buy("A4", "1", "99"))


def test_used_cl_ord_id_is_rejected_and_the_first_order_untouched(venue: Venue) -> None:
    venue.do(VALID)
    again = buy("A1", "7", "101")
    assert venue.do(again) == venue.stamped(
        rejected(again, "DUPLICATE_CL_ORD_ID", "11=A1 was used before today")
    )
    best = venue.engine.state.books["ACME"].bids.best
    assert best is not None and (best.price_ticks, best.lots) == (10_000, 5)


def test_cl_ord_id_of_a_rejected_order_is_spent(venue: Venue) -> None:
    venue.do(buy("A1", "5", "500"))
    assert venue.do(VALID) == venue.stamped(
        rejected(VALID, "DUPLICATE_CL_ORD_ID", "11=A1 was used before today")
    )


def suspend(venue: Venue) -> None:
    venue.engine.state.members["ALPHA"].suspended = True


def close(venue: Venue) -> None:
    venue.engine.state.phase = Phase.CLOSED


def use_cl_ord_id(venue: Venue) -> None:
    venue.engine.state.sessions["ALPHA"].cl_ord_ids["A1"] = None


def allow_no_order(venue: Venue) -> None:
    venue.engine.state.members["ALPHA"].max_open_orders = 0


def allow_no_credit(venue: Venue) -> None:
    venue.engine.state.members["ALPHA"].credit_limit = 0


def restrict_accounts(venue: Venue) -> None:
    venue.engine.state.members["ALPHA"].accounts = ("X1",)


Prepare = Callable[[Venue], None]
FAULTS: dict[str, tuple[dict[str, str | None], Prepare | None]] = {
    "SESSION_NOT_ENTITLED": ({"session": "NOBODY"}, None),
    "MEMBER_SUSPENDED": ({}, suspend),
    "ACCOUNT_NOT_ENTITLED": ({"account": "Y1"}, restrict_accounts),
    "UNKNOWN_SYMBOL": ({"symbol": "NOPE"}, None),
    "MARKET_CLOSED": ({}, close),
    "UNSUPPORTED_ORDER_TYPE": ({"ord_type": "3"}, None),
    "UNSUPPORTED_TIME_IN_FORCE": ({"time_in_force": "1"}, None),
    "UNSUPPORTED_SIDE": ({"side": "5"}, None),
    "UNSUPPORTED_INSTRUCTION": ({"unsupported": "18=6"}, None),
    "QUANTITY_MISSING": ({"order_qty": None}, None),
    "QUANTITY_NOT_POSITIVE": ({"order_qty": "0"}, None),
    "PRICE_MISSING": ({"price": None}, None),
    "PRICE_NOT_ALLOWED": ({"ord_type": "1", "price": "100"}, None),
    "PRICE_NOT_POSITIVE": ({"price": "0"}, None),
    "DUPLICATE_CL_ORD_ID": ({}, use_cl_ord_id),
    "PRICE_NOT_ON_TICK": ({"price": "100.005"}, None),
    "QUANTITY_NOT_ON_LOT": ({"order_qty": "1.5"}, None),
    "ORDER_QUANTITY_TOO_LARGE": ({"order_qty": "1000001"}, None),
    "ORDER_VALUE_TOO_LARGE": ({"order_qty": "999999"}, None),
    "PRICE_OUTSIDE_COLLAR": ({"price": "200"}, None),
    "OPEN_ORDERS_LIMIT": ({}, allow_no_order),
    "CREDIT_LIMIT_EXCEEDED": ({}, allow_no_credit),
}
NOT_OF_NEW_ORDERS = {"UNKNOWN_ORDER", "ORDER_FINISHED", "ORDER_TERMS_CHANGED", "VENUE_STOPPING"}


def faulty(names: tuple[str, ...]) -> tuple[Venue, EnterOrder]:
    """A venue and an order with these faults."""
    venue, order = trading(), VALID
    for name in names:
        changed, prepare = FAULTS[name]
        order = msgspec.structs.replace(order, **changed)
        if prepare is not None:
            prepare(venue)
    return venue, order


PAIRS = [
    pair
    for pair in itertools.combinations(FAULTS, 2)
    if not FAULTS[pair[0]][0].keys() & FAULTS[pair[1]][0].keys()
]


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_of_two_faults_the_one_declared_earlier_answers(pair: tuple[str, str]) -> None:
    venue, order = faulty(pair)
    (event,) = venue.do(order)
    assert isinstance(event, OrderRejected)
    assert event.reason is min(map(RejectReason, pair), key=list(RejectReason).index)


def test_every_reason_of_a_new_order_has_a_fault_in_this_test() -> None:
    assert {*FAULTS} == {r.name for r in RejectReason} - NOT_OF_NEW_ORDERS
    for name in FAULTS:
        venue, order = faulty((name,))
        (event,) = venue.do(order)
        assert isinstance(event, OrderRejected) and event.reason.name == name
