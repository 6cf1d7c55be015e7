"""The single pre-trade checks: each a small pure function that returns a Refusal or None.

The docstring of a check says what has to hold. The Refusal's detail has the numbers that were
compared. pre_trade.py decides the order of the checks.
"""

from functools import lru_cache

from venue.domain.decimal_text import format_money, is_decimal
from venue.domain.instruments import Instrument
from venue.domain.reject_reasons import Refusal, RejectReason
from venue.domain.types import OFFERED_EXEC_INSTS, PEGS, OrdType, Phase, Side, TimeInForce
from venue.risk.combinations import TIMES_IN_FORCE

SUPPORTED_SIDES = (Side.BUY, Side.SELL, Side.SELL_SHORT)
PRICED = (OrdType.LIMIT, OrdType.STOP_LIMIT)
STOPS = (OrdType.STOP, OrdType.STOP_LIMIT)
MOST_SLICES = 100
_CONTINUOUS, _HALT = Phase.CONTINUOUS, Phase.HALT
_PEGGED, _GOOD_TILL_DATE = OrdType.PEGGED, TimeInForce.GOOD_TILL_DATE
_BUY, _SELL_SHORT = Side.BUY, Side.SELL_SHORT


def check_stopping(reason: str | None) -> Refusal | None:
    """The venue takes orders: it is not about to stop. reason: why it is, None if it is not."""
    return None if reason is None else Refusal(RejectReason.VENUE_STOPPING, reason)


def check_phase(phase: Phase) -> Refusal | None:
    """New orders are taken while the market is in CONTINUOUS."""
    if phase is _CONTINUOUS:
        return None
    if phase is _HALT:
        return Refusal(RejectReason.INSTRUMENT_HALTED, "trading in it is halted")
    return Refusal(RejectReason.MARKET_CLOSED, f"the phase is {phase}")


def check_supported(
    side: str,
    ord_type: str,
    time_in_force: str | None,
    exec_inst: frozenset[str],
    unsupported: str | None,
) -> Refusal | None:
    """The venue offers this side, order type, time in force and every instruction (103=11).

    unsupported: the first instruction of the message that the venue does not know, or None.
    """
    if ord_type not in TIMES_IN_FORCE:
        return Refusal(RejectReason.UNSUPPORTED_ORDER_TYPE, f"40={ord_type} is not offered")
    if time_in_force is not None and time_in_force not in _TIMES_IN_FORCE:
        return Refusal(RejectReason.UNSUPPORTED_TIME_IN_FORCE, f"59={time_in_force} is not offered")
    if side not in SUPPORTED_SIDES:
        return Refusal(RejectReason.UNSUPPORTED_SIDE, f"54={side} is not offered")
    if exec_inst and not exec_inst <= _EXEC_INSTS:
        first = min(exec_inst - _EXEC_INSTS)
        return Refusal(RejectReason.UNSUPPORTED_INSTRUCTION, f"18={first} is not offered")
    if unsupported is not None:
        return Refusal(RejectReason.UNSUPPORTED_INSTRUCTION, f"{unsupported} is not offered")
    return None


_TIMES_IN_FORCE = frozenset(TimeInForce)
_EXEC_INSTS = frozenset(OFFERED_EXEC_INSTS)


def check_quantity(order_qty: str | None) -> Refusal | None:
    """OrderQty is there and above zero."""
    if order_qty is None:
        return Refusal(RejectReason.QUANTITY_MISSING, "OrderQty(38) is required")
    if not is_positive(order_qty):
        return Refusal(RejectReason.QUANTITY_NOT_POSITIVE, f"38={order_qty} is not above 0")
    return None


def check_price(ord_type: str, price: str | None, limited: bool = False) -> Refusal | None:
    """A limit or stop limit order has a Price above zero, another type has none.

    limited: this one has got a limit, whatever its type.
    """
    if ord_type in PRICED or limited:
        if price is None:
            return Refusal(RejectReason.PRICE_MISSING, f"40={ord_type} needs Price(44)")
        if not is_positive(price):
            return Refusal(RejectReason.PRICE_NOT_POSITIVE, f"44={price} is not above 0")
    elif price is not None:
        return Refusal(RejectReason.PRICE_NOT_ALLOWED, f"40={ord_type} takes no Price(44)")
    return None


