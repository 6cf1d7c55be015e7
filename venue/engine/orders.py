"""An order's life in the engine: its terms, quantities and state, and its view in events.

State transitions (FIX 4.4 volume 4, Appendix D, for a venue that answers at once):

    from               event               to
    -                  accepted            NEW
    NEW                traded in part      PARTIALLY_FILLED
    NEW, PARTIALLY     traded in whole     FILLED
    NEW, PARTIALLY     canceled            CANCELED
    NEW, PARTIALLY     replaced            NEW, PARTIALLY_FILLED or FILLED by what is filled
"""

from venue.book.resting_order import RestingOrder
from venue.domain.events import OrderState, OrderTerms
from venue.domain.instruments import Instrument
from venue.domain.types import OrdStatus, Side


class Order(RestingOrder):
    """One order. order_lots = cum_lots + leaves_lots while it is open.

    cum_value is the sum of price in ticks x quantity in lots over its fills. price_ticks is the
    limit it trades to (of a market order: the collar); `limit` its written price or None.
    exposure is what it counts against the member's credit, in 10^-8 of the currency.
    """

    __slots__ = (
        "cl_ord_id",
        "cum_lots",
        "cum_value",
        "exposure",
        "instrument",
        "limited",
        "order_lots",
        "status",
        "terms",
    )

    def __init__(
        self,
        terms: OrderTerms,
        instrument: Instrument,
        cl_ord_id: str,
        price_ticks: int,
        order_lots: int,
        limited: bool,
    ) -> None:
        super().__init__(terms.side, price_ticks, order_lots)
        self.terms = terms
        self.instrument = instrument
        self.cl_ord_id = cl_ord_id
        self.order_lots = order_lots
        self.limited = limited
        self.cum_lots = 0
        self.cum_value = 0
        self.exposure = 0
        self.status = OrdStatus.NEW

    @property
    def is_open(self) -> bool:
        """Whether it can still trade."""
        return self.status is OrdStatus.NEW or self.status is OrdStatus.PARTIALLY_FILLED

    def fill(self, price_ticks: int, lots: int) -> None:
        """Count a fill whose quantity has already left `leaves_lots`."""
        self.cum_lots += lots
        self.cum_value += price_ticks * lots
        assert self.order_lots == self.cum_lots + self.leaves_lots
        self.status = OrdStatus.FILLED if self.leaves_lots == 0 else OrdStatus.PARTIALLY_FILLED

    def cancel(self) -> None:
        """End it with nothing left."""
        assert self.is_open and self.level is None
        self.leaves_lots = 0
        self.status = OrdStatus.CANCELED

    def replace(self, cl_ord_id: str, price_ticks: int, order_lots: int) -> None:
        """Give it new terms; at or below what is filled already it is done (FILLED)."""
        assert self.is_open
        self.cl_ord_id = cl_ord_id
        self.price_ticks = price_ticks
        self.order_lots = max(order_lots, self.cum_lots)
        self.leaves_lots = self.order_lots - self.cum_lots
        if self.leaves_lots == 0:
            self.status = OrdStatus.FILLED

    def state(self) -> OrderState:
        """View for events."""
        instrument = self.instrument
        qty_text = instrument.qty_text
        return OrderState(
            self.terms,
            self.cl_ord_id,
            self.status,
            qty_text(self.order_lots),
            qty_text(self.leaves_lots),
            qty_text(self.cum_lots),
            instrument.avg_px_text(self.cum_value, self.cum_lots),
            instrument.price_text(self.price_ticks) if self.limited else None,
        )


def opposite(side: Side) -> Side:
    """The side an order on `side` trades with."""
    return Side.SELL if side is Side.BUY else Side.BUY
