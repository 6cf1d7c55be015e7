"""Two orders of one owner meet: one gives way, both do, or the larger gets smaller (7928, 8000).

Events: OrderCanceled and OrderRestated. Never a trade.
"""

from venue.domain.events import OrderRestated
from venue.domain.types import ExecRestatementReason, SelfMatchMode
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.orders import Order
from venue.engine.trading.unasked import cancel_unasked


def prevent_self_match(state: EngineState, market: Market, order: Order, resting: Order) -> None:
    """Cancel or decrement the orders as the aggressor's mode says; the default is CANCEL_NEWEST."""
    mode = order.terms.self_match_mode or SelfMatchMode.CANCEL_NEWEST
    text = "SELF_MATCH_PREVENTED both orders have the same 7928"
    reason = ExecRestatementReason.OTHER
    smaller = min(order.leaves_lots, resting.leaves_lots)
    decrement = mode == SelfMatchMode.DECREMENT
    both = mode == SelfMatchMode.CANCEL_BOTH
    cancel_resting = both or mode == SelfMatchMode.CANCEL_OLDEST
    cancel_order = both or mode == SelfMatchMode.CANCEL_NEWEST
    if decrement:
        cancel_resting = resting.leaves_lots == smaller
        cancel_order = order.leaves_lots == smaller
    if cancel_resting:
        market.take_out(resting)
        cancel_unasked(state, resting, reason, text)
    elif decrement:
        resting.order_lots -= smaller
        market.book.resize(resting, resting.leaves_lots - smaller)
        _restate_decremented(state, resting)
    if cancel_order:
        cancel_unasked(state, order, reason, text)
    elif decrement:
        order.order_lots -= smaller
        order.leaves_lots -= smaller
        _restate_decremented(state, order)


def _restate_decremented(state: EngineState, order: Order) -> None:
    state.recount(order)
    state.events.append(
        OrderRestated(
            *state.stamp(),
            order.terms.symbol,
            order.state(),
            ExecRestatementReason.PARTIAL_DECLINE_OF_ORDER_QTY,
            "SELF_MATCH_PREVENTED both orders have the same 7928",
        )
    )
