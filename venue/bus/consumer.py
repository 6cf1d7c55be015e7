"""Consumes the venue's events exactly once: the next event_seq or nothing.

May know the stream and, where there is one, the journal. The position belongs to the consumer's own
store. An event is done when `apply` has returned, not before; no event is ever skipped.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog
from nats.errors import Error as NatsError

from venue.bus.agreement import (
    JournalNotShown,
    SinkDisagrees,
    StreamDisagrees,
    ensure_agreement,
    ensure_in_journal,
    ensure_in_stream,
)
from venue.bus.connection import Backoff, Connection, connected
from venue.bus.event_pull import EventPull, Pulled, PullEnded
from venue.bus.halts import (
    ConsumerHalted,
    EventsLost,
    EventsMissing,
    PoisonEvent,
    PositionMoved,
    StoreAway,
)
from venue.bus.journal_check import JournalCheck
from venue.bus.parking import Parking
from venue.bus.position_file import Position, ShownPosition, digest_of
from venue.bus.stream import Disagreement, StreamEnd, payload_at, stream_end
from venue.bus.subjects import STREAM
from venue.domain.codec import decode_event
from venue.domain.events import AnyEvent
from venue.journal.reader import EventPruned, JournalReader

BATCH = 500
GATHER_SECONDS = 0.02
AWAY_FAILURES_MAX = 8
"""A store may be away this often in a row, some seconds each, before the consumer halts."""

_log = structlog.get_logger()


class Delivered(NamedTuple):
    """One event as a consumer gets it; payload is what the journal holds."""

    event_seq: int
    event: AnyEvent
    payload: bytes


Apply = Callable[[Sequence[Delivered], Position], Awaitable[None]]
"""Gets events, and the position of the last one, which it stores together with their effect."""

_PASSING = (OSError, NatsError, PullEnded, EventsMissing, JournalNotShown)
"""Failures that end by themselves. Any other one is parked; it is tried again all the same."""


class EventConsumer:
    """Feeds `apply` with every event after `position`, once, in order, at most BATCH at a time.

    `apply` stores effect and position together before it returns; or it raises, and has stored
    nothing. What it raises decides: StoreAway, OSError, NatsError: the same events again after a
    pause. PositionMoved: go on behind another event. ConsumerHalted: the store is damaged. Any
    other exception: the event is poison.
    The last two, and a store of another journal, park the consumer until it is started again. A
    stream of another journal parks it until the stream is replaced.
    """

    def __init__(
        self,
        *,
        name: str,
        nats_url: str,
        journal_dir: Path | None,
        position: Position,
        apply: Apply,
        parking: Parking | None = None,
        shown: ShownPosition | None = None,
        batch: int = BATCH,
        gather_seconds: float = GATHER_SECONDS,
    ) -> None:
        """gather_seconds: fewer events than a batch are applied once in so long; see EventPull."""
        self._name = name
        self._nats_url = nats_url
        # Where this process has no journal (deployed apart), the stream alone is believed.
        self._journal_dir = journal_dir if journal_dir and journal_dir.is_dir() else None
        self._at = position
        self._check = JournalCheck(self._journal_dir) if self._journal_dir is not None else None
        self._journal = ""
        """Identity of the journal that the events come from; empty while it is not known."""
        self._apply = apply
        self._batch = batch
        self._gather_seconds = gather_seconds
        self._parking = parking or Parking(name, nats_url)
        self._shown = shown or ShownPosition(None)
        self._searched_at: int | None = None
        """Position whose next event was searched from the stream's first message on."""
        self._store_name = f"the store of {name}"
        self._log = _log.bind(consumer=name)
        self.halted_by: ConsumerHalted | None = None

    @property
    def position(self) -> int:
        """event_seq of the last event applied."""
        return self._at.event_seq

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop` is set, through every failure of NATS. A halt waits for `stop`."""
        backoff = Backoff()
        showing = asyncio.create_task(self._shown.keep_looking(stop))
        while not stop.is_set():
            before = self.position
            try:
                async with connected(self._nats_url, self._name) as connection:
                    await self._consume(connection, stop)
            except ConsumerHalted as halted:
                self.halted_by = halted
                await self._parking.halt(halted.event_seq, str(halted), stop, halted.payload)
            except SinkDisagrees as error:
                self.halted_by = ConsumerHalted(0, str(error))
                await self._parking.halt(0, str(error), stop, ahead=error.ahead)
            except PositionMoved as moved:
                self._log.warning("position_moved", before=before, now=moved.position.event_seq)
                self._at = moved.position
            except _PASSING as error:
                why = str(error) or repr(error)
                self._log.warning("consuming_interrupted", error=why, position=self.position)
            except Exception as error:
                ahead = error.ahead if isinstance(error, Disagreement) else 0
                self._parking.park(0, str(error) or repr(error), stop, ahead=ahead)
            if self.position != before:
                backoff.reset()
            await backoff.pause(stop)
        if self._check is not None:
            self._check.close()
        await showing
        await self._parking.close()

    async def _consume(self, connection: Connection, stop: asyncio.Event) -> None:
        start = await self._start_sequence(connection)
        self._parking.passed(self.position)
        self._log.info("consuming", after_event=self.position, from_stream_sequence=start)
        pull = EventPull(connection, self._name, start, gather_seconds=self._gather_seconds)
        async with pull:
            watcher = asyncio.create_task(stop.wait())
            watcher.add_done_callback(lambda _: pull.interrupt())
            try:
                while not stop.is_set():
                    await self._take(await pull.next(self._batch), stop)
            finally:
                watcher.cancel()

    async def _start_sequence(self, connection: Connection) -> int:
        """Stream sequence of the event after our position.

        The stream has no holes, so the event lies as far before its end as the event_seq does. If
        that is wrong, the event_seq found there shows it; then begin at the first message.
        """
        end = await stream_end(connection.client.jetstream())
        if end is None:
            raise EventsMissing(f"there is no stream {STREAM} yet")
        if self._journal_dir is None:
            await self._compare_with_stream(connection, end)
        else:
            self._compare_with_journal(self._journal_dir, end)
        if end.event_seq <= self.position:
            return end.last_sequence + 1
        if self._searched_at == self.position:
            return end.first_sequence
        return max(end.first_sequence, end.last_sequence - (end.event_seq - self.position - 1))

    def _compare_with_journal(self, journal_dir: Path, end: StreamEnd) -> None:
        """Refuse a stream of another venue, and a store that has another venue's events."""
        reader = JournalReader(journal_dir)
        try:
            ensure_in_journal(self._at, reader, self._store_name)
            ensure_agreement(end, reader)
            self._journal = reader.identity()
        finally:
            reader.close()

    async def _compare_with_stream(self, connection: Connection, end: StreamEnd) -> None:
        """The same without a journal: the stream is believed, and the store compared with it."""
        sequence = end.last_sequence - (end.event_seq - self.position)
        there = None
        if end.first_sequence <= sequence <= end.last_sequence and self.position:
            there = await payload_at(connection.client.jetstream(), sequence, self.position)
        ensure_in_stream(self._at, end.owner, there, self._store_name)
        self._journal = end.owner

    async def _take(self, messages: Sequence[Pulled], stop: asyncio.Event) -> None:
        """Apply what is next, drop what is a repeat, fill what is missing from the journal.

        Raises StreamDisagrees in front of an event that is not the journal's.
        """
        ready: list[Delivered] = []
        for message in messages:
            event_seq = message.number
            following = self.position + len(ready) + 1
            if event_seq is None or event_seq < following:
                if event_seq is None:
                    self._log.error("foreign_message", subject=message.subject.decode())
                continue
            if event_seq > following:
                await self._store(ready, stop)
                ready = []
                await self._fill(event_seq, stop)
                if stop.is_set():
                    return
            try:
                if self._check is not None:
                    self._check.ensure(event_seq, message.data)
                ready.append(_decode(event_seq, message.data))
            except (PoisonEvent, StreamDisagrees, JournalNotShown):
                await self._store(ready, stop)
                raise
        await self._store(ready, stop)

    async def _fill(self, event_seq: int, stop: asyncio.Event) -> None:
        """Apply everything before `event_seq` from the journal."""
        first = self.position + 1
        missing = f"events {first} to {event_seq - 1} are missing in stream {STREAM}"
        if self._journal_dir is None:
            # Only every other time from the first message on: that reads the whole stream.
            again = self._searched_at == self.position
            self._searched_at = None if again else self.position
            raise EventsMissing(missing)
        reader = JournalReader(self._journal_dir)
        try:
            reader.seek(first)
            while self.position + 1 < event_seq and not stop.is_set():
                events = reader.read(min(self._batch, event_seq - 1 - self.position))
                if not events:
                    raise EventsMissing(f"event {self.position + 1} is not in the journal yet")
                if self.position + 1 == first:
                    self._log.warning("gap_filled_from_journal", first=first, last=event_seq - 1)
                await self._store([_decode(each.event_seq, each.payload) for each in events], stop)
        except EventPruned as pruned:
            if self._searched_at != self.position:
                self._searched_at = self.position
                raise EventsMissing(f"{missing}, looking from its first message on") from pruned
            raise EventsLost(self.position + 1, f"{missing}; {pruned}") from pruned
        finally:
            reader.close()

    async def _store(self, events: Sequence[Delivered], stop: asyncio.Event) -> None:
        """Apply events and move on. A failure after `stop` leaves them to the next start."""
        backoff, failures = Backoff(), 0
        while events:
            last = events[-1]
            reached = Position(
                last.event_seq, journal=self._journal, digest=digest_of(last.payload)
            )
            try:
                await self._apply(events, reached)
            except (PositionMoved, ConsumerHalted, Disagreement):
                raise
            except (StoreAway, OSError, NatsError) as error:
                self._log.warning(
                    "apply_failed", error=str(error) or repr(error), position=self.position
                )
                if stop.is_set():
                    return
                failures += 1
                if failures == AWAY_FAILURES_MAX:
                    self._parking.park(
                        events[0].event_seq, f"its store is away: {error or repr(error)}", stop
                    )
                await backoff.pause(stop)
            except Exception as error:
                if len(events) == 1:
                    why = str(error) if isinstance(error, ValueError) else repr(error)
                    raise PoisonEvent(last.event_seq, why, last.payload) from error
                for event in events:
                    if self.position == event.event_seq - 1:
                        await self._store([event], stop)
                return
            else:
                self._at = reached
                self._shown.show(reached)
                self._parking.passed(self.position)
                return


def _decode(event_seq: int, payload: bytes) -> Delivered:
    try:
        event = decode_event(payload)
    except msgspec.MsgspecError as error:
        raise PoisonEvent(event_seq, f"cannot be decoded: {error}", payload) from error
    if event.event_seq != event_seq:
        raise PoisonEvent(event_seq, f"its payload says event_seq {event.event_seq}", payload)
    return Delivered(event_seq, event, payload)
