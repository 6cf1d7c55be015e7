"""Does the stream hold what the journal holds? Asked whenever a connection begins, by both ends.

May know both. A stream of another venue, or a journal restored from an older copy, must be noticed
before anything is published behind it or consumed from it.
"""

from collections.abc import Sequence
from typing import Protocol

from venue.dropcopy.stream import StreamEnd
from venue.dropcopy.subjects import STREAM


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
    def durable_event_seq(self) -> int: ...
    def first_event_seq(self) -> int: ...


class StreamDisagrees(Exception):
    """The stream holds what this journal does not: another venue's, or the journal is older."""


def ensure_agreement(end: StreamEnd, source: EventSource) -> None:
    """Raise StreamDisagrees unless the stream's last event is the journal's too, byte for byte.

    Leaves the source at the event after it; at the journal's first one when the stream is empty.
    After a reboot the journal shows its durable position only once trading has started: until then
    this raises too, and the caller tries again.
    """
    durable = source.durable_event_seq()
    if end.event_seq > durable:
        raise StreamDisagrees(
            f"stream {STREAM} is at event {end.event_seq}, the journal at {durable}: waiting; "
            "if the journal is older (restored, or another venue's), wipe the stream"
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
    source.seek(end.event_seq)
    events = source.read(1)
    if not events or events[0].event_seq != end.event_seq or events[0].payload != end.payload:
        raise StreamDisagrees(
            f"event {end.event_seq} of stream {STREAM} is not the journal's: it belongs to "
            "another journal; wipe the stream to have it refilled"
        )
