"""One session that listens: where it is in the journal, what it has surely read, what comes next.

Sends by the edge; reads the feed; knows of no other listener. A copy counts as read once the client
has answered a TestRequest(1) that left behind it: what its machine has taken, its program need not
have seen. Whatever was not read so comes again at the next logon, by PossResend(97)=Y.
"""

import time
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import structlog

from venue.domain.outgoing import Kept, Outgoing
from venue.fixdc.answering import Answering
from venue.fixdc.answers import Part, on_behalf_of
from venue.fixdc.copies import Copy
from venue.fixdc.feed import Feed, Lookup, Reading
from venue.fixdc.places import Place
from venue.fixdc.sent_log import SentCopy, SentLog
from venue.fixdc.sources import Sources
from venue.journal.reader import EventPruned

ROOM_BYTES = 1 << 20
AT_ONCE = 64
PROOF_SECONDS = 0.5
"""A TestRequest follows the one before no sooner."""
_log = structlog.get_logger("dropcopy")


class Wire(Protocol):
    """What a listener needs of the FIX edge."""

    def put(self, message: Outgoing, *, again: bool = False, sent_ns: int | None = None) -> int:
        """Number a message and queue it. Returns its MsgSeqNum. Raises OSError."""

    def unread_bytes(self, session: str) -> int:
        """Bytes that wait for the client."""

    def is_on(self, session: str) -> bool:
        """Whether the session is logged on and not being ended."""


class Terms(NamedTuple):
    """sources: what the listener is told. venue_dialect: whether it knows spec/FIX44.xml."""

    sources: Sources
    venue_dialect: bool = False


class _Asked(NamedTuple):
    """A TestRequest under way. event_seq: the copies up to it, of this connection, left before."""

    test_req_id: str
    event_seq: int
    copies: int


