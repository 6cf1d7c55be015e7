"""Open orders with an ExpireTime(126): the next to expire, and those that expire in a time span.

A list only. control/day.py expires the orders.
"""

from collections.abc import Iterator, Mapping

from sortedcontainers import SortedList

from venue.engine.state.orders import Order


class ExpiringOrders(Mapping[str, Order]):
    """The orders by OrderID, as they were added, with a second index by time.

    Neither the nearest ExpireTime nor a time span costs a look at all orders.
    """

    __slots__ = ("_by_id", "_by_time")

    def __init__(self) -> None:
        self._by_id: dict[str, Order] = {}
        self._by_time: SortedList[tuple[int, int]] = SortedList()  # expire_ns, OrderID

    def add(self, order: Order) -> None:
        """Add an open order with an ExpireTime."""
        order_id, expire_ns = order.terms.order_id, order.terms.expire_ns
        assert expire_ns is not None
        self._by_id[order_id] = order
        self._by_time.add((expire_ns, int(order_id)))
        assert len(self._by_id) == len(self._by_time)

    def remove(self, order: Order) -> None:
        """Remove an order that has ended."""
        order_id, expire_ns = order.terms.order_id, order.terms.expire_ns
        assert expire_ns is not None
        del self._by_id[order_id]
        self._by_time.remove((expire_ns, int(order_id)))
        assert len(self._by_id) == len(self._by_time)

    @property
    def first_ns(self) -> int | None:
        """The nearest ExpireTime in UTC nanoseconds; None without orders."""
        return self._by_time[0][0] if self._by_time else None

    def between(self, after_ns: int, to_ns: int) -> Iterator[int]:
        """OrderIDs of the orders that expire after `after_ns`, up to and including `to_ns`."""
        first, behind = (after_ns + 1, 0), (to_ns + 1, 0)
        return (order_id for _, order_id in self._by_time.irange(first, behind))

    def __getitem__(self, order_id: str) -> Order:
        return self._by_id[order_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)
