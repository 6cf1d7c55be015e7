"""Slices: work on many orders is done a part at a time, so that other sessions do not wait.

Only chooses orders. Where a slice ends depends on the state alone, so a replay cuts the same ones.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from venue.engine.state.members import Session
from venue.engine.state.orders import Order

SLICE = 64
"""Most orders that one command ends, or one answer reports: about 3 ms with their reports."""
LOOKS = 512
"""Most orders that are looked at for one slice: about as much work."""

SECURITY, ALL = "1", "7"
"""The offered types of mass cancels, MassCancelRequestType(530), and of mass status requests,
MassStatusReqType(585)."""
Wanted = Callable[[Order], bool]


class Slice(NamedTuple):
    """orders: those that were chosen. last: the last order looked at; None: no more are to come."""

    orders: list[Order]
    last: Order | None


def next_slice(orders: Iterable[Order], is_wanted: Wanted) -> Slice:
    """Choose the next orders that are wanted. `last` is None once no order is left to look at."""
    found: list[Order] = []
    last: Order | None = None
    for looks, order in enumerate(orders):
        if looks == LOOKS:
            return Slice(found, last)
        if is_wanted(order):
            if len(found) == SLICE:
                return Slice(found, last)
            found.append(order)
        last = order
    return Slice(found, None)


def open_orders_of(
    sessions: Iterable[Session], session: str, after: int, before: int
) -> Iterator[Order]:
    """Open orders of these sessions with an OrderID below `before`, session by session.

    Begins behind OrderID `after` of `session`; at the very first order where `session` is none of
    them.
    """
    listed = list(sessions)
    begin = next((place for place, each in enumerate(listed) if each.name == session), -1)
    for place in range(max(begin, 0), len(listed)):
        yield from listed[place].open_orders.between(after if place == begin else 0, before)


def asked_for(request_type: str, symbol: str | None, side: str | None) -> Wanted:
    """A predicate: whether a mass cancel or mass status request is about an order."""

    def is_asked_for(order: Order) -> bool:
        terms = order.terms
        return (request_type == ALL or terms.symbol == symbol) and side in (None, terms.side.value)

    return is_asked_for
