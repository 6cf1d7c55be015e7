"""The checks on a new order in their order; the first that fails answers.

A replacement is checked as the new order that it makes of the old one. The order is that of
RejectReason. All are pure functions of the command and of what is handed in; none changes anything.
"""

from functools import lru_cache

import msgspec

from venue.domain.commands import EnterOrder
from venue.domain.instruments import Instrument
from venue.domain.reject_reasons import Refusal
from venue.domain.types import OrdType, Side, TimeInForce
from venue.risk.checks import (
    check_collar,
    check_dynamic_collar,
    check_expiry,
    check_lot,
    check_max_quantity,
    check_max_value,
    check_part,
    check_peg,
    check_price,
    check_quantity,
    check_short_sale,
    check_slices,
    check_stop_px,
    check_supported,
    check_tick,
    collared_prices,
)
from venue.risk.combinations import TIMES_IN_FORCE, Combination, check_combination, given_by
from venue.risk.exposure import Use
from venue.risk.exposure_checks import (
    check_credit,
    check_daily_loss,
    check_gross_notional,
    check_net_notional,
    check_open_orders,
    check_position,
)


class CheckedOrder(msgspec.Struct, frozen=True, gc=False):
    """The numbers of an order that has passed: prices in ticks, quantities in lots.

    value is price x quantity in 10^-8 of the currency. price_ticks of a pegged order is its peg's
    price now, of another order without a price the end of the collar.
    """

    price_ticks: int
    lots: int
    value: int
    stop_ticks: int | None = None
    min_lots: int = 0
    floor_lots: int = 0
    peg_offset_ticks: int = 0


class Added(msgspec.Struct, frozen=True, gc=False):
    """What an order adds to the open lots and value of its scopes; value in 10^-8 of the currency.

    is_new: it is a new order, not a replacement.
    """

    lots: int
    value: int
    is_new: bool


@lru_cache(maxsize=256)
def exec_insts(text: str) -> frozenset[str]:
    """The codes of an ExecInst(18); equal texts share one set."""
    return frozenset(text.split()) if text else _NO_EXEC_INST


_NO_EXEC_INST: frozenset[str] = frozenset()

_SIDES_WITHOUT_LOCATE = (Side.BUY.value, Side.SELL.value)
_PLAIN_TIMES: dict[str, tuple[str, ...]] = {
    ord_type.value: tuple(
        str(time) for time in TIMES_IN_FORCE[ord_type] if time != TimeInForce.GOOD_TILL_DATE
    )
    for ord_type in (OrdType.LIMIT, OrdType.MARKET, OrdType.MARKET_WITH_LEFTOVER_AS_LIMIT)
}
"""OrdType(40) -> the TimeInForce(59) codes that it is offered with. Order types and times in force
that need a further field are left out."""


def is_plain(command: EnterOrder) -> bool:
    """Whether the form of an order is one that is offered, whatever its quantity and price.

    Most orders are plain. Their other fields need no further check.
    """
    return (
        command.stop_px is None
        and not command.exec_inst
        and command.unsupported is None
        and command.min_qty is None
        and command.max_floor is None
        and command.expire_ns is None
        and command.expire_date is None
        and command.peg_offset is None
        and command.self_match_mode is None
        and command.side in _SIDES_WITHOUT_LOCATE
        and command.time_in_force in _PLAIN_TIMES.get(command.ord_type, ())
    )


def check_new_form(
    command: EnterOrder, now_ns: int, trading_day: str, prefunded: bool, limited: bool = False
) -> Refusal | None:
    """Check the form of a new order: everything that needs no number of the instrument.

    limited: it replaces an order that has got a limit though its type gives none (40=K).
    """
    if is_plain(command):
        return check_quantity(command.order_qty) or check_price(
            command.ord_type, command.price, limited
        )
    return check_whole_form(command, now_ns, trading_day, prefunded, limited)


def check_whole_form(
    command: EnterOrder, now_ns: int, trading_day: str, prefunded: bool, limited: bool = False
) -> Refusal | None:
    """Check the form of any new order, field by field. check_new_form gives the same answer."""
    insts = exec_insts(command.exec_inst)
    ord_type, time_in_force = command.ord_type, command.time_in_force
    refusal = check_supported(
        command.side, ord_type, time_in_force, insts, command.unsupported
    ) or check_short_sale(command.side, command.locate_reqd, prefunded)
    if refusal is not None:
        return refusal
    refusal = (
        check_quantity(command.order_qty)
        or check_price(ord_type, command.price, limited)
        or check_stop_px(ord_type, command.stop_px)
        or check_expiry(time_in_force, command.expire_ns, command.expire_date, now_ns, trading_day)
        or check_peg(ord_type, insts, command.peg_offset)
    )
    return refusal or check_combination(
        Combination(
            ord_type,
            time_in_force,
            insts,
            given_by(command),
            command.self_match_id is not None,
            command.self_match_mode,
        )
    )


