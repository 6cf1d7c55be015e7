"""A journal in memory, with the publisher's cursor on it: an EventSource without a disk."""

from collections.abc import Sequence

from venue.domain.codec import encode
from venue.domain.events import AnyEvent, symbol_of, type_of
from venue.journal.reader import JournaledEvent


def journaled(event: AnyEvent) -> JournaledEvent:
    return JournaledEvent(event.event_seq, type_of(event), symbol_of(event), encode(event))


class ListJournal:
    """`durable` may be moved behind the end: what lies after it must never be read.

    None: nobody shows how far it is. `first` may be moved forward: what lies before it was pruned.
    """

    def __init__(self, events: Sequence[AnyEvent], journal: str = "") -> None:
        """journal: its identity; without one it is as a journal of an older version."""
        self.journal = journal
        self.events = [journaled(event) for event in events]
        self.durable: int | None = len(self.events)
        self.first = 1
        self.next = 1

    def seek(self, event_seq: int) -> None:
        self.next = event_seq

    def read(self, limit: int) -> list[JournaledEvent]:
        first = self.next - 1
        events = self.events[first : min(first + limit, self.durable or 0)]
        self.next += len(events)
        return events

    def first_event_seq(self) -> int:
        return self.first

    def durable_event_seq(self) -> int | None:
        return self.durable

    def identity(self) -> str:
        return self.journal
