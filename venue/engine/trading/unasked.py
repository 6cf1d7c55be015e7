"""The end of an order that nobody has asked for: OrderCanceled with its reason, or OrderExpired."""

from venue.domain.events import OrderCanceled, OrderExpired
from venue.domain.types import OrdStatus
from venue.engine.state.engine_state import EngineState
from venue.engine.state.orders import Order


def cancel_unasked(
    state: EngineState, order: Order, restatement_reason: str | None, text: str | None
) -> None:
    """OrderCanceled without a request, for an order that was taken out of the market before.

    restatement_reason: ExecRestatementReason(378), text: Text(58); None: the field is left out.
    """
    assert order.cum_lots < order.order_lots, "nothing of it was open"
    order.end(OrdStatus.CANCELED)
    state.order_finished(order)
    state.events.append(
        OrderCanceled(
            *state.stamp(),
            order.terms.symbol,
            order.state(),
            order.cl_ord_id,
            restatement_reason=restatement_reason,
            text=text,
        )
    )


def expire(state: EngineState, order: Order) -> None:
    """OrderExpired for an open order, which leaves the market that it rests or waits in."""
    state.markets[order.terms.symbol].take_out(order)
    order.end(OrdStatus.EXPIRED)
    state.order_finished(order)
    state.events.append(
        OrderExpired(
            *state.stamp(),
            order.terms.symbol,
            order.state(),
            f"EXPIRED 59={order.terms.time_in_force} has run out",
        )
    )
