"""All-or-none orders that wait outside the book: which of them can trade now.

Changes nothing. Looks at each side of the book once, however many wait.
"""

from venue.book.depth import Depth
from venue.domain.types import SelfMatchMode, Side
from venue.engine.state.market import Market
from venue.engine.state.orders import Order


def first_ready(market: Market) -> Order | None:
    """The waiting all-or-none order that trades next, of equal ones the first entered."""
    depths: dict[Side, Depth] = {}
    first: Order | None = None
    for order in market.all_or_none.values():
        if first is not None and _price_priority(order) >= _price_priority(first):
            continue
        depth = depths.get(order.side)
        if depth is None:
            depth = depths[order.side] = Depth(market.book.opposite_of(order.side))
        skip_own = order.terms.self_match_mode == SelfMatchMode.CANCEL_OLDEST
        if depth.has_all_of(order, skip_own):
            first = order
    return first


def _price_priority(order: Order) -> int:
    """Smaller goes first: buys before sells, each from its best price outwards."""
    return -order.price_ticks if order.side is Side.BUY else order.price_ticks
