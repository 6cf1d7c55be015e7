"""Pegged orders: their price, and moving them when the market moves.

A peg follows the best prices of orders that are not pegged themselves. It never takes: it stays one
tick away from the other side. A peg that is repriced goes to the back of its new price level.
"""

from venue.domain.events import OrderRestated
from venue.domain.types import ExecInst, ExecRestatementReason, Side
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market


def peg_price(
    market: Market, side: Side, exec_inst: frozenset[str], offset_ticks: int
) -> int | None:
    """Price in ticks of a pegged order now; None while it has none.

    It has none without a reference price, and where every price in the collar would take.
    """
    return _price(market, _references(market), side, exec_inst, offset_ticks)


def reprice_pegs(state: EngineState, market: Market) -> bool:
    """OrderRestated for each pegged order whose price has moved; without a reference it stays.

    Returns whether any has: then others that it was in the way of may move too. This ends, for
    after its first move a peg only ever comes nearer to the price it is meant to have. What all
    prices follow from is found once: as long as it is the same, no peg is looked at again.
    """
    references = _references(market)
    seen = (market.instrument, *references, *_best_prices(market))
    if seen == market.pegs_seen:
        return False
    moved = False
    for order in list(market.pegs.values()):
        if moved and len(state.events) >= state.most_events:
            break  # the next command goes on
        conditions = order.conditions
        price = _price(
            market, references, order.side, conditions.exec_inst, conditions.peg_offset_ticks
        )
        if price is None or price == order.price_ticks:
            continue
        moved = True
        market.book.remove(order)
        market.count_peg(order, -1)
        order.price_ticks = price
        market.book.rest(order)
        market.count_peg(order, 1)
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
    market.pegs_seen = None if moved else seen
    return moved


def _references(market: Market) -> tuple[int | None, int | None]:
    """Best bid and ask of orders that are not pegged: moving pegs does not change them."""
    return market.best_without_pegs(Side.BUY), market.best_without_pegs(Side.SELL)


def _best_prices(market: Market) -> tuple[int | None, int | None]:
    bid, ask = market.book.bids.best, market.book.asks.best
    return None if bid is None else bid.price_ticks, None if ask is None else ask.price_ticks


def _price(
    market: Market,
    references: tuple[int | None, int | None],
    side: Side,
    exec_inst: frozenset[str],
    offset_ticks: int,
) -> int | None:
    bid, ask = references
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
