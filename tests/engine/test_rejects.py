"""Every refusal of a new order: just over the limit with its numbers, nothing at the limit."""

import msgspec
import pytest

from venue.domain.commands import AddMember, EnterOrder
from venue.domain.events import OrderAccepted
from venue.domain.types import Phase

from .builders import DAY, Venue, buy, enter, rejected, sell, trading

Changes = dict[str, str | int | None]
VALID = enter("A1", "1", "5", "100", account=None)


def accepted_as_is(venue: Venue, order: EnterOrder) -> bool:
    return isinstance(venue.do(order)[0], OrderAccepted)


@pytest.mark.parametrize(
    ("changed", "reason", "detail"),
    [
        ({"session": "NOBODY"}, "SESSION_NOT_ENTITLED", "the session may not enter orders"),
        ({"symbol": "NOPE"}, "UNKNOWN_SYMBOL", "55=NOPE is not traded here"),
        ({"ord_type": "5"}, "UNSUPPORTED_ORDER_TYPE", "40=5 is not offered"),
        ({"ord_type": ""}, "UNSUPPORTED_ORDER_TYPE", "40= is not offered"),
        ({"time_in_force": "5"}, "UNSUPPORTED_TIME_IN_FORCE", "59=5 is not offered"),
        ({"side": "3"}, "UNSUPPORTED_SIDE", "54=3 is not offered"),
        ({"side": "5"}, "SHORT_SALE_REFUSED", "54=5 needs 114=N"),
        ({"unsupported": "854=1"}, "UNSUPPORTED_INSTRUCTION", "854=1 is not offered"),
        ({"exec_inst": "6 h f"}, "UNSUPPORTED_INSTRUCTION", "18=f is not offered"),
        ({"order_qty": None}, "QUANTITY_MISSING", "OrderQty(38) is required"),
        ({"order_qty": "0"}, "QUANTITY_NOT_POSITIVE", "38=0 is not above 0"),
        ({"order_qty": "0.00"}, "QUANTITY_NOT_POSITIVE", "38=0.00 is not above 0"),
        ({"order_qty": "-5"}, "QUANTITY_NOT_POSITIVE", "38=-5 is not above 0"),
        ({"order_qty": "1e3"}, "QUANTITY_NOT_POSITIVE", "38=1e3 is not above 0"),
        ({"order_qty": "many"}, "QUANTITY_NOT_POSITIVE", "38=many is not above 0"),
        ({"price": None}, "PRICE_MISSING", "40=2 needs Price(44)"),
        ({"ord_type": "1"}, "PRICE_NOT_ALLOWED", "40=1 takes no Price(44)"),
        ({"price": "0"}, "PRICE_NOT_POSITIVE", "44=0 is not above 0"),
        ({"price": "-100"}, "PRICE_NOT_POSITIVE", "44=-100 is not above 0"),
        ({"price": "NaN"}, "PRICE_NOT_POSITIVE", "44=NaN is not above 0"),
        ({"ord_type": "4"}, "STOP_PX_MISSING", "40=4 needs StopPx(99)"),
        ({"ord_type": "3", "price": None}, "STOP_PX_MISSING", "40=3 needs StopPx(99)"),
        ({"ord_type": "3", "stop_px": "101"}, "PRICE_NOT_ALLOWED", "40=3 takes no Price(44)"),
        (
            {"ord_type": "4", "price": None, "stop_px": "101"},
            "PRICE_MISSING",
            "40=4 needs Price(44)",
        ),
        ({"stop_px": "101"}, "STOP_PX_NOT_ALLOWED", "40=2 takes no StopPx(99)"),
        ({"ord_type": "4", "stop_px": "0"}, "STOP_PX_NOT_POSITIVE", "99=0 is not above 0"),
        ({"time_in_force": "6"}, "EXPIRE_MISSING", "59=6 needs one of 126 and 432"),
        (
            {"time_in_force": "6", "expire_date": DAY, "expire_ns": 1 << 62},
            "EXPIRE_MISSING",
            "59=6 needs one of 126 and 432",
        ),
        ({"expire_date": DAY}, "EXPIRE_NOT_ALLOWED", "59=0 takes no 126 or 432"),
        (
            {"time_in_force": "1", "expire_ns": 1 << 62},
            "EXPIRE_NOT_ALLOWED",
            "59=1 takes no 126 or 432",
        ),
        (
            {"time_in_force": "6", "expire_date": "2026-01-04"},
            "EXPIRE_IN_THE_PAST",
            "432=2026-01-04 is before 2026-01-05",
        ),
        ({"ord_type": "P", "price": None}, "PEG_MISSING", "40=P needs one of 18=M, P and R"),
        (
            {"ord_type": "P", "price": None, "exec_inst": "M R"},
            "PEG_MISSING",
            "40=P needs one of 18=M, P and R",
        ),
        ({"exec_inst": "R"}, "PEG_NOT_ALLOWED", "18=R needs 40=P"),
        ({"peg_offset": "0.01"}, "PEG_NOT_ALLOWED", "PegOffsetValue(211) needs 40=P"),
        (
            {"ord_type": "P", "price": None, "exec_inst": "R"},
            "PEG_WITHOUT_REFERENCE",
            "18=R has no price now",
        ),
        (
            {"min_qty": "1"},
            "COMBINATION_NOT_OFFERED",
            "110 and 59=0 are not offered together",
        ),
        (
            {"time_in_force": "3", "min_qty": "6"},
            "MIN_QTY_OUT_OF_RANGE",
            "110=6 is not above 0 and at most 38=5",
        ),
        (
            {"time_in_force": "3", "min_qty": "0"},
            "MIN_QTY_OUT_OF_RANGE",
            "110=0 is not above 0 and at most 38=5",
        ),
        (
            {"time_in_force": "3", "min_qty": "1.5"},
            "MIN_QTY_OUT_OF_RANGE",
            "110=1.5 is not above 0 and at most 38=5",
        ),
        (
            {"max_floor": "6"},
            "MAX_FLOOR_OUT_OF_RANGE",
            "111=6 is not above 0 and at most 38=5",
        ),
        (
            {"max_floor": "-1"},
            "MAX_FLOOR_OUT_OF_RANGE",
            "111=-1 is not above 0 and at most 38=5",
        ),
        ({"price": "100.005"}, "PRICE_NOT_ON_TICK", "44=100.005 is not a multiple of 0.01"),
        (
            {"ord_type": "4", "stop_px": "100.005"},
            "PRICE_NOT_ON_TICK",
            "99=100.005 is not a multiple of 0.01",
        ),
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
    venue: Venue, changed: Changes, reason: str, detail: str
) -> None:
    order = msgspec.structs.replace(VALID, **changed)
    assert venue.do(order) == venue.stamped(rejected(order, reason, detail))
    assert not venue.engine.state.orders


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
        {"ord_type": "3", "price": None, "stop_px": "90"},
        {"ord_type": "4", "stop_px": "100.01"},
        {"time_in_force": "1"},
        {"time_in_force": "6", "expire_date": DAY},
        {"time_in_force": "3", "min_qty": "5"},
        {"time_in_force": "3", "min_qty": "1"},
        {"max_floor": "5"},
        {"max_floor": "1"},
        {"exec_inst": "6 J"},
        {"self_match_id": "desk", "self_match_mode": "D"},
    ],
)
def test_order_at_the_limit_is_accepted(venue: Venue, changed: Changes) -> None:
    assert accepted_as_is(venue, msgspec.structs.replace(VALID, **changed))


