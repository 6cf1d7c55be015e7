"""What the reference venue refuses, and under which code: the rules' checks in the rules' order.

Answers the code as text, or None. Knows nothing of the engine.
"""

import re
from decimal import Decimal
from functools import cache

from tests.reference.offered import ORD_TYPES, TIMES, is_offered
from tests.reference.orders import EXACT, Paper
from venue.domain.commands import EnterOrder

NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)")


@cache
def number(text: str) -> Decimal | None:
    """A number in FIX float syntax."""
    return Decimal(text) if NUMBER.fullmatch(text) and len(text) <= 40 else None


@cache
def units(text: str, unit: Decimal) -> int | None:
    """Whole count of units, or None."""
    value = number(text)
    if value is None or EXACT.remainder(value, unit):
        return None
    return int(EXACT.divide(value, unit))


def form(order: EnterOrder, now_ns: int, day: str, priced: bool = False) -> str | None:
    """First fault in a new order that shows without the instrument's numbers.

    priced: it has a price whatever its type.
    """
    codes = set(order.exec_inst.split())
    refusal = known(order.side, order.ord_type, order.time_in_force, order.unsupported, codes)
    if refusal is None and order.side == "5" and order.locate_reqd != "N":
        refusal = "SHORT_SALE_REFUSED"
    if refusal is None:
        refusal = numbers_there(order, priced or order.ord_type in ("2", "4"))
    if refusal is None:
        refusal = expiry(order, now_ns, day)
    if refusal is not None:
        return refusal
    pegs = codes & {"M", "R", "P"}
    if order.ord_type == "P" and len(pegs) != 1:
        return "PEG_MISSING"
    if order.ord_type != "P" and (pegs or order.peg_offset is not None):
        return "PEG_NOT_ALLOWED"
    conditions = set(codes)
    conditions |= {"110"} if order.min_qty is not None else set()
    conditions |= {"111"} if order.max_floor is not None else set()
    offered = is_offered(
        order.ord_type,
        order.time_in_force,
        conditions,
        order.self_match_id,
        order.self_match_mode,
    )
    return None if offered else "COMBINATION_NOT_OFFERED"


def known(
    side: str, ord_type: str, tif: str | None, unsupported: str | None, codes: set[str]
) -> str | None:
    """Enumerations that the venue offers."""
    if ord_type not in ORD_TYPES:
        return "UNSUPPORTED_ORDER_TYPE"
    if tif is not None and tif not in TIMES:
        return "UNSUPPORTED_TIME_IN_FORCE"
    if side not in ("1", "2", "5"):
        return "UNSUPPORTED_SIDE"
    if unsupported is not None or not codes <= set("6GJKMPR"):
        return "UNSUPPORTED_INSTRUCTION"
    return None


def numbers_there(order: EnterOrder, priced: bool) -> str | None:
    """Quantity, price and stop price are there, or not there, as the type wants it."""
    if order.order_qty is None:
        return "QUANTITY_MISSING"
    if not (number(order.order_qty) or 0) > 0:
        return "QUANTITY_NOT_POSITIVE"
    wanted = (("PRICE", order.price, priced), ("STOP_PX", order.stop_px, order.ord_type in "34"))
    for name, text, needed in wanted:
        if needed and text is None:
            return f"{name}_MISSING"
        if not needed and text is not None:
            return f"{name}_NOT_ALLOWED"
        if text is not None and not (number(text) or 0) > 0:
            return f"{name}_NOT_POSITIVE"
    return None


def expiry(order: EnterOrder, now_ns: int, day: str) -> str | None:
    """A good-till-date order says till when, once, and not before now."""
    given = [x for x in (order.expire_ns, order.expire_date) if x is not None]
    if order.time_in_force != "6":
        return "EXPIRE_NOT_ALLOWED" if given else None
    if len(given) != 1:
        return "EXPIRE_MISSING"
    past = order.expire_ns is not None and order.expire_ns <= now_ns
    past = past or (order.expire_date is not None and order.expire_date < day)
    return "EXPIRE_IN_THE_PAST" if past else None


def off_unit(paper: Paper, order: EnterOrder) -> str | None:
    """Prices on the tick, then the quantity on the lot."""
    for text in (order.price, order.stop_px, order.peg_offset):
        if text is not None and units(text, paper.tick) is None:
            return "PRICE_NOT_ON_TICK"
    assert order.order_qty is not None
    return "QUANTITY_NOT_ON_LOT" if units(order.order_qty, paper.lot) is None else None


def too_much(paper: Paper, order: EnterOrder, limit: int) -> str | None:
    """Parts of the quantity, size, value and collar, the order being worked to `limit`."""
    assert order.order_qty is not None
    lots = units(order.order_qty, paper.lot)
    assert lots is not None
    parts = (("MIN_QTY_OUT_OF_RANGE", order.min_qty), ("MAX_FLOOR_OUT_OF_RANGE", order.max_floor))
    for code, text in parts:
        if text is not None and not 0 < (units(text, paper.lot) or 0) <= lots:
            return code
    if is_cut_too_small(paper, order.max_floor, lots):
        return "MAX_FLOOR_OUT_OF_RANGE"
    if lots > paper.max_lots:
        return "ORDER_QUANTITY_TOO_LARGE"
    if paper.value(limit, lots) > paper.max_value:
        return "ORDER_VALUE_TOO_LARGE"
    prices = [limit]
    if order.stop_px is not None:
        prices.append(units(order.stop_px, paper.tick) or 0)
    return None if all(paper.low <= p <= paper.high for p in prices) else "PRICE_OUTSIDE_COLLAR"


def is_cut_too_small(paper: Paper, max_floor: str | None, lots: int) -> bool:
    """An iceberg has at most a thousand slices."""
    floor = units(max_floor, paper.lot) if max_floor is not None else None
    return floor is not None and lots > 100 * floor
