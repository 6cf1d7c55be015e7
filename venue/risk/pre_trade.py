"""The checks on a new order or a replacement, in the declared order; the first that fails answers.

Pure functions of the command and the state handed in; nothing here changes anything.
"""

from typing import NamedTuple

from venue.domain.commands import EnterOrder, ReplaceOrder
from venue.domain.instruments import Instrument
from venue.domain.reject_reasons import Refusal
from venue.domain.types import OrdType, Phase, Side
from venue.risk.checks import (
    check_collar,
    check_credit,
    check_lot,
    check_max_quantity,
    check_max_value,
    check_numbers_present,
    check_open_orders,
    check_phase,
    check_supported,
    check_tick,
)


class CheckedOrder(NamedTuple):
    """The numbers of an order that passed: limit price in ticks, quantity in lots.

    value is price x quantity in 10^-8 of the currency; a market order is priced at the collar.
    """

    price_ticks: int
    lots: int
    value: int


class CreditUse(NamedTuple):
    """A member's use of its limits before the order; amounts in 10^-8 of the currency."""

    exposure: int
    credit_limit: int
    open_orders: int
    max_open_orders: int


def check_form(command: EnterOrder | ReplaceOrder, phase: Phase) -> Refusal | None:
    """Checks that need no number of the instrument: phase, supported, numbers present."""
    return (
        check_phase(phase)
        or check_supported(
            command.side, command.ord_type, command.time_in_force, command.unsupported
        )
        or check_numbers_present(command.ord_type, command.order_qty, command.price)
    )


def check_numbers(
    command: EnterOrder | ReplaceOrder, instrument: Instrument
) -> CheckedOrder | Refusal:
    """Tick, lot, size, value and collar of a command that passed `check_form`."""
    assert command.order_qty is not None
    price = command.price
    refusal = check_tick(instrument, price) if price is not None else None
    refusal = refusal or check_lot(instrument, command.order_qty)
    if refusal is not None:
        return refusal
    ticks = _limit_ticks(command, instrument)
    lots = instrument.lots(command.order_qty)
    assert lots is not None
    value = instrument.amount(ticks * lots)
    refusal = (
        check_max_quantity(instrument, lots)
        or check_max_value(instrument, value)
        or check_collar(instrument, ticks)
    )
    return refusal or CheckedOrder(ticks, lots, value)


def check_limits(order: CheckedOrder, use: CreditUse, released: int, new: bool) -> Refusal | None:
    """Open orders (of a new order only) and credit, after `released` exposure is given back."""
    refusal = check_open_orders(use.open_orders, use.max_open_orders) if new else None
    return refusal or check_credit(use.exposure, order.value - released, use.credit_limit)


def _limit_ticks(command: EnterOrder | ReplaceOrder, instrument: Instrument) -> int:
    if command.ord_type == OrdType.LIMIT:
        assert command.price is not None
        ticks = instrument.ticks(command.price)
        assert ticks is not None
        return ticks
    if command.side == Side.BUY:
        return instrument.collar_high_ticks
    return instrument.collar_low_ticks
