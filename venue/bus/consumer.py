"""Consumes the venue's events exactly once: the next event_seq or nothing.

May know the stream and, where there is one, the journal. The position belongs to the consumer's own
store. An event is done when `apply` has returned, not before; no event is ever skipped.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import structlog
from nats.errors import Error as NatsError

from venue.bus.agreement import JournalNotShown, SinkDisagrees
from venue.bus.checked_stream import CheckedEvents, CheckedStream
from venue.bus.connection import Backoff
from venue.bus.delivered import KNOWN_TYPES, Delivered
from venue.bus.event_pull import PullEnded
from venue.bus.halts import (
    ConsumerHalted,
    EventsMissing,
    PoisonEvent,
    PositionMoved,
    StoreAway,
)
from venue.bus.parking import Parking
from venue.bus.position_file import Position, ShownPosition, digest_of
from venue.bus.shared_stream import Seat, SharedStream
from venue.bus.stream import Disagreement
from venue.tracing.spans import noting

BATCH = 500
GATHER_SECONDS = 0.02
SEAL_LOOK_SECONDS = 1.0
UNSEALED = (
    "events wait for their seal through a silence: the publisher has broken off, or nats.seal is "
    "off where it runs"
)
AWAY_FAILURES_MAX = 8
"""A store may be away this often in a row, some seconds each, before the consumer halts."""

_log = structlog.get_logger()

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
        shared: SharedStream | None = None,
        reads: Collection[str] | None = None,
        sealed_by: bytes | None = None,
    ) -> None:
        """gather_seconds: fewer events than a batch are applied once in so long; see EventPull.

        shared: the stream that this process's consumers share. reads: types of the events whose
        objects `apply` looks at; of other known ones it has bytes and head; None: it looks at all.
        sealed_by: the publisher's public key, for a process that has no journal.
        """
        self._own = CheckedStream(name, nats_url, journal_dir, sealed_by)
        self._shared = shared
        self._unread = frozenset[str]() if reads is None else KNOWN_TYPES - set(reads)
        self._at = position
        self._journal = ""
        """Identity of the journal that the events come from; empty while it is not known."""
        self._name = name
        self._apply = apply
        self._batch = batch
        self._gather_seconds = gather_seconds
        self._parking = parking or Parking(name, nats_url)
        self._shown = shown or ShownPosition(None)
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
                await self._consume(stop)
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
        await showing
        await self._shown.show_noted()
        await self._parking.close()

    async def _consume(self, stop: asyncio.Event) -> None:
        await self._own.ensure_in_journal(self._at, self._store_name)
        async with self._events() as events:
            if self._own.journal_dir is None:
                await events.ensure_in_stream(self._at, self._store_name)
            self._journal = events.journal
            self._parking.passed(self.position)
            self._log.info("consuming", after_event=self.position)
            watcher = asyncio.create_task(stop.wait())
            watcher.add_done_callback(lambda _: events.interrupt())
            sealing = asyncio.create_task(self._say_unsealed(events, stop))
            try:
                while not stop.is_set():
                    await self._take(await events.next(self._batch), stop)
            finally:
                watcher.cancel()
                sealing.cancel()

    async def _say_unsealed(self, events: CheckedEvents | Seat, stop: asyncio.Event) -> None:
        """Park while events wait for their seal through a silence; that is over with the seal."""
        is_said = False
        while self._own.sealed_by is not None:
            await asyncio.sleep(SEAL_LOOK_SECONDS)
            if events.unsealed and not is_said:
                self._parking.park(0, UNSEALED, stop)
            elif is_said and not events.unsealed:
                self._parking.passed(self.position)
            is_said = bool(events.unsealed)

    def _events(self) -> AbstractAsyncContextManager[CheckedEvents | Seat]:
        if self._shared is None:
            return self._own.after(self.position, self._gather_seconds)
        return self._shared.after(self.position, self._gather_seconds, self._own)

    async def _take(self, events: Sequence[Delivered], stop: asyncio.Event) -> None:
        """Apply the events. Raises PoisonEvent in front of one that cannot be read."""
        for at, delivered in enumerate(events):
            try:
                if not self._unread or delivered.head.type not in self._unread:
                    _ = delivered.event  # whoever shares it need not decode it again
            except PoisonEvent:
                await self._store(events[:at], stop)
                raise
        await self._store(events, stop)

    async def _store(self, events: Sequence[Delivered], stop: asyncio.Event) -> None:
        """Apply events and move on. A failure after `stop` leaves them to the next start."""
        backoff, failures = Backoff(), 0
        while events:
            last = events[-1]
            reached = Position(
                last.event_seq, journal=self._journal, digest=digest_of(last.payload)
            )
            try:
                with noting(self._name, self._name, self._journal, events):
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
                self._shown.note(reached)
                self._parking.passed(self.position)
                return
