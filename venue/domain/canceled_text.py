"""Why an order was canceled, as its owner is told: Text(58) of reports, drop copies and screens.

Pure. An order that may not rest says so by its own terms, so that its event need not.
"""

from venue.domain.events import OrderCanceled
from venue.domain.types import TimeInForce

_NEVER_REST = (TimeInForce.IMMEDIATE_OR_CANCEL.value, TimeInForce.FILL_OR_KILL.value)


def text_of(canceled: OrderCanceled) -> str | None:
    """Text(58); None where its owner has asked for it."""
    if canceled.text is not None or canceled.orig_cl_ord_id is not None:
        return canceled.text
    order = canceled.order
    return unfilled(order.terms.time_in_force, order.terms.ord_type, order.cum_qty)


def unfilled(time_in_force: str, ord_type: str, cum_qty: str) -> str:
    """What is left of an order that may not rest could not trade at once."""
    what = "the order" if cum_qty == "0" else "the rest"
    because = f"59={time_in_force}" if time_in_force in _NEVER_REST else f"40={ord_type}"
    return f"UNFILLED {because} {what} could not trade at once"