def test_expire_time_must_be_later_than_the_order(venue: Venue) -> None:
    now_ns = venue.now_ns + 1
    late = msgspec.structs.replace(VALID, time_in_force="6", expire_ns=now_ns)
    assert venue.do(late) == venue.stamped(
        rejected(late, "EXPIRE_IN_THE_PAST", "ExpireTime(126) is past")
    )
    assert late.expire_ns == venue.now_ns
    in_time = msgspec.structs.replace(late, cl_ord_id="A2", expire_ns=venue.now_ns + 2)
    assert accepted_as_is(venue, in_time)


@pytest.mark.parametrize("inst", ["R", "M", "P"])
def test_peg_is_accepted_once_it_has_something_to_be_pegged_to(venue: Venue, inst: str) -> None:
    venue.do_all(buy("B1", "1", "99", session="BRAVO"), sell("B2", "1", "101"))
    peg = msgspec.structs.replace(VALID, ord_type="P", price=None, exec_inst=inst)
    off = msgspec.structs.replace(peg, peg_offset="0.005")
    assert venue.do(off) == venue.stamped(
        rejected(off, "PRICE_NOT_ON_TICK", "211=0.005 is not a multiple of 0.01")
    )
    on = msgspec.structs.replace(peg, cl_ord_id="A2", peg_offset="-0.01")
    assert accepted_as_is(venue, on)


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


@pytest.mark.parametrize(
    "phase", [phase for phase in Phase if phase not in (Phase.CONTINUOUS, Phase.HALT)]
)
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
        rejected(third, "OPEN_ORDERS_LIMIT", "ALPHA has 2 open orders, the most")
    )
    venue.do(sell("B1", "1", "99"))
    assert accepted_as_is(venue, buy("A4", "1", "99"))


def test_used_cl_ord_id_is_rejected_and_the_first_order_untouched(venue: Venue) -> None:
    venue.do(VALID)
    again = buy("A1", "7", "101")
    assert venue.do(again) == venue.stamped(
        rejected(again, "DUPLICATE_CL_ORD_ID", "11=A1 was used before today")
    )
    best = venue.engine.state.markets["ACME"].book.bids.best
    assert best is not None and (best.price_ticks, best.lots) == (10_000, 5)


def test_cl_ord_id_of_a_rejected_order_is_spent(venue: Venue) -> None:
    venue.do(buy("A1", "5", "500"))
    assert venue.do(VALID) == venue.stamped(
        rejected(VALID, "DUPLICATE_CL_ORD_ID", "11=A1 was used before today")
    )
