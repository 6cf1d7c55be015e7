"""What of an order's form is looked at, and the numbers of one that passed."""

from itertools import product
from typing import Any

import msgspec
import pytest

from venue.domain.commands import EnterOrder
from venue.domain.instruments import Instrument
from venue.domain.reject_reasons import Refusal
from venue.domain.types import OrdType, Side, TimeInForce
from venue.risk.pre_trade import (
    CheckedOrder,
    check_new_form,
    check_numbers,
    check_whole_form,
    is_plain,
)

from ..engine.builders import ACME, BTC, DAY, START_NS, enter

UNITS = 10**8


RARE_FIELDS: dict[str, Any] = {
    "unsupported": "854=1",
    "stop_px": "100",
    "min_qty": "1",
    "max_floor": "1",
    "exec_inst": "6",
    "expire_ns": 1,
    "expire_date": DAY,
    "peg_offset": "1",
    "self_match_mode": "N",
}
"""Of each at least one value is refused with some order type and time in force."""
ALWAYS_RIGHT = {
    "session", "cl_ord_id", "symbol", "account", "order_capacity", "parties", "text",
    "poss_resend", "self_match_id", "route",
}  # fmt: skip
"""What no check of the form looks at, or not without another field."""


def changed(order: EnterOrder, **fields: Any) -> EnterOrder:
    return msgspec.structs.replace(order, **fields)


def said(refusal: Refusal | None) -> tuple[str, str] | None:
    return None if refusal is None else (refusal.reason.value, refusal.detail)


@pytest.mark.parametrize("locate_reqd", [None, "N", "Y"])
@pytest.mark.parametrize("self_match_id", [None, "S1"])
def test_plain_order_is_refused_for_what_a_look_at_every_field_refuses(
    locate_reqd: str | None, self_match_id: str | None
) -> None:
    plain = 0
    for side, ord_type, time_in_force, order_qty, price in product(
        (*Side, "3"), (*OrdType, "5"), (*TimeInForce, "5"), (None, "0", "5"), (None, "-1", "100")
    ):
        order = changed(
            enter("A", side, order_qty, price, ord_type=ord_type, tif=time_in_force),
            locate_reqd=locate_reqd, self_match_id=self_match_id,
        )  # fmt: skip
        plain += is_plain(order)
        for prefunded in (False, True):
            refusal = check_new_form(order, START_NS, DAY, prefunded)
            assert said(refusal) == said(check_whole_form(order, START_NS, DAY, prefunded))
    assert plain == 2 * (6 + 5 + 3) * 3 * 3  # of limit, market, market with leftover as limit


def test_order_with_a_rarer_field_is_not_plain() -> None:
    order = enter("A", "1", "5", "100")
    assert is_plain(order)
    for name, value in RARE_FIELDS.items():
        assert not is_plain(changed(order, **{name: value})), name
    assert {*RARE_FIELDS} | ALWAYS_RIGHT == {*EnterOrder.__struct_fields__} - {
        "side", "ord_type", "time_in_force", "order_qty", "price", "locate_reqd",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (enter("A", "1", "5", "100.01"), CheckedOrder(10_001, 5, 50_005 * UNITS // 100)),
        (enter("A", "1", "5", None, ord_type="1"), CheckedOrder(11_000, 5, 550 * UNITS)),
        (enter("A", "2", "5", None, ord_type="1"), CheckedOrder(9_000, 5, 450 * UNITS)),
        (enter("A", "1", "5", None, ord_type="K"), CheckedOrder(11_000, 5, 550 * UNITS)),
        (
            changed(enter("A", "2", "5", "99", ord_type="4"), stop_px="99.5"),
            CheckedOrder(9_900, 5, 495 * UNITS, stop_ticks=9_950),
        ),
        (
            changed(enter("A", "1", "5", None, ord_type="3"), stop_px="101"),
            CheckedOrder(11_000, 5, 550 * UNITS, stop_ticks=10_100),
        ),
        (
            changed(enter("A", "1", "5", "100"), max_floor="2", min_qty="3"),
            CheckedOrder(10_000, 5, 500 * UNITS, min_lots=3, floor_lots=2),
        ),
    ],
)
def test_checked_order_counts_in_ticks_lots_and_money(
    order: EnterOrder, expected: CheckedOrder
) -> None:
    assert check_numbers(order, Instrument(ACME), None, None) == expected


def test_pegged_order_counts_at_its_peg() -> None:
    order = changed(enter("A", "1", "5", None, ord_type="P"), exec_inst="R", peg_offset="-0.02")
    assert check_numbers(order, Instrument(ACME), 9_998, None) == CheckedOrder(
        9_998, 5, 49_990 * UNITS // 100, peg_offset_ticks=-2
    )


def test_stop_price_beyond_the_static_collar_is_refused() -> None:
    for stop_px, ord_type, price in (("110.01", "3", None), ("89.99", "4", "100")):
        order = changed(enter("A", "1", "5", price, ord_type=ord_type), stop_px=stop_px)
        refusal = check_numbers(order, Instrument(ACME), None, None)
        assert isinstance(refusal, Refusal)
        assert refusal.reason == "PRICE_OUTSIDE_COLLAR"
        assert refusal.detail == f"99={stop_px} is outside 90 to 110"


def test_value_of_a_fraction_of_money_is_rounded_as_a_trade_would_be() -> None:
    order = enter("A", "1", "0.00000001", "50000.5", symbol="BTC-USD")
    # 0.000500005 rounds to 0.00050001, half away from zero
    assert check_numbers(order, Instrument(BTC), None, None) == CheckedOrder(5_000_050, 1, 50_001)
