"""The way of one order, step by step, from what the venue keeps anyway; no collector is needed.

Knows the journal, the times of batches and the log of messages; what streams and ledger say is
given to it. A step of which nothing is kept says so: no time is made up. Read-only.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from venue.batch_times import TimesReader
from venue.bus.position_file import read_position_file
from venue.clearing.postings import BOOKED
from venue.data_directory import DataDirectory
from venue.domain.codec import encode
from venue.domain.events import AnyEvent, OrderRejected, TradeExecuted, type_of
from venue.journal.record import Record
from venue.replay.order_search import FoundOrder, matching_records
from venue.settings.session_kinds import GATEWAY_SUFFIX
from venue.tracer.arrivals import search
from venue.tracer.trading_times import Batches, request_in, times_of
from venue.tracing.ids import (
    BATCH,
    FIX_IN,
    GATEWAY,
    JOURNAL,
    LEDGER,
    PUBLISHER,
    REPORT_OUT,
    SINKS,
    Sampling,
)

NOT_KEPT = "not kept"
_NO_ROW = f"{NOT_KEPT}: tracing was off, or the batch is too old"
_EVERY_ORDER = Sampling("", "1")
Said = Mapping[tuple[str, int], tuple[int, str]]
"""By step and event_seq: when, 0 where that is not kept, and who says so or why nobody does."""


class TraceStep(msgspec.Struct, frozen=True):
    """One step. record: the journal's; event_seq 0: it is of the whole record. said_by: where its
    time is kept, or that it is not kept."""

    step: str
    process: str
    record: int
    event_seq: int
    event: str
    at_ns: int | None
    since_us: float | None
    said_by: str


class OwnRecord(msgspec.Struct, frozen=True):
    """A record, and its events that are of the order."""

    record: Record
    events: list[AnyEvent]


def records_of(directory: Path, found: FoundOrder) -> list[OwnRecord]:
    """All records in which something has happened to the order. Raises JournalDamage."""
    name = found.order_id or found.cl_ord_id
    key = b'"order_id":' if found.order_id else b'"cl_ord_id":'
    every = []
    for _, record in matching_records(directory, key + msgspec.json.encode(name)):
        events = [event for event in record.events if _is_own(event, found)]
        if events:
            every.append(OwnRecord(record, events))
    return every


def _is_own(event: AnyEvent, found: FoundOrder) -> bool:
    if found.order_id:
        return int(found.order_id) in _EVERY_ORDER.traced_in(encode(event))
    if not isinstance(event, OrderRejected):
        return False
    return (event.session, event.cl_ord_id) == (found.session, found.cl_ord_id)


def steps_of(
    data_dir: Path, found: FoundOrder, records: Sequence[OwnRecord], said: Said
) -> list[TraceStep]:
    """The steps of all these records, in the order of the way. said: of events, from outside."""
    place = DataDirectory(data_dir)
    reader = TimesReader(place.journal)
    batches = Batches(1 << 20)
    batches.add([*reader.new(), *reader.unsent()])
    positions = {sink: _position(place, sink) for sink in SINKS}
    steps: list[TraceStep] = []
    for own in records:
        steps += _of_record(data_dir, found, own, batches)
        for event in own.events:
            steps += _of_event(own.record.seq, event, positions, said)
    first = next((step.at_ns for step in steps if step.at_ns), None)
    return [_since(step, first) for step in steps]


def _since(step: TraceStep, first_ns: int | None) -> TraceStep:
    if step.at_ns is None or first_ns is None:
        return step
    return msgspec.structs.replace(step, since_us=(step.at_ns - first_ns) / 1000)


def _of_record(
    data_dir: Path, found: FoundOrder, own: OwnRecord, batches: Batches
) -> Iterator[TraceStep]:
    """What trading has done, and before it the gateway."""
    record, command = own.record, own.record.command
    asked = request_in(command, own.events, found.session)
    if asked and found.session == f"{found.member}{GATEWAY_SUFFIX}":
        why = f"{NOT_KEPT}: the gateway tells a collector only"
        yield TraceStep(GATEWAY, "gateway", record.seq, 0, "", None, None, why)
    came_ns = search(data_dir, found.session, asked, record.timestamp_ns) if asked else 0
    times = times_of(record, batches.of(record.seq), came_ns, is_asked=bool(asked))
    named = type(command).__name__ if asked else ""
    if asked:
        why = "the log of messages" if came_ns else f"{NOT_KEPT}: the log has no such line"
        yield _step(FIX_IN, record.seq, named, came_ns, why)
    yield _step(BATCH, record.seq, named, times.taken_ns, "the journal")
    why = "the times of batches"
    yield _step(JOURNAL, record.seq, named, times.disk_ns, why if times.disk_ns else _NO_ROW)
    yield _step(REPORT_OUT, record.seq, named, times.sent_ns, why if times.sent_ns else _NO_ROW)


def _step(step: str, seq: int, named: str, at_ns: int, said_by: str) -> TraceStep:
    return TraceStep(step, "trading", seq, 0, named, at_ns or None, None, said_by)


def _of_event(
    seq: int, event: AnyEvent, positions: Mapping[str, int | None], said: Said
) -> Iterator[TraceStep]:
    """What was done with an event behind the journal."""
    event_seq, named = event.event_seq, type_of(event)
    for step in (PUBLISHER, *SINKS):
        at_ns, why = said.get((step, event_seq), (0, ""))
        if not why:
            why = _how_far(positions.get(step), event_seq)
        yield TraceStep(step, step, seq, event_seq, named, at_ns or None, None, why)
        if step == "clearing" and named in BOOKED:
            _, why = said.get((LEDGER, event_seq), (0, f"{NOT_KEPT}: the ledger was not asked"))
            yield TraceStep(LEDGER, "clearing", seq, event_seq, named, None, None, why)


def _how_far(position: int | None, event_seq: int) -> str:
    """What a sink's position says of an event: that it was done, never when."""
    if position is None:
        return f"{NOT_KEPT}: its position is not here"
    if position < event_seq:
        return f"not done yet: its position is event {position}"
    return f"done; when is {NOT_KEPT}"


def _position(place: DataDirectory, sink: str) -> int | None:
    shown = read_position_file(place.position(sink))
    return None if shown is None else shown.event_seq


def is_public_trade(event: AnyEvent) -> bool:
    """Whether market data publishes it as a trade."""
    return isinstance(event, TradeExecuted)
