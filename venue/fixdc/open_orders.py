"""Open orders as the events tell them, for the answer to an OrderMassStatusRequest(AF).

Begins with the newest good snapshot, then takes events. Changes nothing outside.
"""

from collections.abc import Iterator
from pathlib import Path

import structlog

from venue.domain.events import AnyEvent, TradeBusted, TradeCorrected, TradeExecuted
from venue.domain.order_state import OrderState
from venue.engine.image.restore import state_from
from venue.fixdc.sources import Sources
from venue.replay.snapshot import SnapshotDamage, list_snapshots, load_snapshot

_log = structlog.get_logger("dropcopy")
FINISHED = "0"
"""LeavesQty(151) of an order that is finished."""


class OpenOrders:
    """The open orders of all members, by OrderID, in the order of entry."""

    def __init__(self) -> None:
        self._orders: dict[str, OrderState] = {}

    def begin(self, journal: Path, through: int) -> int:
        """Take the orders of the newest good snapshot that is not beyond event `through`.

        Returns the snapshot's last event; 0 where the journal has to be followed from its first.
        """
        for file in list_snapshots(journal):
            if file.event_seq > through:
                continue
            try:
                state = state_from(load_snapshot(file.path).engine)
            except (SnapshotDamage, FileNotFoundError) as error:
                _log.warning("snapshot_passed_over", error=str(error))
                continue
            for order in state.orders.values():
                if order.is_open:
                    self._take(order.state())
            return file.event_seq
        return 0

    def take(self, event: AnyEvent) -> None:
        """Follow an event."""
        if isinstance(event, TradeExecuted | TradeBusted | TradeCorrected):
            self._take(event.buy.order)
            self._take(event.sell.order)
        else:
            order = getattr(event, "order", None)
            if isinstance(order, OrderState):
                self._take(order)

    def of(self, sources: Sources) -> Iterator[OrderState]:
        """Those that a listener may see."""
        return filter(sources.has_order, self._orders.values())

    def _take(self, order: OrderState) -> None:
        order_id = order.terms.order_id
        if order.leaves_qty == FINISHED:
            self._orders.pop(order_id, None)
        else:
            self._orders[order_id] = order


__all__ = ["OpenOrders"]
