"""The numbers of an order that passed: what later stages match, rest and count with."""

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain.commands import EnterOrder
from venue.domain.instruments import Instrument
from venue.risk.pre_trade import CheckedOrder, check_numbers

from ..engine.builders import ACME, BTC, enter

UNITS = 10**8


def changed(order: EnterOrder, **fields: str) -> EnterOrder:
    return msgspec.structs.replace(order, **fields)


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


def test_replacement_counts_with_its_own_numbers() -> None:
    order = c.ReplaceOrder(
        "ALPHA", "A", "B", "ACME", "1", "4", "5", "100", stop_px="101", max_floor="2"
    )
    assert check_numbers(order, Instrument(ACME), None, None) == CheckedOrder(
        10_000, 5, 500 * UNITS, stop_ticks=10_100, floor_lots=2
    )


def test_value_of_a_fraction_of_money_is_rounded_as_a_trade_would_be() -> None:
    order = enter("A", "1", "0.00000001", "50000.5", symbol="BTC-USD")
    # 0.000500005 rounds to 0.00050001, half away from zero
    assert check_numbers(order, Instrument(BTC), None, None) == CheckedOrder(5_000_050, 1, 50_001)
