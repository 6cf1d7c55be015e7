"""The events of the stream after a position: the next event_seq or nothing, as the journal has it.

May know the stream and, where there is one, the journal. Keeps no position: whoever reads says
where to begin.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import structlog

from venue.bus.agreement import (
    JournalNotShown,
    StreamDisagrees,
    ensure_agreement,
    ensure_in_journal,
    ensure_in_stream,
)
from venue.bus.connection import Connection, connected
from venue.bus.delivered import Delivered
from venue.bus.event_pull import EventPull, Pulled
from venue.bus.halts import EventsLost, EventsMissing
from venue.bus.journal_check import JournalCheck
from venue.bus.position_file import Position
from venue.bus.seals import MOST_IN_A_WINDOW, SealCheck
from venue.bus.stream import StreamEnd, payload_at, stream_end
from venue.bus.subjects import STREAM
from venue.journal.reader import EventPruned, JournalReader

_log = structlog.get_logger()


class CheckedStream:
    """Opens the stream after any position, again and again."""

    def __init__(
        self, name: str, nats_url: str, journal_dir: Path | None, sealed_by: bytes | None = None
    ) -> None:
        """sealed_by: the publisher's public key, for a process that has no journal."""
        self.name = name
        self._nats_url = nats_url
        # Where this process has no journal (deployed apart), the stream is believed, or its seals.
        self.journal_dir = journal_dir if journal_dir and journal_dir.is_dir() else None
        self.sealed_by = sealed_by if self.journal_dir is None else None
        self.searched_at: int | None = None
        """Position whose next event was searched from the stream's first message on."""

    async def ensure_in_journal(self, at: Position, what: str) -> None:
        """Raise SinkDisagrees if a store's last event is not the journal's, where there is one.

        Raises JournalNotShown.
        """
        if self.journal_dir is None:
            return
        reader = JournalReader(self.journal_dir)
        try:
            await asyncio.to_thread(ensure_in_journal, at, reader, what)
        finally:
            reader.close()

    @asynccontextmanager
    async def after(self, position: int, gather_seconds: float) -> AsyncIterator["CheckedEvents"]:
        """The events after `position`, while the connection lasts.

        gather_seconds: see EventPull. Raises OSError, NatsError, EventsMissing, JournalNotShown,
        StreamDisagrees.
        """
        async with connected(self._nats_url, self.name) as connection:
            end = await stream_end(connection.client.jetstream())
            if end is None:
                raise EventsMissing(f"there is no stream {STREAM} yet")
            journal = end.owner
            if self.journal_dir is not None:
                # in threads here and below: others may share the loop, and a segment is long
                journal = await asyncio.to_thread(self._agreed, end, self.journal_dir)
            start = self._start_sequence(end, position)
            _log.info(
                "pulling", consumer=self.name, after_event=position, from_stream_sequence=start
            )
            pull = EventPull(connection, self.name, start, gather_seconds=gather_seconds)
            with closing(CheckedEvents(self, connection, pull, position, journal)) as events:
                await asyncio.to_thread(events.find_in_journal)
                async with pull:
                    yield events

    def _agreed(self, end: StreamEnd, journal_dir: Path) -> str:
        """Refuse a stream of another venue. The journal's identity."""
        reader = JournalReader(journal_dir)
        try:
            ensure_agreement(end, reader)
            return reader.identity()
        finally:
            reader.close()

    def _start_sequence(self, end: StreamEnd, position: int) -> int:
        """Stream sequence of the event after `position`.

        The stream has no holes, so the event lies as far before its end as the event_seq does. If
        that is wrong, the event_seq found there shows it; then begin at the first message.
        """
        if end.event_seq <= position:
            return end.last_sequence + 1
        if self.searched_at == position:
            return end.first_sequence
        sequence = end.last_sequence - (end.event_seq - position - 1)
        if self.sealed_by is not None:  # the whole window in which the event is
            sequence -= MOST_IN_A_WINDOW - 1
        return max(end.first_sequence, sequence)


