"""All listeners behind the FIX edge of drop copies: what they are sent, and where each is on disk.

Knows listeners and the edge's protocol (DataCore); no socket, no settings.
"""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import structlog

from venue.domain.outgoing import Kept
from venue.fix.frame import Frame
from venue.fix.tags import BusinessRejectReason
from venue.fixdc import answers
from venue.fixdc.answering import MOST
from venue.fixdc.answers import Answer, Part
from venue.fixdc.feed import Feed
from venue.fixdc.held import LedgerPositions
from venue.fixdc.listener import ROOM_BYTES, Listener, Terms, Wire
from venue.fixdc.open_orders import OpenOrders
from venue.fixdc.places import Place, Places, read_places, take_rewind, write_places
from venue.fixdc.positions import positions
from venue.fixdc.requests import (
    EXEC_ID_RANGE_REQUEST,
    ExecIDRange,
    OpenOrdersWanted,
    PositionsWanted,
    Request,
    TradesWanted,
    decode,
)
from venue.fixdc.sent_log import SentLog

KEEP_SECONDS = 0.2
"""How often the places are written, if they have changed."""
REWIND_SECONDS = 0.5
_log = structlog.get_logger("dropcopy")


class DropCopies:
    """places: the file of places; sent logs are beside it. journal: its directory, which is shown.

    room_bytes: see Listener. held: tells positions; None: nobody does.
    """

    takes = frozenset((EXEC_ID_RANGE_REQUEST, "AF", "AD", "AN"))

    def __init__(
        self,
        places: Path,
        journal: Path,
        wire: Wire,
        room_bytes: int = ROOM_BYTES,
        held: LedgerPositions | None = None,
    ) -> None:
        places.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = places.parent
        self._file = places
        self._wire = wire
        self._room_bytes = room_bytes
        self._held = held
        self._orders = OpenOrders()
        self._feed = Feed(journal, self._orders.take)
        self._identity = self._feed.identity()
        self._end = self._feed.durable_event_seq() or 0
        begun, first = self._orders.begin(journal, self._end), self._feed.first_event_seq()
        if begun < first - 1:
            _log.error("open_orders_unknown", before_event=first, why="no snapshot has them")
        self._feed.begin_after(max(begun, first - 1))
        while self._feed.poll():  # nobody listens yet
            pass
        self._listeners: dict[str, Listener] = {}
        self._kept = read_places(self._file)
        self._keep_at = self._rewind_at = 0.0
        self._is_unkept = False
        self._failing: set[str] = set()

    def configure(self, terms: Mapping[str, Terms]) -> None:
        """Bring these listeners into force; those that stay are not disturbed."""
        for name in [name for name in self._listeners if name not in terms]:
            self._listeners.pop(name).close()
        for name, its_terms in terms.items():
            if name in self._listeners:
                self._listeners[name].terms = its_terms
            else:
                place = self._place_of(name)
                sent = SentLog(self._directory / f"{name}.sent")
                self._listeners[name] = Listener(
                    name, its_terms, place, sent, self._feed, self._wire, self._room_bytes
                )
                if self._wire.is_on(name):  # it was faster than whoever configures
                    self._listeners[name].logged_on()

    def position_of(self, session: str) -> int | None:
        """The last event whose copies a session was sent."""
        listener = self._listeners.get(session)
        return None if listener is None else listener.passed

    def unread_of(self, session: str) -> int:
        """Copies that a session was sent and has not proven to have read."""
        listener = self._listeners.get(session)
        return 0 if listener is None else listener.place.unread

    def close(self) -> None:
        """Write the places, and close all files."""
        for listener in self._listeners.values():
            listener.logged_out()
        self.keep()
        for listener in self._listeners.values():
            listener.close()
        self._feed.close()

    # --- the loop

    def go_on(self) -> bool:
        """Follow the journal, and send each listener some of what it has to get.

        Returns whether there may be more at once. Raises JournalDamage.
        """
        now = time.monotonic()
        has_more = self._feed.poll()
        for name, listener in self._listeners.items():
            try:
                has_more = listener.go_on(now) or has_more
                self._failing.discard(name)
            except OSError as error:  # the disk does not take the session's numbers: tried again
                if name not in self._failing:
                    _log.error("copies_wait", session=name, error=str(error))
                self._failing.add(name)
        if now >= self._rewind_at:
            self._rewind_at = now + REWIND_SECONDS
            has_more = self._take_rewinds() or has_more
        if now >= self._keep_at:
            self._keep_at = now + KEEP_SECONDS
            self.keep()
        return has_more

    def keep(self, *, durably: bool = False) -> None:
        """Write the places if they have changed. A full disk costs copies that come again."""
        listeners = {name: each.place for name, each in sorted(self._listeners.items())}
        absent = {n: each for n, each in self._kept.listeners.items() if n not in listeners}
        places = Places(self._identity, self._feed.through, {**absent, **listeners})
        if places == self._kept:
            return
        try:
            write_places(self._file, places, durably=durably)
        except OSError as error:
            if not self._is_unkept:
                _log.error("places_not_kept", file=self._file.name, error=str(error))
            self._is_unkept = True
        else:
            self._kept, self._is_unkept = places, False

    # --- see DataCore

    def received(self, session: str, number: int, frame: Frame) -> None:
        """Begin to answer a request."""
        asked, listener = decode(session, frame), self._listeners.get(session)
        if asked is None or listener is None:
            return
        if isinstance(asked, TradesWanted):
            self._trades(listener, asked)
        else:
            self._answer(listener, asked)

    def logged_on(self, session: str, *, reset: bool) -> None:
        """Go on with the session's copies."""
        listener = self._listeners.get(session)
        if listener is None:
            return
        if reset:
            self.forget_numbers(session)
        listener.logged_on()

    def forget_numbers(self, session: str) -> None:
        """Its numbers begin again: no copy has one of the earlier ones any more."""
        listener = self._listeners.get(session)
        if listener is not None:
            self.keep(durably=True)  # what it was told stands there only from now on
            listener.forget_numbers()

    def logged_out(self, session: str) -> None:
        """The session has ended."""
        listener = self._listeners.get(session)
        if listener is not None:
            listener.logged_out()

    def send_owed(self, session: str) -> bool:
        """Nothing: copies are sent by `go_on`."""
        return False

    def tested(self, session: str, test_req_id: str) -> None:
        """The client has answered a TestRequest."""
        listener = self._listeners.get(session)
        if listener is not None:
            listener.tested(test_req_id)

    def messages_between(
        self, session: str, begin: int, end: int
    ) -> Iterator[tuple[int, Kept] | None]:
        """The copies that have these MsgSeqNums."""
        listener = self._listeners.get(session)
        return iter(()) if listener is None else listener.sent_between(begin, end)

    def _answer(
        self, listener: Listener, asked: ExecIDRange | OpenOrdersWanted | PositionsWanted
    ) -> None:
        sources, request = listener.terms.sources, asked.request
        answer: Answer
        if isinstance(asked, OpenOrdersWanted):
            answer = answers.open_orders(asked, self._orders, sources)
        elif isinstance(asked, PositionsWanted):
            answer = positions(asked, self._feed.through, sources, self._held)
        elif not listener.terms.venue_dialect:
            text = "DIALECT_UNSUPPORTED 35=U1 is for sessions of the dialect venue"
            reason = BusinessRejectReason.UNSUPPORTED_MESSAGE_TYPE
            listener.say(answers.refusal(request, reason, text, _id_of(request)))
            return
        else:
            answer = answers.copies_in_range(asked, self._feed, sources)
        if not listener.answering.begin(f"{request.msg_type} {request.number}", answer):
            text = f"THROTTLED {MOST} requests are being answered"
            reason = BusinessRejectReason.OTHER
            listener.say(answers.refusal(request, reason, text, _id_of(request)))

    def _trades(self, listener: Listener, wanted: TradesWanted) -> None:
        name = f"AD {wanted.request_id}"
        refused: Part | None = None
        if wanted.subscription == "2":
            if listener.answering.end(name):
                listener.say(answers.subscription_ended(wanted))
                return
            refused = answers.subscription_refused(wanted, "SUBSCRIPTION_UNKNOWN 568 has none")
        elif wanted.subscription not in ("0", "1"):
            text = f"SUBSCRIPTION_UNSUPPORTED 263={wanted.subscription} is not offered"
            refused = answers.subscription_refused(wanted, text)
        elif listener.answering.has(name):
            refused = answers.subscription_refused(
                wanted, "DUPLICATE_REQUEST 568 is being answered"
            )
        else:
            answer = answers.trades(wanted, self._feed, listener.terms.sources)
            if not listener.answering.begin(name, answer):
                text = f"THROTTLED {MOST} requests are being answered"
                refused = answers.subscription_refused(wanted, text)
        if refused is not None:
            listener.say(refused)

    def _take_rewinds(self) -> bool:
        taken = False
        for name, listener in self._listeners.items():
            event_seq = take_rewind(self._directory, name)
            if event_seq is not None:
                listener.rewind(event_seq)
                self.keep(durably=True)
                _log.warning("listener_set_back", session=name, behind_event=event_seq)
                taken = True
        return taken

    def _place_of(self, name: str) -> Place:
        """Where a listener was; not beyond the journal, which may be an older one."""
        place = self._kept.listeners.get(name, Place())
        if self._kept.journal in ("", self._identity) and place.event_seq <= self._end:
            return place
        _log.warning("listener_of_another_journal", session=name, event=place.event_seq)
        return Place(min(place.event_seq, self._end), place.sent_event_seq)


def _id_of(request: Request) -> str:
    """The ID by which a client knows its request."""
    found = (request.fields.get(tag) for tag in ("21001", "584", "710"))
    return next(filter(None, found), "")


__all__ = ["DropCopies"]
