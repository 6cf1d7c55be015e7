"""Makes the spans of trading: of each record in which something happens to a traced order.

Follows the journal as it is written, the times of its batches and the log of messages, and keeps no
position: a start begins with the last seconds. What it gives again has the same ids.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from venue.batch_times import ROWS, TimesReader
from venue.data_directory import DataDirectory
from venue.domain.codec import encode
from venue.domain.events import AnyEvent, CancelRejected, OrderRejected, type_of
from venue.journal.contents import batch_of
from venue.journal.durable import read_position
from venue.journal.places import place_of_record
from venue.journal.record import Record
from venue.journal.segment import JournalPosition, PlacedFrame
from venue.replay.order_search import orders_of
from venue.replay.replay import durable_frames
from venue.settings.session_kinds import GATEWAY_SUFFIX
from venue.tracer.arrivals import Arrivals
from venue.tracer.trading_times import (
    Batches,
    TradingTimes,
    batch_in,
    begins_order,
    request_in,
    times_of,
)
from venue.tracing.ids import BATCH, FIX_IN, GATEWAY, JOURNAL, ORDER, REPORT_OUT, Sampling
from venue.tracing.spans import Span, Spans

PROCESS = "trading"
RECENT_NS = 30_000_000_000
PATIENCE_SECONDS = 2.0
"""How long a record waits for its line in the log and for the time of its reports."""
MOST_WAITING = 10_000
"""Records that wait at a time; where there are more, none waits any longer."""
_REFUSED = b'"OrderRejected"'


class _Waiting(NamedTuple):
    """A record, and those of its events that are of one traced order."""

    record: Record
    number: int
    events: list[AnyEvent]
    until: float

    @property
    def named(self) -> tuple[str, str, str]:
        """Session, member and ClOrdID of the order."""
        for event in self.events:
            for order in orders_of(event):
                if order.terms.order_id == str(self.number):
                    return order.terms.session, order.terms.member, order.cl_ord_id
            if isinstance(event, OrderRejected | CancelRejected):
                return event.session, event.member, event.cl_ord_id
        return "", "", ""

    @property
    def request(self) -> str:
        """See `request_in`."""
        return request_in(self.record.command, self.events, self.named[0])


class TradingSpans:
    """has_gateway: orders over sessions of the gateway are parts of its requests."""

    def __init__(
        self,
        spans: Spans,
        data_dir: Path,
        *,
        has_gateway: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spans = spans
        self._journal = DataDirectory(data_dir).journal
        self._has_gateway = has_gateway
        self._monotonic = monotonic
        self._arrivals = Arrivals(data_dir)
        self._reader = TimesReader(self._journal)
        self._batches = Batches(ROWS)
        self._position: JournalPosition | None = None
        self._first_seq = 1
        self._waiting: deque[_Waiting] = deque()

    def turn(self) -> None:
        """Take what has been written since, and give the spans of what is known by now.

        Raises JournalDamage.
        """
        if self._position is None:
            self._begin()
        if self._position is None:
            return
        sampling = self._spans.sampling()
        for frame in durable_frames(self._journal, self._position):
            self._position = frame.after
            self._take(frame, sampling)
            if len(self._waiting) >= MOST_WAITING:
                break
        self._arrivals.read_on()
        self._batches.add(self._reader.new())
        self._give(sampling)

    def close(self) -> None:
        """End. What waits is given as it is known."""
        self._give(self._spans.sampling(), is_last=True)
        self._arrivals.close()

    def _begin(self) -> None:
        """Behind what is durable now, but for the batches of the last seconds."""
        durable_seq = read_position(self._journal).seq
        if not durable_seq:
            return  # trading has not shown yet how far the journal can be believed
        oldest = time.time_ns() - RECENT_NS
        self._batches.add(self._reader.new())
        recent = self._batches.since(oldest)
        self._first_seq = recent.first_seq if recent is not None else durable_seq + 1
        self._position = place_of_record(self._journal, self._first_seq)

    def _take(self, frame: PlacedFrame, sampling: Sampling) -> None:
        if not (sampling.traced_in(frame.body) or _REFUSED in frame.body):
            return
        until = self._monotonic() + PATIENCE_SECONDS
        for record in batch_of(frame).records:
            if record.seq < self._first_seq:
                continue
            found: dict[int, list[AnyEvent]] = {}
            for event in record.events:
                for number in sampling.traced_in(encode(event)):
                    found.setdefault(number, []).append(event)
            for number, events in found.items():
                self._waiting.append(_Waiting(record, number, events, until))

    def _give(self, sampling: Sampling, *, is_last: bool = False) -> None:
        now = self._monotonic()
        is_last = is_last or len(self._waiting) >= MOST_WAITING
        while self._waiting:
            first = self._waiting[0]
            is_late = is_last or now >= first.until
            batch = self._batches.of(first.record.seq)
            if batch is None and is_late:
                batch = batch_in(self._reader.unsent(), first.record.seq)
            asked, session = first.request, first.named[0]
            taken_ns = first.record.timestamp_ns
            came_ns = self._arrivals.came_ns(session, asked, taken_ns) if asked else 0
            times = times_of(first.record, batch, came_ns, is_asked=bool(asked))
            is_known = times.sent_ns and (came_ns or not asked)
            if not is_known and not is_late:
                return
            self._waiting.popleft()
            for span in self._spans_of(first, times, sampling):
                self._spans.put(span)

    def _spans_of(
        self, waiting: _Waiting, times: TradingTimes, sampling: Sampling
    ) -> Iterator[Span]:
        """Where the order begins, its root too; each step from where the one before ends."""
        record, number, events, _ = waiting
        trace_id, root = sampling.trace_id(number), sampling.root_id(number)
        about: dict[str, str | int] = {
            "venue.seq": record.seq,
            "venue.command": type(record.command).__name__,
            "venue.events": ",".join(type_of(event) for event in events),
        }
        if begins_order(events):
            session, member, cl_ord_id = waiting.named
            parent = 0
            if self._has_gateway and session == f"{member}{GATEWAY_SUFFIX}":
                parent = sampling.span_id(number, GATEWAY)
            named = {"venue.session": session, "venue.cl_ord_id": cl_ord_id}
            order_id = {"venue.order_id": number} if number > 0 else {}
            began, ended = times.first_ns, times.last_ns
            whole = {**about, **named, **order_id}
            yield Span(PROCESS, ORDER, trace_id, root, parent, began, ended, whole)
        came_ns = times.first_ns if times.first_ns != times.taken_ns else 0
        steps = (
            (FIX_IN, came_ns, times.taken_ns),
            (BATCH, times.taken_ns, times.write_ns or times.taken_ns),
            (JOURNAL, times.write_ns, times.disk_ns),
            (REPORT_OUT, times.disk_ns, times.sent_ns),
        )
        for step, began, ended in steps:
            if began and ended:
                own = sampling.span_id(number, step, record.seq)
                yield Span(PROCESS, step, trace_id, own, root, began, ended, about)
