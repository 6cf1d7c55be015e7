"""An order's conditions beyond side, limit and quantity. Most orders share NO_CONDITIONS."""

from typing import NamedTuple

from venue.domain.instruments import Instrument
from venue.risk.pre_trade import CheckedOrder


class Conditions(NamedTuple):
    """The conditions of one order.

    stop_ticks: the stop price; None for an order that is no stop, or that has triggered. restated:
    the order was entered on an earlier day. prior_lots and prior_value (ticks x lots) count its
    fills before today.
    """

    exec_inst: frozenset[str] = frozenset()
    min_lots: int = 0
    stop_ticks: int | None = None
    stop_px: str | None = None
    peg_offset_ticks: int = 0
    restated: bool = False
    prior_lots: int = 0
    prior_value: int = 0


NO_CONDITIONS = Conditions()
RESTATED = Conditions(restated=True)


def conditions_of(
    checked: CheckedOrder, exec_inst: frozenset[str], instrument: Instrument
) -> Conditions:
    """What a new order has of them; most have none."""
    stop_ticks = checked.stop_ticks
    if not exec_inst and stop_ticks is None and not checked.min_lots:
        return NO_CONDITIONS
    return Conditions(
        exec_inst,
        checked.min_lots,
        stop_ticks,
        None if stop_ticks is None else instrument.price_text(stop_ticks),
        checked.peg_offset_ticks,
    )
