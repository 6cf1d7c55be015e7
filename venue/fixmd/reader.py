"""One session that reads market data: its subscriptions, and what it gets when it does not keep up.

Updates leave as they come while the client reads. When more waits for it than the bound says, its
updates are conflated: none is queued, trades are kept, and once it has read, each of its books that
has changed comes whole, behind its trades. Who is slow for long is logged out.
"""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

import structlog

from venue.domain.outgoing import Outgoing
from venue.fixmd.entries import NOTHING, Entries
from venue.fixmd.view import Changes, View
from venue.marketdata.followed_book import FollowedBook

SLOW_READER = "SLOW_READER"
_log = structlog.get_logger("fix")


class Edge(Protocol):
    """venue.fixdata.edge's DataEdge."""

    def put(self, message: Outgoing, *, again: bool = False, noted: bool = True) -> int:
        """Number a message and queue it."""

    def unread_bytes(self, session: str) -> int:
        """Bytes in the session's queue."""

    def end(self, session: str, text: str) -> None:
        """Log a session out with a reason."""


class Bounds(NamedTuple):
    """Bytes in a session's queue at which its updates are conflated, and at which it is logged out.

    slow_seconds: how long it may be conflated. subscriptions: how many it may have.
    """

    conflate_bytes: int
    most_bytes: int
    slow_seconds: float
    subscriptions: int


class Subscription:
    """A symbol of a request. route: header fields of its messages.

    missed: updates since it was conflated; trades: those among them.
    """

    __slots__ = ("missed", "request_id", "route", "session", "symbol", "trades", "view")

    def __init__(self, session: str, request_id: str, symbol: str, view: View, route: str) -> None:
        self.session = session
        self.request_id = request_id
        self.symbol = symbol
        self.view = view
        self.route = route
        self.missed = 0
        self.trades: list[Entries] = []


class Reader:
    """book_of: the book of a symbol. monotonic: seconds."""

    def __init__(
        self,
        session: str,
        edge: Edge,
        bounds: Bounds,
        book_of: Callable[[str], FollowedBook],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._edge = edge
        self._bounds = bounds
        self._book_of = book_of
        self._monotonic = monotonic
        self._requests: dict[str, list[Subscription]] = {}
        self._behind: dict[Subscription, None] = {}
        self._kept_bytes = 0
        self._slow_since: float | None = None
        self._ended = False

    # --- subscriptions

    def has(self, request_id: str) -> bool:
        """Whether a request of this MDReqID(262) is subscribed."""
        return request_id in self._requests

    def has_room(self, more: int) -> bool:
        """Whether it may have so many more subscriptions."""
        return self.count + more <= self._bounds.subscriptions

    @property
    def count(self) -> int:
        """Its subscriptions, one for each symbol of a request."""
        return sum(map(len, self._requests.values()))

    def add(self, request_id: str, subscriptions: list[Subscription]) -> None:
        """Subscribe."""
        self._requests[request_id] = subscriptions

    def remove(self, request_id: str) -> list[Subscription]:
        """End the subscriptions of a request."""
        removed = self._requests.pop(request_id)
        for each in removed:
            self._behind.pop(each, None)
        return removed

    def __iter__(self) -> Iterator[Subscription]:
        return (each for request in self._requests.values() for each in request)

    # --- what it is sent

    @property
    def is_conflated(self) -> bool:
        """Whether its updates wait until it has read."""
        return self._slow_since is not None

    def whole(self, subscription: Subscription, text: str = "", queue: str = "") -> None:
        """Send the whole of a book that is subscribed, or asked for once. text: Text(58)."""
        view, symbol = subscription.view, subscription.symbol
        book = self._book_of(symbol)
        entries = view.snapshot(book, text)
        self._put(
            subscription,
            f"35=W\x01262={subscription.request_id}\x0155={symbol}\x01268={entries.number}\x01"
            f"{entries.text}{queue}{view.tail(book)}",
        )

    def begin_anew(self, subscription: Subscription) -> None:
        """The book of a subscription has begun anew: send all of it."""
        if self._is_behind():
            self._miss(subscription, NOTHING, 1)
        else:
            self.whole(subscription, "REFRESHED")

    def update(self, subscription: Subscription, book: FollowedBook, changes: Changes) -> None:
        """Send what has changed of a subscription, or keep it for later."""
        if self._is_behind():
            self._miss(subscription, changes.trades, changes.updates)
        elif not subscription.view.look.incremental:
            self.whole(subscription)
        else:
            self._changes(subscription, book, changes.entries)

    def look(self) -> None:
        """Send what was kept, if the client has read; end the session if it does not read."""
        if self._slow_since is None or self._ended:
            return
        unread = self._edge.unread_bytes(self._session)
        if unread <= self._bounds.conflate_bytes // 4:
            self._catch_up()
            return
        seconds = self._monotonic() - self._slow_since
        if seconds > self._bounds.slow_seconds or self._kept_bytes > self._bounds.most_bytes:
            self.end(unread)

    def end(self, unread: int) -> None:
        """Log it out, for it does not read."""
        self._ended = True
        why = f"{SLOW_READER} {unread} bytes are not read: subscribe to less, or read faster"
        _log.warning("session ended: it reads too slowly", session=self._session, bytes=unread)
        self._edge.end(self._session, why)

    def check_queue(self) -> bool:
        """Whether it may ask for more; else it was logged out, for it reads no answers."""
        if self._ended:
            return False
        unread = self._edge.unread_bytes(self._session)
        if unread > self._bounds.most_bytes:
            self.end(unread)
        return not self._ended

    def _is_behind(self) -> bool:
        """Whether updates wait; they begin to when too much is in the queue."""
        if self._slow_since is None:
            if self._edge.unread_bytes(self._session) <= self._bounds.conflate_bytes:
                return False
            self._slow_since = self._monotonic()
            _log.info("updates are conflated: it reads slowly", session=self._session)
        return True

    def _miss(self, subscription: Subscription, trades: Entries, updates: int) -> None:
        if self._ended:
            return
        subscription.missed += updates
        self._behind[subscription] = None
        if trades.number and subscription.view.look.incremental:
            subscription.trades.append(trades)
            self._kept_bytes += len(trades.text)

    def _catch_up(self) -> None:
        """Send what was kept of as many subscriptions as the queue has room for."""
        while self._behind:
            if self._edge.unread_bytes(self._session) > self._bounds.conflate_bytes:
                return
            subscription = next(iter(self._behind))
            del self._behind[subscription]
            missed, subscription.missed = subscription.missed, 0
            trades, subscription.trades = subscription.trades, []
            for each in trades:
                self._kept_bytes -= len(each.text)
                self._changes(subscription, self._book_of(subscription.symbol), each, tail=False)
            self.whole(subscription, f"CONFLATED={missed}", f"813={missed}\x01814=2\x01")
        self._slow_since, self._kept_bytes = None, 0

    def _changes(
        self, subscription: Subscription, book: FollowedBook, entries: Entries, *, tail: bool = True
    ) -> None:
        """tail: the entries lead to the book as it is now, so that its checksum can be said."""
        if entries.number:
            behind = subscription.view.tail(book) if tail else ""
            self._put(
                subscription,
                f"35=X\x01262={subscription.request_id}\x01268={entries.number}\x01"
                f"{entries.text}{behind}",
            )

    def _put(self, subscription: Subscription, text: str) -> None:
        message = Outgoing(self._session, text, subscription.route)
        self._edge.put(message, noted=False)


__all__ = ["Bounds", "Edge", "Reader", "Subscription"]
