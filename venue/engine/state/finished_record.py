"""What is kept of a finished order: all that it can still be asked for, as one plain value."""

import msgspec

from venue.domain.order_state import OrderTerms
from venue.domain.types import OrdStatus


class PackedTerms(OrderTerms, frozen=True, array_like=True, gc=False):
    """The terms of a finished order, without their names."""


class FinishedOrder(msgspec.Struct, array_like=True, gc=False):
    """An Order of which nothing is open. Numbers that may pass 64 bits are text.

    standing: its number in Standings. reserves: its member was prefunded. restated: all there is
    to its conditions, if `conditions` is None; else those of `Conditions`, the last one as text.
    """

    terms: PackedTerms
    standing: int
    cl_ord_id: str
    status: OrdStatus
    price_ticks: int
    order_lots: int
    cum_lots: int
    cum_value: str
    modified_ns: int
    limited: bool
    floor_lots: int
    self_match_key: str | None
    reserves: bool
    restated: bool
    conditions: tuple[frozenset[str], int, int | None, str | None, int, bool, int, str] | None