def check_stop_px(ord_type: str, stop_px: str | None) -> Refusal | None:
    """A stop has a StopPx above zero, another type has none."""
    if ord_type in STOPS:
        if stop_px is None:
            return Refusal(RejectReason.STOP_PX_MISSING, f"40={ord_type} needs StopPx(99)")
        if not is_positive(stop_px):
            return Refusal(RejectReason.STOP_PX_NOT_POSITIVE, f"99={stop_px} is not above 0")
    elif stop_px is not None:
        return Refusal(RejectReason.STOP_PX_NOT_ALLOWED, f"40={ord_type} takes no StopPx(99)")
    return None


def check_expiry(
    time_in_force: str,
    expire_ns: int | None,
    expire_date: str | None,
    now_ns: int,
    trading_day: str,
) -> Refusal | None:
    """A good-till-date order has either ExpireTime or ExpireDate, not past; no other order has one.

    expire_ns and now_ns are UTC nanoseconds, expire_date and trading_day ISO dates.
    """
    given = (expire_ns is not None) + (expire_date is not None)
    if time_in_force != _GOOD_TILL_DATE:
        if given:
            return Refusal(
                RejectReason.EXPIRE_NOT_ALLOWED, f"59={time_in_force} takes no 126 or 432"
            )
        return None
    if given != 1:
        return Refusal(RejectReason.EXPIRE_MISSING, "59=6 needs one of 126 and 432")
    if expire_ns is not None and expire_ns <= now_ns:
        return Refusal(RejectReason.EXPIRE_IN_THE_PAST, "ExpireTime(126) is past")
    if expire_date is not None and expire_date < trading_day:
        return Refusal(
            RejectReason.EXPIRE_IN_THE_PAST, f"432={expire_date} is before {trading_day}"
        )
    return None


def check_peg(ord_type: str, exec_inst: frozenset[str], peg_offset: str | None) -> Refusal | None:
    """A pegged order has exactly one peg in ExecInst(18); no other order has one, or an offset."""
    pegs = [code for code in PEGS if code in exec_inst] if exec_inst else []
    if ord_type == _PEGGED:
        if len(pegs) != 1:
            return Refusal(RejectReason.PEG_MISSING, "40=P needs one of 18=M, P and R")
        return None
    if pegs:
        return Refusal(RejectReason.PEG_NOT_ALLOWED, f"18={pegs[0]} needs 40=P")
    if peg_offset is not None:
        return Refusal(RejectReason.PEG_NOT_ALLOWED, "PegOffsetValue(211) needs 40=P")
    return None


def check_tick(instrument: Instrument, tag: str, price: str | None) -> Refusal | None:
    """The price, if there is one, is a whole number of ticks."""
    if price is None or instrument.ticks(price) is not None:
        return None
    tick = instrument.definition.tick_size
    return Refusal(RejectReason.PRICE_NOT_ON_TICK, f"{tag}={price} is not a multiple of {tick}")


def check_lot(instrument: Instrument, tag: str, quantity: str | None) -> Refusal | None:
    """The quantity, if there is one, is a whole number of lots."""
    if quantity is None or instrument.lots(quantity) is not None:
        return None
    lot = instrument.definition.lot_size
    return Refusal(RejectReason.QUANTITY_NOT_ON_LOT, f"{tag}={quantity} is not a multiple of {lot}")


def check_part(
    tag: str, part: str | None, order_qty: str, lots: int | None, of_lots: int
) -> Refusal | None:
    """MinQty(110) or MaxFloor(111), if there is one, is above 0 and at most OrderQty."""
    if part is None or (lots is not None and 0 < lots <= of_lots):
        return None
    reason = (
        RejectReason.MIN_QTY_OUT_OF_RANGE if tag == "110" else RejectReason.MAX_FLOOR_OUT_OF_RANGE
    )
    return Refusal(reason, f"{tag}={part} is not above 0 and at most 38={order_qty}")