def check_numbers(
    command: EnterOrder,
    instrument: Instrument,
    peg_ticks: int | None,
    band: tuple[int, int] | None,
) -> CheckedOrder | Refusal:
    """Check tick, lot, size, value and collars of a command whose form is right.

    peg_ticks: price at which a pegged order would rest now. band: lowest and highest price of the
    dynamic collar in ticks; None for a waiting stop, which is checked when it triggers.
    """
    assert command.order_qty is not None
    min_qty, peg_offset, stop_px = command.min_qty, command.peg_offset, command.stop_px
    lots = instrument.lots(command.order_qty)
    ticks = instrument.ticks(command.price) if command.price is not None else None
    if lots is None or ticks is None or stop_px is not None or peg_offset is not None:
        refusal = (
            check_tick(instrument, "44", command.price)
            or check_tick(instrument, "99", stop_px)
            or check_tick(instrument, "211", peg_offset)
            or check_lot(instrument, "38", command.order_qty)
        )
        if refusal is not None:
            return refusal
        assert lots is not None
        if ticks is None:
            ticks = _unpriced_ticks(command.side, instrument, peg_ticks, band)
    min_lots = floor_lots = 0
    if min_qty is not None or command.max_floor is not None:
        parts = _check_parts(command, min_qty, instrument, lots)
        if isinstance(parts, Refusal):
            return parts
        min_lots, floor_lots = parts
    value = instrument.amount(ticks * lots)
    stop_ticks = instrument.ticks(stop_px) if stop_px is not None else None
    refusal = (
        check_max_quantity(instrument, lots)
        or check_max_value(instrument, value)
        or check_collar(instrument, ticks)
        or (check_collar(instrument, stop_ticks, "99") if stop_ticks is not None else None)
        or check_dynamic_collar(instrument, command.side, ticks, band)
    )
    return refusal or CheckedOrder(
        ticks,
        lots,
        value,
        stop_ticks,
        min_lots,
        floor_lots,
        (instrument.ticks(peg_offset) or 0) if peg_offset is not None else 0,
    )


def _check_parts(
    command: EnterOrder, min_qty: str | None, instrument: Instrument, lots: int
) -> tuple[int, int] | Refusal:
    """MinQty(110) and MaxFloor(111) in lots, 0 where there is none."""
    assert command.order_qty is not None
    min_lots = instrument.lots(min_qty) if min_qty is not None else 0
    floor_lots = instrument.lots(command.max_floor) if command.max_floor is not None else 0
    refusal = (
        check_part("110", min_qty, command.order_qty, min_lots, lots)
        or check_part("111", command.max_floor, command.order_qty, floor_lots, lots)
        or check_slices(instrument, floor_lots or 0, lots)
    )
    return refusal or (min_lots or 0, floor_lots or 0)


def check_scope(whose: str, use: Use, side: Side, added: Added, loss: int | None) -> Refusal | None:
    """Check the limits of one scope, in order. loss: its loss today in 10^-8 of the currency, or
    None where it has no max_daily_loss."""
    scope, lots = use.scope, added.lots
    refusal = check_open_orders(whose, scope) if added.is_new else None
    if refusal is None and scope.limits.of_positions:
        refusal = (
            check_position(whose, use, side, lots)
            or check_gross_notional(whose, use, side, lots)
            or check_net_notional(whose, use, side, lots)
        )
        if refusal is None and loss is not None and scope.limits.max_daily_loss is not None:
            refusal = check_daily_loss(whose, loss, scope.limits.max_daily_loss)
    return refusal or check_credit(whose, scope, added.value)


def _unpriced_ticks(
    side: str, instrument: Instrument, peg_ticks: int | None, band: tuple[int, int] | None
) -> int:
    """Price in ticks for an order without a limit: its peg, else the end of the collars."""
    if peg_ticks is not None:
        return peg_ticks
    low, high = collared_prices(instrument, band)
    return high if side == Side.BUY else low
