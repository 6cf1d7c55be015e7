"""The numbers of an order that passed: what later stages match, rest and count with."""

import pytest

from venue.domain.commands import EnterOrder
from venue.domain.instruments import Instrument
from venue.domain.reject_reasons import Refusal
from venue.risk.pre_trade import CheckedOrder, CreditUse, check_limits, check_numbers

from ..engine.builders import ACME, BTC, enter

UNITS = 10**8


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (enter("A", "1", "5", "100.01"), CheckedOrder(10_001, 5, 50_005 * UNITS // 100)),
        (enter("A", "1", "5", None, ord_type="1"), CheckedOrder(11_000, 5, 550 * UNITS)),
        (enter("A", "2", "5", None, ord_type="1"), CheckedOrder(9_000, 5, 450 * UNITS)),
    ],
)
def test_checked_order_counts_in_ticks_lots_and_money(
    order: EnterOrder, expected: CheckedOrder
) -> None:
    assert check_numbers(order, Instrument(ACME)) == expected


def test_value_of_a_fraction_of_money_is_rounded_as_a_trade_would_be() -> None:
    order = enter("A", "1", "0.00000001", "50000.5", symbol="BTC-USD")
    # 0.000500005 rounds to 0.00050001, half away from zero
    assert check_numbers(order, Instrument(BTC)) == CheckedOrder(5_000_050, 1, 50_001)


ORDER = CheckedOrder(10_000, 5, 500 * UNITS)


def use(exposure: int, open_orders: int) -> CreditUse:
    return CreditUse(exposure * UNITS, 1_000 * UNITS, open_orders, 3)


def test_replacement_counts_only_what_it_adds_and_no_further_order() -> None:
    assert check_limits(ORDER, use(900, 3), 400 * UNITS, new=False) is None
    refusal = check_limits(ORDER, use(901, 3), 400 * UNITS, new=False)
    assert isinstance(refusal, Refusal)
    assert refusal.detail == "exposure 901 and 100 more would pass 1000"


def test_new_order_must_find_a_place_before_credit_is_looked_at() -> None:
    assert check_limits(ORDER, use(500, 2), 0, new=True) is None
    refusal = check_limits(ORDER, use(1_000, 3), 0, new=True)
    assert isinstance(refusal, Refusal) and refusal.reason.name == "OPEN_ORDERS_LIMIT"