def check_slices(instrument: Instrument, floor_lots: int, lots: int) -> Refusal | None:
    """An iceberg has at most MOST_SLICES slices: one command may trade each of them."""
    if lots <= floor_lots * MOST_SLICES or floor_lots == 0:
        return None
    text = f"111={instrument.qty_text(floor_lots)} cuts 38={instrument.qty_text(lots)}"
    return Refusal(RejectReason.MAX_FLOOR_OUT_OF_RANGE, f"{text} into more than {MOST_SLICES}")


def check_max_quantity(instrument: Instrument, lots: int) -> Refusal | None:
    """The quantity is at most the instrument's max_quantity."""
    if lots <= instrument.max_order_lots:
        return None
    return Refusal(
        RejectReason.ORDER_QUANTITY_TOO_LARGE,
        f"38={instrument.qty_text(lots)} is more than {instrument.definition.max_order_qty}",
    )


def check_max_value(instrument: Instrument, value: int) -> Refusal | None:
    """The value is at most the instrument's max_value. Value is price x quantity in 10^-8 of the
    currency; a market order is valued at the end of the collar."""
    if value <= instrument.max_order_amount:
        return None
    return Refusal(
        RejectReason.ORDER_VALUE_TOO_LARGE,
        f"{format_money(value)} {instrument.currency} is more than "
        f"{instrument.definition.max_order_value}",
    )


def check_collar(instrument: Instrument, ticks: int, tag: str = "44") -> Refusal | None:
    """The price is within the static collar around the reference price, both ends included.

    tag: 44, or 99 of a stop.
    """
    low, high = instrument.collar_low_ticks, instrument.collar_high_ticks
    if low <= ticks <= high:
        return None
    return Refusal(
        RejectReason.PRICE_OUTSIDE_COLLAR,
        f"{tag}={instrument.price_text(ticks)} is outside "
        f"{instrument.price_text(low)} to {instrument.price_text(high)}",
    )


def collared_prices(instrument: Instrument, band: tuple[int, int] | None) -> tuple[int, int]:
    """Lowest and highest price in ticks that both collars allow; the static one is never left.

    band: lowest and highest price of the dynamic collar; None: there is none.
    """
    low, high = instrument.collar_low_ticks, instrument.collar_high_ticks
    if band is not None:
        low, high = max(low, min(band[0], high)), min(high, max(band[1], low))
    return low, high


def check_dynamic_collar(
    instrument: Instrument, side: str, ticks: int, band: tuple[int, int] | None
) -> Refusal | None:
    """A buy's price is not above the dynamic collar, a sell's not below it; the ends are allowed.

    band: lowest and highest price in ticks of the collar around the last trade; None: none.
    """
    if band is None:
        return None
    low, high = band
    if ticks <= high if side == _BUY else ticks >= low:
        return None
    return Refusal(
        RejectReason.PRICE_OUTSIDE_DYNAMIC_COLLAR,
        f"44={instrument.price_text(ticks)} is outside "
        f"{instrument.price_text(low)} to {instrument.price_text(high)} around the last trade",
    )


def check_short_sale(side: str, locate_reqd: str | None, prefunded: bool) -> Refusal | None:
    """A short sale says LocateReqd(114)=N: the broker has located the shares.

    Prefunded members may not sell short. SEC Regulation SHO rule 203(b)(1), EU 236/2012 article 12.
    """
    if side != _SELL_SHORT:
        return None
    if prefunded:
        return Refusal(RejectReason.SHORT_SALE_REFUSED, "54=5 is not for prefunded members")
    if locate_reqd != "N":
        return Refusal(RejectReason.SHORT_SALE_REFUSED, "54=5 needs 114=N")
    return None


def check_restricted(restricted: tuple[str, ...], symbol: str, side: str) -> Refusal | None:
    """Neither the instrument nor this side of it is restricted. See limits.NAMES for the form."""
    if not restricted:
        return None
    way = f"{symbol}:{'buy' if side == _BUY else 'sell'}"
    for entry in (symbol, way):
        if entry in restricted:
            return Refusal(RejectReason.INSTRUMENT_RESTRICTED, f"{entry} is restricted")
    return None


@lru_cache(maxsize=20_000)
def is_positive(text: str) -> bool:
    """Whether a number in FIX float syntax is above zero."""
    return is_decimal(text) and not text.startswith("-") and text.strip("0.") != ""
