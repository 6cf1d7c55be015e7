"""Pegged orders: their price, and moving them when the market moves.

A peg follows the best prices of orders that are not pegged themselves. It never takes: it stays one
tick away from the other side. A peg that is repriced goes to the back of its new price level.
"""

from venue.book.book_side import BookSide
from venue.domain.events import OrderRestated
from venue.domain.types import ExecInst, ExecRestatementReason, Side
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.orders import Order


def peg_price(
    market: Market, side: Side, exec_inst: frozenset[str], offset_ticks: int
) -> int | None:
    """Price in ticks of a pegged order now; None while it has none.

    It has none without a reference price, and where every price in the collar would take.
    """
    bid, ask = _best(market.book.bids, market), _best(market.book.asks, market)
    own, other = (bid, ask) if side is Side.BUY else (ask, bid)
    if ExecInst.PEG_PRIMARY in exec_inst:
        reference = own
    elif ExecInst.PEG_MARKET in exec_inst:
        reference = other
    elif bid is not None and ask is not None:
        # the midpoint is rounded away from the other side
        reference = (bid + ask) // 2 if side is Side.BUY else -(-(bid + ask) // 2)
    else:
        reference = None
    if reference is None:
        return None
    low, high = market.instrument.collar_low_ticks, market.instrument.collar_high_ticks
    price = max(low, min(reference + offset_ticks, high))
    nearest = market.book.opposite_of(side).best
    if nearest is not None:
        tick = 1 if side is Side.BUY else -1
        limit = nearest.price_ticks - tick
        price = min(price, limit) if side is Side.BUY else max(price, limit)
    return price if low <= price <= high else None


def reprice_pegs(state: EngineState, market: Market) -> bool:
    """Move each pegged order whose price has changed: OrderRestated. One without a price stays.

    Returns whether any was moved. The caller then calls again, because a moved peg may have been in
    the way of others. This ends: after its first move a peg only comes nearer to its own price.
    """
    moved = False
    for order in list(market.pegs.values()):
        price = peg_price(
            market, order.side, order.conditions.exec_inst, order.conditions.peg_offset_ticks
        )
        if price is None or price == order.price_ticks:
            continue
        moved = True
        assert order.is_peg and order.level is not None
        market.book.remove(order)
        order.price_ticks = price
        market.book.rest(order)
        state.recount(order)
        state.events.append(
            OrderRestated(
                *state.stamp(),
                order.terms.symbol,
                order.state(),
                ExecRestatementReason.OTHER,
                "PEG_REPRICED what it is pegged to has moved",
            )
        )
    return moved


def _best(side: BookSide, market: Market) -> int | None:
    """Best price in ticks at which an order that is not pegged rests."""
    if not market.pegs:
        return None if side.best is None else side.best.price_ticks
    for level in side.levels():
        if any(isinstance(order, Order) and not order.is_peg for order in level):
            return level.price_ticks
    return None
