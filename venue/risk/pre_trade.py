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
    check_dynamic_collar,
    check_expiry,
    check_lot,
    check_max_quantity,
    check_max_value,
    check_part,
    check_peg,
    check_phase,
    check_price,
    check_quantity,
    check_short_sale,
    check_slices,
    check_stop_px,
    check_supported,
    check_tick,
    within_collar,
)
from venue.risk.combinations import Asked, check_combination
from venue.risk.exposure import Use
from venue.risk.exposure_checks import (
    check_credit,
    check_daily_loss,
    check_gross_notional,
    check_net_notional,
    check_open_orders,
    check_position,
)


class CheckedOrder(NamedTuple):
    """The numbers of an order that passed: limit price in ticks, quantities in lots.

    value is price x quantity in 10^-8 of the currency; an order without a price is priced at the
    collar, a pegged one at its peg.
    """

    price_ticks: int
    lots: int
    value: int
    stop_ticks: int | None = None
    min_lots: int = 0
    floor_lots: int = 0
    peg_offset_ticks: int = 0


class Added(NamedTuple):
    """What an order adds to what its scopes have open: lots, and value in 10^-8 of the currency."""

    lots: int
    value: int
    is_new: bool


def exec_insts(text: str) -> frozenset[str]:
    """Codes of an ExecInst(18)."""
    return frozenset(text.split()) if text else _NO_EXEC_INST


_NO_EXEC_INST: frozenset[str] = frozenset()


def check_new_form(
    command: EnterOrder, now_ns: int, trading_day: str, prefunded: bool
) -> Refusal | None:
    """Whether a new order is well-formed: checks that need no number of the instrument."""
    insts = exec_insts(command.exec_inst)
    ord_type, time_in_force = command.ord_type, command.time_in_force
    refusal = check_supported(
        command.side, ord_type, time_in_force, insts, command.unsupported
    ) or check_short_sale(command.side, command.locate_reqd, prefunded)
    if refusal is not None:
        return refusal
    refusal = (
        check_quantity(command.order_qty)
        or check_price(ord_type, command.price)
        or check_stop_px(ord_type, command.stop_px)
        or check_expiry(time_in_force, command.expire_ns, command.expire_date, now_ns, trading_day)
        or check_peg(ord_type, insts, command.peg_offset)
    )
    return refusal or check_combination(
        Asked(
            ord_type,
            time_in_force,
            insts,
            command.min_qty is not None,
            command.max_floor is not None,
            command.self_match_id is not None,
            command.self_match_mode,
        )
    )


def check_replace_form(
    command: ReplaceOrder, phase: Phase, halted: bool, limited: bool
) -> Refusal | None:
    """The same of a replacement; `limited`: the order it replaces trades at a price of its own."""
    ord_type = command.ord_type
    leftover = ord_type == OrdType.MARKET_WITH_LEFTOVER_AS_LIMIT and limited
    return (
        check_phase(phase, halted)
        or check_supported(
            command.side, ord_type, command.time_in_force, _NO_EXEC_INST, command.unsupported
        )
        or check_quantity(command.order_qty)
        or check_price(OrdType.LIMIT if leftover else ord_type, command.price)
        or check_stop_px(ord_type, command.stop_px)
    )


def check_numbers(
    command: EnterOrder | ReplaceOrder,
    instrument: Instrument,
    peg_ticks: int | None,
    band: tuple[int, int] | None,
) -> CheckedOrder | Refusal:
    """Tick, lot, size, value and collars of a command whose form is right.

    `peg_ticks`: where a pegged order would be priced now. `band`: prices of the dynamic collar,
    None for a stop that waits: it is held to it when it is triggered.
    """
    assert command.order_qty is not None
    entry = command if isinstance(command, EnterOrder) else None
    min_qty = entry.min_qty if entry is not None else None
    peg_offset = entry.peg_offset if entry is not None else None
    refusal = (
        check_tick(instrument, "44", command.price)
        or check_tick(instrument, "99", command.stop_px)
        or check_tick(instrument, "211", peg_offset)
        or check_lot(instrument, "38", command.order_qty)
    )
    if refusal is not None:
        return refusal
    lots = instrument.lots(command.order_qty)
    assert lots is not None
    ticks = _limit_ticks(command, instrument, peg_ticks, band)
    value = instrument.amount(ticks * lots)
    min_lots = instrument.lots(min_qty) if min_qty is not None else 0
    floor_lots = instrument.lots(command.max_floor) if command.max_floor is not None else 0
    refusal = (
        check_part("110", min_qty, command.order_qty, min_lots, lots)
        or check_part("111", command.max_floor, command.order_qty, floor_lots, lots)
        or check_slices(instrument, floor_lots or 0, lots)
        or check_max_quantity(instrument, lots)
        or check_max_value(instrument, value)
        or check_collar(instrument, ticks)
        or check_dynamic_collar(instrument, command.side, ticks, band)
    )
    return refusal or CheckedOrder(
        ticks,
        lots,
        value,
        instrument.ticks(command.stop_px) if command.stop_px is not None else None,
        min_lots or 0,
        floor_lots or 0,
        (instrument.ticks(peg_offset) or 0) if peg_offset is not None else 0,
    )


def check_scope(whose: str, use: Use, side: Side, added: Added, loss: int | None) -> Refusal | None:
    """Limits of one scope, in order. `loss`: of its day, where a limit makes somebody ask."""
    refusal = check_open_orders(whose, use.scope) if added.is_new else None
    if refusal is not None:
        return refusal
    lots = added.lots
    refusal = (
        check_position(whose, use, side, lots)
        or check_gross_notional(whose, use, side, lots)
        or check_net_notional(whose, use, side, lots)
    )
    if refusal is None and loss is not None and use.scope.limits.max_daily_loss is not None:
        refusal = check_daily_loss(whose, loss, use.scope.limits.max_daily_loss)
    return refusal or check_credit(whose, use.scope, added.value)


def _limit_ticks(
    command: EnterOrder | ReplaceOrder,
    instrument: Instrument,
    peg_ticks: int | None,
    band: tuple[int, int] | None,
) -> int:
    """The price an order trades to: its own, its peg's, or what the collars allow at most."""
    if command.price is not None:
        ticks = instrument.ticks(command.price)
        assert ticks is not None
        return ticks
    if peg_ticks is not None:
        return peg_ticks
    low, high = within_collar(instrument, band)
    return high if command.side == Side.BUY else low