class Listener:
    """place: where it was. sent: which numbers have carried which copies.

    room_bytes: so much may wait for the client; the rest waits in the journal.
    """

    def __init__(
        self,
        session: str,
        terms: Terms,
        place: Place,
        sent: SentLog,
        feed: Feed,
        wire: Wire,
        room_bytes: int = ROOM_BYTES,
    ) -> None:
        self.session = session
        self.terms = terms
        self.answering = Answering(self.say)
        self._feed = feed
        self._wire = wire
        self._room_bytes = room_bytes
        self._sent = sent
        self._proven = place.event_seq
        self._sent_event_seq = max(place.sent_event_seq, sent.highest_event_seq())
        self._told_before = self._sent_event_seq
        self._lost_through = place.lost_through
        self._reading = Reading(feed, self._proven)
        self._waiting: deque[Copy] = deque()
        self._unread = 0
        self._asked: _Asked | None = None
        self._asks = 0
        self._ask_at = 0.0
        self._is_on = self._is_unnoted = False

    @property
    def place(self) -> Place:
        """Where it is now."""
        waits = self._is_on and self._wire.unread_bytes(self.session) >= self._room_bytes
        sources = self.terms.sources
        return Place(
            event_seq=self._proven,
            sent_event_seq=self._sent_event_seq,
            unread=self._unread,
            lost_through=self._lost_through,
            logged_on=self._is_on,
            waits=waits,
            members=tuple(sorted(sources.members)),
            accounts=tuple(sorted(sources.accounts)),
            levels=sources.levels,
        )

    @property
    def passed(self) -> int:
        """The last event of which all copies were sent over this connection, or an earlier one."""
        return self._waiting[0].event_seq - 1 if self._waiting else self._reading.event_seq

    # --- its life

    def logged_on(self) -> None:
        """Go on behind the last copy that was surely read."""
        self._is_on = True
        self._sent.trim()
        self._begin_after(self._proven)

    def forget_numbers(self) -> None:
        """The session's numbers begin again at 1."""
        self._sent.forget()

    def logged_out(self) -> None:
        """What is not proven to be read comes again."""
        self._is_on = False
        self._asked = None
        self.answering.end_all()
        self._reading.close()

    def rewind(self, event_seq: int) -> None:
        """Tell again what lies behind this event. Nothing is ever passed over by it."""
        if event_seq < self._proven:
            self._proven = event_seq
            self._begin_after(event_seq)

    def close(self) -> None:
        """Close its files."""
        self.logged_out()
        self._sent.close()

    # --- what it is sent

    def go_on(self, now: float) -> bool:
        """Send what there is room for: answers, then copies. Returns whether there may be more.

        now: monotonic seconds. Raises OSError where the disk does not take the session's numbers:
        nothing is lost then, and it may be tried again.
        """
        if not self._is_on or not self._wire.is_on(self.session):
            return False
        has_more = False
        if self._wire.unread_bytes(self.session) < self._room_bytes:
            has_more = self.answering.go_on()
            has_more = self._go_on_copying() or has_more
        self._prove(now)
        return has_more

    def say(self, part: Part) -> None:
        """Send a message, or a copy once more. Raises OSError."""
        if part.copy is not None:
            self._tell(part.copy, again=True)
        else:
            self._wire.put(Outgoing(self.session, part.text, part.route))

    def tested(self, test_req_id: str) -> None:
        """The client has answered a TestRequest: it has read all that left before that one."""
        asked = self._asked
        if asked is not None and asked.test_req_id == test_req_id:
            self._asked = None
            self._proven = max(self._proven, asked.event_seq)
            self._unread -= asked.copies

    def sent_between(self, begin: int, end: int) -> Iterator[tuple[int, Kept] | None]:
        """The copies that have these MsgSeqNums; those that the journal has lost are left out."""
        lookup, first = Lookup(self._feed), 0
        try:
            for place, sent in enumerate(self._sent.between(begin, end)):
                if place % AT_ONCE == 0:
                    yield None
                if sent.event_seq < first:
                    continue
                try:
                    copy = lookup.find(sent.event_seq, sent.exec_id)
                except EventPruned as pruned:
                    first = pruned.first_event_seq
                    continue
                if copy is not None:
                    text = copy.text_for(venue_dialect=self.terms.venue_dialect)
                    route = on_behalf_of(copy.session)
                    yield sent.number, Kept(text, sent.sent_ns, route, sent.again)
        finally:
            lookup.close()

    def _begin_after(self, event_seq: int) -> None:
        self._reading.close()
        self._reading = Reading(self._feed, event_seq)
        self._told_before = self._sent_event_seq
        self._waiting.clear()
        self._asked, self._unread, self._ask_at = None, 0, 0.0

    def _go_on_copying(self) -> bool:
        if not self._waiting:
            try:
                copies = self._reading.next(AT_ONCE)
            except EventPruned as pruned:
                self._lose(pruned.first_event_seq - 1)
                return True
            wants = self.terms.sources.wants
            self._waiting.extend(copy for copy in copies if wants(copy))
        while self._waiting:
            copy = self._waiting[0]
            self._tell(copy, again=copy.event_seq <= self._told_before)
            self._unread += 1
            self._waiting.popleft()
        return not self._reading.is_at_the_end

    def _tell(self, copy: Copy, *, again: bool) -> None:
        text = copy.text_for(venue_dialect=self.terms.venue_dialect)
        message = Outgoing(self.session, text, on_behalf_of(copy.session))
        now_ns = time.time_ns()
        number = self._wire.put(message, again=again, sent_ns=now_ns)
        last = self._sent.last
        if last is not None and number <= last.number:
            self.forget_numbers()  # they began again, without a 141=Y of the client's
        self._sent_event_seq = max(self._sent_event_seq, copy.event_seq)
        which = int(copy.exec_id[-1])
        try:  # it is queued only: it leaves when this round is over
            self._sent.note([SentCopy(number, copy.event_seq, now_ns, which, again)])
        except OSError as error:  # a full disk: a resend has a gap there, and the place tells it
            if not self._is_unnoted:
                _log.error("sent_copies_not_noted", session=self.session, error=str(error))
            self._is_unnoted = True
        else:
            self._is_unnoted = False

    def _prove(self, now: float) -> None:
        """Ask the client whether it has read what it was sent."""
        if self._asked is not None:
            return
        if not self._unread:
            self._proven = max(self._proven, self.passed)
        elif now >= self._ask_at:
            self._asks += 1
            test_req_id = f"COPIES-{self._asks}-{time.time_ns()}"
            self._wire.put(Outgoing(self.session, f"35=1\x01112={test_req_id}\x01"))
            self._asked = _Asked(test_req_id, self.passed, self._unread)
            self._ask_at = now + PROOF_SECONDS

    def _lose(self, event_seq: int) -> None:
        """Copies up to this event were removed from the journal before they came here: say so."""
        lost = f"events {self.passed + 1} to {event_seq} are not in the journal any more"
        _log.error("copies_lost", session=self.session, what=lost)
        text = f"35=B\x0133=1\x0158={lost}\x01148=COPIES_LOST {lost}\x01"
        self._wire.put(Outgoing(self.session, text))
        self._lost_through = event_seq
        self._reading.close()
        self._reading = Reading(self._feed, event_seq)


__all__ = ["Listener", "Terms", "Wire"]
