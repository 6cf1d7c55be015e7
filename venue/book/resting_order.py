"""What the book needs to know of an order, and the links of its price level's queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from venue.domain.types import Side

if TYPE_CHECKING:
    from venue.book.price_level import PriceLevel


class RestingOrder:
    """An order as the book sees it: side, limit price in ticks, open quantity in lots.

    floor_lots: the largest slice an iceberg shows, 0 for an order that shows all. shown_lots: what
    it shows now, while it rests. self_match_key: orders with equal keys must not trade.
    """

    __slots__ = (
        "ahead",
        "behind",
        "floor_lots",
        "leaves_lots",
        "level",
        "price_ticks",
        "self_match_key",
        "shown_lots",
        "side",
    )

    def __init__(self, side: Side, price_ticks: int, leaves_lots: int) -> None:
        self.side = side
        self.price_ticks = price_ticks
        self.leaves_lots = leaves_lots
        self.floor_lots = 0
        self.shown_lots = 0
        self.self_match_key: str | None = None
        self.level: PriceLevel | None = None
        self.ahead: RestingOrder | None = None
        self.behind: RestingOrder | None = None

    def slice_lots(self) -> int:
        """What it shows when it joins the back of a queue."""
        if self.floor_lots and self.floor_lots < self.leaves_lots:
            return self.floor_lots
        return self.leaves_lots