class CheckedEvents:
    """Events in order without gaps. journal: whose they are; empty while it is not known."""

    def __init__(
        self,
        stream: CheckedStream,
        connection: Connection,
        pull: EventPull,
        position: int,
        journal: str,
    ) -> None:
        self.journal = journal
        self.position = position
        """Of the last event that was given."""
        self._stream = stream
        self._connection = connection
        self._pull = pull
        self._pulled: deque[Pulled] = deque()
        journal_dir = stream.journal_dir
        self._check = None if journal_dir is None else JournalCheck(journal_dir)
        self._gaps = None if journal_dir is None else JournalReader(journal_dir)
        self.unsealed = 0
        """So many events have waited for their seal through a silence, and wait still."""
        self._seals = None if stream.sealed_by is None else SealCheck(stream.sealed_by)
        self._gaps_at = 0
        self._log = _log.bind(consumer=stream.name)

    async def ensure_in_stream(self, at: Position, what: str) -> None:
        """Raise SinkDisagrees if a store's last event is not the stream's, as far as it is there.

        For whoever has no journal.
        """
        jetstream = self._connection.client.jetstream()
        end = await stream_end(jetstream)
        if end is None:
            raise EventsMissing(f"there is no stream {STREAM} any more")
        sequence = end.last_sequence - (end.event_seq - at.event_seq)
        there = None
        if end.first_sequence <= sequence <= end.last_sequence and at.event_seq:
            there = await payload_at(jetstream, sequence, at.event_seq)
        ensure_in_stream(at, end.owner, there, what)

    def find_in_journal(self) -> None:
        """Find the first event's place there, where there is a journal."""
        if self._check is not None:
            self._check.begin_after(self.position)

    def interrupt(self) -> None:
        """From now on `next` returns at once with the events that it has."""
        self._pull.interrupt()

    async def next(self, limit: int) -> list[Delivered]:
        """At most `limit` next events; perhaps none after some seconds without any.

        What is missing in the stream comes from the journal. Raises PullEnded, EventsMissing,
        EventsLost, JournalNotShown, and StreamDisagrees in front of an event that is not the
        journal's.
        """
        if not self._pulled:
            pulled = await self._pull.next(limit)
            self._pulled += pulled if self._seals is None else self._sealed(self._seals, pulled)
        ready: list[Delivered] = []
        while self._pulled and len(ready) < limit:
            message = self._pulled[0]
            following = self.position + len(ready) + 1
            event_seq = message.number
            if event_seq is None:
                self._log.error("foreign_message", subject=message.subject.decode())
            elif event_seq > following:
                if not ready:
                    ready = self._from_journal(following, event_seq - 1, limit)
                break
            elif event_seq == following:
                try:
                    self._ensure_journaled(event_seq, message.data)
                except (StreamDisagrees, JournalNotShown):
                    if ready:  # first what lies before it
                        break
                    raise
                ready.append(Delivered(event_seq, message.data))
            self._pulled.popleft()
        self.position += len(ready)
        return ready

    def _sealed(self, seals: SealCheck, pulled: list[Pulled]) -> list[Pulled]:
        """What is sealed by now. What waits for a seal through a silence is said, once."""
        sealed = seals.passed(pulled)
        if not pulled and seals.waiting not in (0, self.unsealed):
            self.unsealed = seals.waiting
            self._log.warning("events_without_a_seal", waiting=seals.waiting)
        elif not seals.waiting:
            self.unsealed = 0
        return sealed

    def close(self) -> None:
        """Close the journal's files."""
        if self._check is not None:
            self._check.close()
        if self._gaps is not None:
            self._gaps.close()

    def _ensure_journaled(self, event_seq: int, payload: bytes) -> None:
        if self._check is not None:
            self._check.ensure(event_seq, payload)

    def _from_journal(self, first: int, last: int, limit: int) -> list[Delivered]:
        """Some of the events `first` to `last`, which the stream does not have."""
        missing = f"events {first} to {last} are missing in stream {STREAM}"
        search = self._stream
        if self._gaps is None:
            # Only every other time from the first message on: that reads the whole stream.
            again = search.searched_at == self.position
            search.searched_at = None if again else self.position
            raise EventsMissing(missing)
        try:
            if self._gaps_at != first:
                self._gaps.seek(first)
                self._log.warning("gap_filled_from_journal", first=first, last=last)
            events = self._gaps.read(min(limit, last - first + 1))
        except EventPruned as pruned:
            if search.searched_at != self.position:
                search.searched_at = self.position
                raise EventsMissing(f"{missing}, looking from its first message on") from pruned
            raise EventsLost(first, f"{missing}; {pruned}") from pruned
        if not events:
            raise EventsMissing(f"event {first} is not in the journal yet")
        self._gaps_at = first + len(events)
        return [Delivered(each.event_seq, each.payload) for each in events]
