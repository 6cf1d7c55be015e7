"""The single pre-trade checks: each a small pure function that returns a Refusal or None.

Each compares numbers and states them in the Refusal's detail; the order of checks is pre_trade's.
"""

from venue.domain.decimal_text import format_money, is_decimal
from venue.domain.instruments import Instrument
from venue.domain.reject_reasons import Refusal, RejectReason
from venue.domain.types import OrdType, Phase, Side, TimeInForce

SUPPORTED_ORD_TYPES = (OrdType.LIMIT, OrdType.MARKET)
SUPPORTED_TIMES_IN_FORCE = (TimeInForce.DAY, TimeInForce.IMMEDIATE_OR_CANCEL)
SUPPORTED_SIDES = (Side.BUY, Side.SELL)


def check_phase(phase: Phase) -> Refusal | None:
    """New orders are taken in CONTINUOUS."""
    if phase is Phase.CONTINUOUS:
        return None
    return Refusal(RejectReason.MARKET_CLOSED, f"the phase is {phase}")


def check_supported(
    side: str, ord_type: str, time_in_force: str | None, unsupported: str | None
) -> Refusal | None:
    """Side, OrdType, TimeInForce and every instruction are ones the venue knows (103=11)."""
    if ord_type not in SUPPORTED_ORD_TYPES:
        return Refusal(RejectReason.UNSUPPORTED_ORDER_TYPE, f"40={ord_type} is not offered")
    if time_in_force is not None and time_in_force not in SUPPORTED_TIMES_IN_FORCE:
        return Refusal(RejectReason.UNSUPPORTED_TIME_IN_FORCE, f"59={time_in_force} is not offered")
    if side not in SUPPORTED_SIDES:
        return Refusal(RejectReason.UNSUPPORTED_SIDE, f"54={side} is not offered")
    if unsupported is not None:
        return Refusal(RejectReason.UNSUPPORTED_INSTRUCTION, f"{unsupported} is not offered")
    return None


def check_numbers_present(
    ord_type: str, order_qty: str | None, price: str | None
) -> Refusal | None:
    """Quantity and, for a limit order, price are there and above 0; a market order has none."""
    if order_qty is None:
        return Refusal(RejectReason.QUANTITY_MISSING, "OrderQty(38) is required")
    if not _is_positive(order_qty):
        return Refusal(RejectReason.QUANTITY_NOT_POSITIVE, f"38={order_qty} is not above 0")
    if ord_type == OrdType.LIMIT:
        if price is None:
            return Refusal(RejectReason.PRICE_MISSING, "a limit order needs Price(44)")
        if not _is_positive(price):
            return Refusal(RejectReason.PRICE_NOT_POSITIVE, f"44={price} is not above 0")
    elif price is not None:
        return Refusal(RejectReason.PRICE_NOT_ALLOWED, f"40={ord_type} takes no Price(44)")
    return None


def check_tick(instrument: Instrument, price: str) -> Refusal | None:
    """The price is a whole number of ticks."""
    if instrument.ticks(price) is not None:
        return None
    tick = instrument.definition.tick_size
    return Refusal(RejectReason.PRICE_NOT_ON_TICK, f"44={price} is not a multiple of {tick}")


def check_lot(instrument: Instrument, order_qty: str) -> Refusal | None:
    """The quantity is a whole number of lots."""
    if instrument.lots(order_qty) is not None:
        return None
    lot = instrument.definition.lot_size
    return Refusal(RejectReason.QUANTITY_NOT_ON_LOT, f"38={order_qty} is not a multiple of {lot}")


def check_max_quantity(instrument: Instrument, lots: int) -> Refusal | None:
    """At most max_quantity an order."""
    if lots <= instrument.max_order_lots:
        return None
    return Refusal(
        RejectReason.ORDER_QUANTITY_TOO_LARGE,
        f"38={instrument.qty_text(lots)} is more than {instrument.definition.max_order_qty}",
    )


def check_max_value(instrument: Instrument, value: int) -> Refusal | None:
    """At most max_value an order, price x quantity (of a market order: at the collar's limit)."""
    if value <= instrument.max_order_amount:
        return None
    return Refusal(
        RejectReason.ORDER_VALUE_TOO_LARGE,
        f"{format_money(value)} {instrument.currency} is more than "
        f"{instrument.definition.max_order_value}",
    )


def check_collar(instrument: Instrument, ticks: int) -> Refusal | None:
    """The price is within the static collar around the reference price, both ends included."""
    low, high = instrument.collar_low_ticks, instrument.collar_high_ticks
    if low <= ticks <= high:
        return None
    return Refusal(
        RejectReason.PRICE_OUTSIDE_COLLAR,
        f"44={instrument.price_text(ticks)} is outside "
        f"{instrument.price_text(low)} to {instrument.price_text(high)}",
    )


def check_open_orders(open_orders: int, max_open_orders: int) -> Refusal | None:
    """At most max_open_orders open orders a member."""
    if open_orders < max_open_orders:
        return None
    return Refusal(RejectReason.OPEN_ORDERS_LIMIT, f"{open_orders} open orders are the most")


def check_credit(exposure: int, added: int, credit_limit: int) -> Refusal | None:
    """Exposure with the order added stays within the member's credit limit (10^-8 units)."""
    if added <= 0 or exposure + added <= credit_limit:
        return None
    return Refusal(
        RejectReason.CREDIT_LIMIT_EXCEEDED,
        f"exposure {format_money(exposure)} and {format_money(added)} more would pass "
        f"{format_money(credit_limit)}",
    )


def _is_positive(text: str) -> bool:
    return is_decimal(text) and not text.startswith("-") and text.strip("0.") != ""
