"""Checks that a stream, a sink and the journal have the same history, whenever a connection begins.

May know all three. A stream or sink of another venue, or a journal restored from an older copy, has
to be noticed before anything is published behind it or taken from it.
"""

from collections.abc import Sequence
from typing import Protocol

from venue.bus.position_file import Position, digest_of
from venue.bus.stream import Disagreement, StreamEnd
from venue.bus.subjects import STREAM


class PublishableEvent(Protocol):
    """What the publisher needs of an event; payload is sent unchanged."""

    @property
    def event_seq(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def symbol(self) -> str: ...
    @property
    def payload(self) -> bytes: ...


class EventSource(Protocol):
    """Cursor over durable events, in order, without gaps: venue.journal.reader.JournalReader."""

    def seek(self, event_seq: int) -> None: ...
    def read(self, limit: int) -> Sequence[PublishableEvent]: ...
    def durable_event_seq(self) -> int | None: ...
    def first_event_seq(self) -> int: ...
    def identity(self) -> str: ...


class StreamDisagrees(Disagreement):
    """A stream has events that this journal does not: it is another's, or the journal is older."""


class SinkDisagrees(Disagreement):
    """A sink has done events that are not in this journal."""


class JournalNotShown(Exception):
    """It is not known how far the journal is on disk: trading does not run, or its position file
    is gone. Nothing can be compared with the journal until then."""

    def __init__(self) -> None:
        super().__init__(
            "how far the journal is on disk is not shown: trading has not started, or its "
            "position file was removed"
        )


def ensure_owner(owner: str, journal: str, stream: str = STREAM) -> None:
    """Raise StreamDisagrees where a stream names another journal as its owner."""
    if owner and journal and owner != journal:
        raise StreamDisagrees(
            f"stream {stream} belongs to journal {owner}, this is {journal}: two venues cannot "
            "share it; use another NATS, or wipe the stream if that journal is no more"
        )


def ensure_agreement(end: StreamEnd, source: EventSource) -> None:
    """Raise StreamDisagrees unless the stream's last event is the journal's too, byte for byte.

    The source is then at the event after it, or at the journal's first one if the stream is empty.
    Raises JournalNotShown.
    """
    journal = source.identity()
    ensure_owner(end.owner, journal)
    ahead = end.event_seq if journal and end.owner == journal else 0
    durable = source.durable_event_seq()
    if durable is None:
        raise JournalNotShown
    if end.event_seq > durable:
        raise StreamDisagrees(
            f"stream {STREAM} ends with event {end.event_seq}, which is not in the journal: the "
            "journal is older (restored, or it has lost its end), or another venue's; what it "
            "lacks was given away",
            ahead=ahead,
        )
    first = source.first_event_seq()
    if end.event_seq == 0:
        source.seek(first)
        return
    if end.event_seq < first:
        raise StreamDisagrees(
            f"stream {STREAM} ends at event {end.event_seq}, the journal begins with {first}: what "
            "lies between is lost; wipe the stream to have it begin where the journal does"
        )
    payload = _payload(source, end.event_seq)
    if payload != end.payload:
        raise StreamDisagrees(
            f"event {end.event_seq} of stream {STREAM} is not the journal's: it belongs to "
            "another journal; wipe the stream to have it refilled",
            ahead=ahead,
        )


def ensure_in_journal(position: Position, source: EventSource, what: str) -> None:
    """Raise SinkDisagrees if the last event of a sink is known not to be the journal's.

    what: name of the sink's store. Moves the source. Raises JournalNotShown.
    """
    if position.event_seq == 0:
        return
    journal = source.identity()
    if position.journal and journal and position.journal != journal:
        raise SinkDisagrees(
            f"{what} is of journal {position.journal}, this is {journal}: two are not mixed"
        )
    ahead = position.event_seq if journal and position.journal == journal else 0
    durable = source.durable_event_seq()
    if durable is None:
        raise JournalNotShown
    if position.event_seq > durable:
        raise SinkDisagrees(
            f"{what} has event {position.event_seq}, which is not in the journal: the journal is "
            "older (restored, or it has lost its end), or another venue's",
            ahead=ahead,
        )
    if not position.digest or position.event_seq < source.first_event_seq():
        return
    if digest_of(_payload(source, position.event_seq)) != position.digest:
        raise SinkDisagrees(
            f"{what} has another event {position.event_seq} than the journal: they do not hold the "
            "same history",
            ahead=ahead,
        )


def ensure_in_stream(position: Position, owner: str, payload: bytes | None, what: str) -> None:
    """As `ensure_in_journal`, without a journal. payload: what the stream has at that place.

    None: the stream does not have the event any more. Raises SinkDisagrees.
    """
    if position.journal and owner and position.journal != owner:
        raise SinkDisagrees(
            f"{what} is of journal {position.journal}, stream {STREAM} is of {owner}: two are not "
            "mixed"
        )
    if payload is not None and position.digest and digest_of(payload) != position.digest:
        raise SinkDisagrees(
            f"{what} has another event {position.event_seq} than stream {STREAM}: they do not hold "
            "the same history"
        )


def _payload(source: EventSource, event_seq: int) -> bytes:
    """Bytes of an event that is on disk; empty if the source gives another event."""
    source.seek(event_seq)
    events = source.read(1)
    return events[0].payload if events and events[0].event_seq == event_seq else b""
