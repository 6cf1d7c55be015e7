"""What the book needs to know of an order, and the links of its price level's queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from venue.domain.types import Side

if TYPE_CHECKING:
    from venue.book.price_level import PriceLevel


class RestingOrder:
    """An order as the book sees it: side, limit price in ticks, open quantity in lots."""

    __slots__ = ("ahead", "behind", "leaves_lots", "level", "price_ticks", "side")

    def __init__(self, side: Side, price_ticks: int, leaves_lots: int) -> None:
        self.side = side
        self.price_ticks = price_ticks
        self.leaves_lots = leaves_lots
        self.level: PriceLevel | None = None
        self.ahead: RestingOrder | None = None
        self.behind: RestingOrder | None = None
