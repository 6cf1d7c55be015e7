"""Going through many orders a little at a time, so that nobody waits for a long answer.

Knows orders only; ends none and answers nothing. Where a slice ends follows from the state alone.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from venue.engine.state.members import Session
from venue.engine.state.orders import Order

SLICE = 64
"""Most orders one command may end, and one answer may tell of: about 3 ms with their reports."""
LOOKS = 512
"""Most orders looked at for them: about as much work."""

MOST_EVENTS = 512
"""Of one command, before what it has set off goes on in the next."""

SECURITY, ALL = "1", "7"
"""Kinds of a mass cancel (530) and a mass status request (585) that are offered."""
Wanted = Callable[[Order], bool]


class Slice(NamedTuple):
    """orders: those that are meant. last: the last one looked at, where more are to come."""

    orders: list[Order]
    last: Order | None


def next_slice(orders: Iterable[Order], is_wanted: Wanted) -> Slice:
    """The next ones that are wanted; never one of the last slice without any behind it."""
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
    """Open orders of these sessions ahead of OrderID `before`: session by session, as entered.

    From behind `after` of `session` on; from the first on where that is none of them.
    """
    listed = list(sessions)
    begin = next((place for place, each in enumerate(listed) if each.name == session), -1)
    for place in range(max(begin, 0), len(listed)):
        yield from listed[place].open_orders.between(after if place == begin else 0, before)


def asked_for(request_type: str, symbol: str | None, side: str | None) -> Wanted:
    """What a mass cancel or a mass status request is about."""

    def is_asked_for(order: Order) -> bool:
        terms = order.terms
        return (request_type == ALL or terms.symbol == symbol) and side in (None, terms.side.value)

    return is_asked_for
