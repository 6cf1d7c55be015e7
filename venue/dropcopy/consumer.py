"""Consuming the venue's events exactly once: the next event_seq or nothing.

May know the stream and, where there is one, the journal. The position belongs to the consumer's own
store; nothing is taken for done before `apply` has returned, and no event is ever skipped.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from venue.domain.codec import decode_event
from venue.domain.events import AnyEvent
from venue.dropcopy.agreement import ensure_agreement
from venue.dropcopy.connection import Backoff, Connection, connected
from venue.dropcopy.event_pull import EventPull, Pulled
from venue.dropcopy.parking import Parking
from venue.dropcopy.stream import StreamEnd, stream_end
from venue.dropcopy.subjects import STREAM
from venue.journal.reader import EventPruned, JournalReader

BATCH = 500
GATHER_SECONDS = 0.02

_log = structlog.get_logger()


class Delivered(NamedTuple):
    """One event as a consumer gets it; payload is what the journal holds."""

    event_seq: int
    event: AnyEvent
    payload: bytes


class ConsumerHalted(Exception):
    """The consumer cannot go on in front of `event_seq` until somebody has looked.

    `apply` may raise it when its store is damaged; `payload` is the event's bytes, where known.
    """

    def __init__(self, event_seq: int, detail: str, payload: bytes = b"") -> None:
        self.event_seq = event_seq
        self.payload = payload
        super().__init__(detail)


class PoisonEvent(ConsumerHalted):
    """An event that cannot be decoded or applied."""

    def __init__(self, event_seq: int, detail: str, payload: bytes) -> None:
        super().__init__(event_seq, f"event {event_seq}: {detail}", payload)


class EventsLost(ConsumerHalted):
    """The next events are neither in the stream nor in the journal any more."""


class PositionMoved(Exception):
    """Raised by `apply`: its store is at another event than was thought; go on from there."""

    def __init__(self, event_seq: int) -> None:
        self.event_seq = event_seq
        super().__init__(f"the consumer's store is at event {event_seq}")


class EventsMissing(Exception):
    """Events cannot be had from the stream now; they may come."""


Apply = Callable[[Sequence[Delivered]], Awaitable[None]]


class EventConsumer:
    """Feeds `apply` with every event after `position`, once, in order, at most BATCH at a time.

    `apply` stores effect and position together before it returns, or raises and has stored
    nothing. ValueError: the event is poison; ConsumerHalted: the store is damaged; both halt the
    consumer until it is restarted, parked by `parking`. PositionMoved: go on behind another event.
    Anything else: the same again after a pause.
    """

    def __init__(
        self,
        *,
        name: str,
        nats_url: str,
        journal_dir: Path | None,
        position: int,
        apply: Apply,
        parking: Parking | None = None,
        batch: int = BATCH,
        gather_seconds: float = GATHER_SECONDS,
    ) -> None:
        """gather_seconds: less than a batch is applied only once in so long; see EventPull."""
        self._name = name
        self._nats_url = nats_url
        # Where this process has no journal (deployed apart), the stream alone is believed.
        self._journal_dir = journal_dir if journal_dir and journal_dir.is_dir() else None
        self._position = position
        self._apply = apply
        self._batch = batch
        self._gather_seconds = gather_seconds
        self._parking = parking or Parking(name, nats_url)
        self._searched_at: int | None = None
        """Position whose next event was looked for from the stream's first message on."""
        self._log = _log.bind(consumer=name)
        self.halted_by: ConsumerHalted | None = None

    @property
    def position(self) -> int:
        """event_seq of the last event applied."""
        return self._position

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop` is set, through every failure of NATS. Halted, wait for `stop`."""
        backoff = Backoff()
        self._parking.passed(self._position)
        while not stop.is_set():
            before = self._position
            try:
                async with connected(self._nats_url, self._name) as connection:
                    await self._consume(connection, stop)
            except ConsumerHalted as halted:
                self.halted_by = halted
                await self._parking.halt(halted.event_seq, str(halted), stop, halted.payload)
            except PositionMoved as moved:
                self._log.warning("position_moved", before=before, now=moved.event_seq)
                self._position = moved.event_seq
            except Exception as error:  # NATS may fail in any way; the position is unharmed
                self._log.warning(
                    "consuming_interrupted",
                    error=str(error) or repr(error),
                    position=self._position,
                )
            if self._position != before:
                backoff.reset()
            await backoff.pause(stop)

    async def _consume(self, connection: Connection, stop: asyncio.Event) -> None:
        start = await self._start_sequence(connection)
        self._log.info("consuming", after_event=self._position, from_stream_sequence=start)
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

        The publisher leaves no holes: it lies as far before the stream's end as its event_seq does.
        Where that is wrong, the next event's own event_seq says so: begin at the first message.
        """
        end = await stream_end(connection.client.jetstream())
        if end is None:
            raise EventsMissing(f"there is no stream {STREAM} yet")
        self._compare(end)
        if end.event_seq <= self._position:
            return end.last_sequence + 1
        if self._searched_at == self._position:
            return end.first_sequence
        return max(end.first_sequence, end.last_sequence - (end.event_seq - self._position - 1))

    def _compare(self, end: StreamEnd) -> None:
        """Consume nothing of another venue's stream, nor from beyond the journal's end."""
        if self._journal_dir is None:
            return
        reader = JournalReader(self._journal_dir)
        try:
            ensure_agreement(end, reader)
            durable = reader.durable_event_seq()
        finally:
            reader.close()
        if self._position > durable:
            raise EventsMissing(f"at event {self._position}, but the journal ends at {durable}")

    async def _take(self, messages: Sequence[Pulled], stop: asyncio.Event) -> None:
        """Apply what is next, drop what is a repeat, fill what is missing from the journal."""
        ready: list[Delivered] = []
        for message in messages:
            event_seq = message.number
            following = self._position + len(ready) + 1
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
                ready.append(_decode(event_seq, message.data))
            except PoisonEvent:
                await self._store(ready, stop)
                raise
        await self._store(ready, stop)

    async def _fill(self, event_seq: int, stop: asyncio.Event) -> None:
        """Apply everything before `event_seq` from the journal."""
        first = self._position + 1
        missing = f"events {first} to {event_seq - 1} are missing in stream {STREAM}"
        if self._journal_dir is None:
            # From its first message on only every other time: that reads the whole stream.
            again = self._searched_at == self._position
            self._searched_at = None if again else self._position
            raise EventsMissing(missing)
        reader = JournalReader(self._journal_dir)
        try:
            reader.seek(first)
            while self._position + 1 < event_seq and not stop.is_set():
                events = reader.read(min(self._batch, event_seq - 1 - self._position))
                if not events:
                    raise EventsMissing(f"event {self._position + 1} is not in the journal yet")
                if self._position + 1 == first:
                    self._log.warning("gap_filled_from_journal", first=first, last=event_seq - 1)
                await self._store([_decode(each.event_seq, each.payload) for each in events], stop)
        except EventPruned as pruned:
            if self._searched_at != self._position:
                self._searched_at = self._position
                raise EventsMissing(f"{missing}, looking from its first message on") from pruned
            raise EventsLost(self._position + 1, f"{missing}; {pruned}") from pruned
        finally:
            reader.close()

    async def _store(self, events: Sequence[Delivered], stop: asyncio.Event) -> None:
        """Have events applied and move on; a failure after `stop` leaves them to the next start."""
        backoff = Backoff()
        while events:
            try:
                await self._apply(events)
            except (PositionMoved, ConsumerHalted):
                raise
            except ValueError as error:
                if len(events) == 1:
                    poison = events[0]
                    raise PoisonEvent(poison.event_seq, str(error), poison.payload) from error
                for event in events:
                    if self._position == event.event_seq - 1:
                        await self._store([event], stop)
                return
            except Exception as error:  # its store may be away: nothing was applied, so try again
                self._log.warning(
                    "apply_failed", error=str(error) or repr(error), position=self._position
                )
                if stop.is_set():
                    return
                await backoff.pause(stop)
            else:
                self._position = events[-1].event_seq
                self._parking.passed(self._position)
                return


def _decode(event_seq: int, payload: bytes) -> Delivered:
    try:
        event = decode_event(payload)
    except msgspec.MsgspecError as error:
        raise PoisonEvent(event_seq, f"cannot be decoded: {error}", payload) from error
    if event.event_seq != event_seq:
        raise PoisonEvent(event_seq, f"its payload says event_seq {event.event_seq}", payload)
    return Delivered(event_seq, event, payload)
