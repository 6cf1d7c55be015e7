"""The core of market data over FIX: takes requests, and sends what has changed of the books.

Decides who is sent what; never keeps a book of its own: those that it is given are followed.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from venue.admin.answers import Connection
from venue.domain.outgoing import Kept, Outgoing
from venue.fix.frame import Frame
from venue.fix.refusals import not_available
from venue.fix.routing import route_of
from venue.fixdata.shown import DataSession
from venue.fixmd.reader import Bounds, Edge, Reader, Subscription
from venue.fixmd.reference import Reference
from venue.fixmd.requests import (
    SUBSCRIBE,
    UNSUBSCRIBE,
    Look,
    RejReason,
    Request,
    RequestRefused,
    market_data_request,
)
from venue.fixmd.view import Changes, View
from venue.marketdata.followed_book import FollowedBook, Update

WAIT_SECONDS = 5.0
"""How long a request waits for books that are being fetched."""
_MOST_WAITING = 5_000
MOST_ENTRIES = 500
"""Entries of one X, or a few more: updates that come together are split behind so many."""


class Books(Protocol):
    """venue.marketdata.followed's FollowedBooks."""

    @property
    def books(self) -> Mapping[str, FollowedBook]:
        """The books by symbol."""

    @property
    def is_complete(self) -> bool:
        """Whether all symbols are known, and the book of each follows the venue's now."""


class CoreEdge(Edge, Protocol):
    """What the core needs of the edge beside what a reader does."""

    def flush(self) -> None:
        """Let what was put leave."""

    def take_again(self, session: str, number: int, frame: Frame) -> None:
        """Have a message given to `received` once more."""


class _Shared:
    """A view, and those who are sent what changes of it. unsent: what they were not sent yet."""

    __slots__ = ("subscribers", "unsent", "view")

    def __init__(self, view: View) -> None:
        self.view = view
        self.subscribers: dict[Subscription, None] = {}
        self.unsent: Changes | None = None


class _Waiting(NamedTuple):
    """A request that came before the books. until: monotonic seconds."""

    session: str
    number: int
    frame: Frame
    until: float


class MarketDataCore:
    """venue_dialect: sessions that are sent RptSeq(83) and BookChecksum(5041).

    soon: calls a function once what has come meanwhile was taken in. So updates that come together
    leave together, in one message for each view and reader, and a busy process has less to send.
    """

    takes = frozenset(("V", "x", "c", "e", "g"))

    def __init__(
        self,
        edge: CoreEdge,
        books: Books,
        bounds: Bounds,
        venue_dialect: Callable[[], frozenset[str]],
        soon: Callable[[Callable[[], None]], object],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._edge = edge
        self._soon = soon
        self._unsent: dict[_Shared, FollowedBook] = {}
        self._books = books
        self._bounds = bounds
        self._venue_dialect = venue_dialect
        self._monotonic = monotonic
        self._reference = Reference(edge, books.books)
        self._readers: dict[str, Reader] = {}
        self._views: dict[str, dict[tuple[Look, bool], _Shared]] = {}
        self._waiting: deque[_Waiting] = deque()

    # --- see fixdata.core.DataCore

    def received(self, session: str, number: int, frame: Frame) -> None:
        """Answer a request; it waits a little while books are being fetched. Raises DecodeError."""
        reader = self._readers[session]
        if not reader.check_queue():
            return
        self._send()  # what is sent whole now includes what has changed so far
        if not self._books.is_complete:
            self._wait(session, number, frame)
        elif frame.msg_type == "V":
            self._market_data(reader, session, frame)
        else:
            self._reference.received(session, frame)
        self._edge.flush()

    def logged_on(self, session: str, *, reset: bool) -> None:
        """A session begins without subscriptions."""
        self.logged_out(session)
        self._readers[session] = Reader(
            session, self._edge, self._bounds, self._book_of, self._monotonic
        )

    def logged_out(self, session: str) -> None:
        """Subscriptions end with their connection."""
        reader = self._readers.pop(session, None)
        for subscription in reader or ():
            self._leave(subscription)
        self._reference.forget(session)
        self._waiting = deque(each for each in self._waiting if each.session != session)

    def forget_numbers(self, session: str) -> None:
        """Nothing is kept by number."""

    def send_owed(self, session: str) -> bool:
        """Nothing is owed: what was missed is in the next snapshot."""
        return False

    def messages_between(
        self, session: str, begin: int, end: int
    ) -> Iterator[tuple[int, Kept] | None]:
        """Nothing is sent again: all numbers are gap-filled, and RptSeq(83) shows a gap."""
        return iter(())

    # --- for the process

    def changed(self, symbol: str, update: Update) -> None:
        """The book of a symbol has changed by this update, or has begun anew."""
        book = self._book_of(symbol)
        shared_views = self._views.get(symbol, {}).values()
        if update.fresh:
            self._begin_anew(shared_views, book)
        else:
            for shared in shared_views:
                changes = shared.view.changes(book, update)
                if changes.entries.number:
                    self._keep(shared, book, changes)
        if update.status is not None or update.definition is not None:
            self._reference.changed(
                book, status=update.status is not None, definition=update.definition is not None
            )
            self._edge.flush()

    def tick(self) -> None:
        """Answer what has waited, and send readers that were slow what was kept for them."""
        self._send()
        now = self._monotonic()
        is_complete = self._books.is_complete
        while self._waiting and (is_complete or self._waiting[0].until < now):
            session, number, frame, _ = self._waiting.popleft()
            if is_complete:
                self._edge.take_again(session, number, frame)
            else:
                self._refuse_for_now(session, frame)
        for reader in self._readers.values():
            reader.look()
        self._edge.flush()

    def describe(self, session: str, connection: Connection) -> DataSession:
        """A session as `venue status` shows it."""
        reader = self._readers.get(session)
        return DataSession(
            session=session,
            connection=connection,
            subscriptions=0 if reader is None else reader.count,
            conflated=reader is not None and reader.is_conflated,
        )

    # --- its parts

    def _begin_anew(self, shared_views: Iterable[_Shared], book: FollowedBook) -> None:
        """All who look at a symbol are sent its book, which is another one."""
        self._send()
        for shared in shared_views:
            shared.view.begin(book)
            for subscription in shared.subscribers:
                self._readers[subscription.session].begin_anew(subscription)
        self._edge.flush()

    def _keep(self, shared: _Shared, book: FollowedBook, changes: Changes) -> None:
        """Have changes sent soon, behind those that wait already."""
        if not self._unsent:
            self._soon(self._send)
        self._unsent[shared] = book
        shared.unsent = changes if shared.unsent is None else shared.unsent.then(changes)
        if shared.unsent.entries.number > MOST_ENTRIES:
            self._send()

    def _send(self) -> None:
        """Send what has changed of all views to all who look at them."""
        if not self._unsent:
            return
        unsent, self._unsent = self._unsent, {}
        for shared, book in unsent.items():
            changes, shared.unsent = shared.unsent, None
            if changes is not None:
                for subscription in shared.subscribers:
                    self._readers[subscription.session].update(subscription, book, changes)
        self._edge.flush()

    def _market_data(self, reader: Reader, session: str, frame: Frame) -> None:
        try:
            request = market_data_request(frame)
            self._check(reader, request)
        except RequestRefused as refused:
            reason = f"281={refused.reason}\x01" if refused.reason else ""
            text = f"35=Y\x01262={frame.fields['262']}\x01{reason}58={refused.text}\x01"
            self._edge.put(Outgoing(session, text, route_of(frame.fields)))
            return
        if request.way == UNSUBSCRIBE:
            for subscription in reader.remove(request.request_id):
                self._leave(subscription)
            return
        is_full, route = session in self._venue_dialect(), route_of(frame.fields)
        subscriptions = []
        for symbol in request.symbols:
            shared = self._shared(symbol, request.look, is_full=is_full)
            subscription = Subscription(session, request.request_id, symbol, shared.view, route)
            subscriptions.append(subscription)
            if request.way == SUBSCRIBE:
                self._views.setdefault(symbol, {})[request.look, is_full] = shared
                shared.subscribers[subscription] = None
        if request.way == SUBSCRIBE:
            reader.add(request.request_id, subscriptions)
        for subscription in subscriptions:
            reader.whole(subscription)

    def _check(self, reader: Reader, request: Request) -> None:
        """Raise RequestRefused for what is well formed and cannot be done."""
        if request.way == UNSUBSCRIBE:
            if not reader.has(request.request_id):
                raise RequestRefused("", f"UNKNOWN_REQUEST 262={request.request_id}")
            return
        if reader.has(request.request_id):
            text = f"262={request.request_id} is subscribed: end it first, or use another"
            raise RequestRefused(RejReason.DUPLICATE_ID, text)
        if unknown := [name for name in request.symbols if name not in self._books.books]:
            more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
            raise RequestRefused(RejReason.UNKNOWN_SYMBOL, f"55={unknown[0]}{more} is not known")
        if request.way == SUBSCRIBE and not reader.has_room(len(request.symbols)):
            text = f"there may be {self._bounds.subscriptions} subscriptions, {reader.count} are"
            raise RequestRefused(RejReason.BANDWIDTH, text)

    def _shared(self, symbol: str, look: Look, *, is_full: bool) -> _Shared:
        """The view that others have of this already, or a new one."""
        shared = self._views.get(symbol, {}).get((look, is_full))
        return shared or _Shared(View(look, self._book_of(symbol), is_full=is_full))

    def _leave(self, subscription: Subscription) -> None:
        views, view = self._views[subscription.symbol], subscription.view
        key = next(key for key, each in views.items() if each.view is view)
        subscribers = views[key].subscribers
        del subscribers[subscription]
        if not subscribers:
            del views[key]

    def _wait(self, session: str, number: int, frame: Frame) -> None:
        if len(self._waiting) >= _MOST_WAITING:
            self._refuse_for_now(session, frame)
            return
        self._waiting.append(_Waiting(session, number, frame, self._monotonic() + WAIT_SECONDS))

    def _refuse_for_now(self, session: str, frame: Frame) -> None:
        text = "NOT_AVAILABLE the books are being fetched: ask again"
        self._edge.put(Outgoing(session, not_available(frame, text), route_of(frame.fields)))

    def _book_of(self, symbol: str) -> FollowedBook:
        return self._books.books[symbol]


__all__ = ["Books", "CoreEdge", "MarketDataCore"]
