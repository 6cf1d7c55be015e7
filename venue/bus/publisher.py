"""The publisher: tails the journal and stores every event once, in order, in VENUE_EVENTS.

May know the journal's reader and NATS. Must never read past the durable position, nor end by an
exception. After any failure it asks the stream for its real end and goes on from there. Where it
cannot go on it is parked and alerts.
"""

import asyncio
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from venue.bus.acknowledgements import Acknowledgements, NotStored
from venue.bus.agreement import (
    EventSource,
    JournalNotShown,
    PublishableEvent,
    ensure_agreement,
)
from venue.bus.bounds import keep_bounded
from venue.bus.bulk import BulkClient
from venue.bus.connection import Backoff, Connection, connected, stop_on_signals
from venue.bus.halts import ConsumerHalted
from venue.bus.parking import Parking
from venue.bus.position_file import Position, digest_of, write_position
from venue.bus.seals import MOST_IN_A_WINDOW, Sealer
from venue.bus.stream import Disagreement, StreamEnd, claim_stream, ensure_stream, stream_end
from venue.bus.subjects import STREAM
from venue.bus.window import frames_of
from venue.data_directory import DataDirectory
from venue.fault_points import fault_point
from venue.journal.reader import JournalReader
from venue.tracing.spans import noting

if TYPE_CHECKING:
    from venue.settings.settings import Settings

WINDOW = MOST_IN_A_WINDOW
ACKNOWLEDGEMENT_TIMEOUT_SECONDS = 5.0
DRAIN_SECONDS = 2.0
SHORTEST_POLL_SECONDS = 0.001
"""Pause after a window that was not full, so that several frames of the journal make one window."""
LONGEST_POLL_SECONDS = 0.02
STREAM_CHECK_SECONDS = 2.0
POSITION_SECONDS = 0.2
FAILURES_MAX = 4
"""The same events may fail this often in a row before the publisher is parked."""
UNSHOWN_SECONDS = 5.0
"""How long the journal's position may be missing at the start: trading may be about to start."""
NAME = "publisher"

_log = structlog.get_logger()


class Publisher:
    """One publisher over one journal. A second one harms nothing: the stream refuses the slower."""

    def __init__(
        self,
        source: EventSource,
        nats_url: str,
        *,
        position_file: Path | None = None,
        parking: Parking | None = None,
        window: int = WINDOW,
        acknowledgement_timeout: float = ACKNOWLEDGEMENT_TIMEOUT_SECONDS,
        sealer: Sealer | None = None,
        replicas: int = 1,
    ) -> None:
        """sealer: signs windows, for consumers away from the journal. replicas: of a new stream."""
        self._replicas = replicas
        self._source = source
        self._sealer = sealer
        self._nats_url = nats_url
        self._position_file = position_file
        self._parking = parking or Parking(NAME, nats_url)
        self._window = window
        self._acknowledgement_timeout = acknowledgement_timeout
        self._acknowledged = Position(0)
        self._pruned_through = 0
        self._written = Position(0)
        self._drain_until: float | None = None
        self._is_connected = self._has_begun = self._is_unwritten = False
        self._failures = 0
        self._stuck_at = 0
        self._unshown_since: float | None = None

    @property
    def acknowledged_event_seq(self) -> int:
        """Last event that the stream is known to hold."""
        return self._acknowledged.event_seq

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set; then what is durable, for at most DRAIN_SECONDS."""
        backoff = Backoff()
        while not self._done(stop):
            before = self._acknowledged
            self._is_connected = False
            try:
                async with connected(self._nats_url, NAME) as connection:
                    self._is_connected = True
                    await self._publish_over(connection, stop)
            except Exception as error:  # any failure: the stream is asked again for its end
                self._say(error, stop)
            if self._acknowledged != before:
                backoff.reset()
            if not stop.is_set():
                await backoff.pause(stop)
            elif not self._done(stop):
                await asyncio.sleep(LONGEST_POLL_SECONDS)
        await self._write_position()
        await self._parking.close()

    def _say(self, error: Exception, stop: asyncio.Event) -> None:
        """Park a failure that does not pass by itself, or that came too often at one event."""
        following, text = self._acknowledged.event_seq + 1, str(error) or repr(error)
        _log.warning("publishing_interrupted", error=text, acknowledged=following - 1)
        if isinstance(error, JournalNotShown):
            now = asyncio.get_running_loop().time()
            self._unshown_since = self._unshown_since or now
            if self._has_begun or now - self._unshown_since >= UNSHOWN_SECONDS:
                self._parking.park(0, text, stop)
        elif isinstance(error, Disagreement):
            self._parking.park(0, text, stop, ahead=error.ahead)
        elif isinstance(error, ConsumerHalted):
            self._parking.park(error.event_seq, text, stop, error.payload)
        elif not isinstance(error, OSError | NatsError | NotStored):
            self._parking.park(following, text, stop)
        elif self._is_connected and following <= (self._source.durable_event_seq() or 0):
            self._failures += 1
            if self._failures >= FAILURES_MAX and self._stuck_at != following:
                self._stuck_at = following
                self._parking.park(following, f"event {following} is not stored: {text}", stop)

    async def _publish_over(self, connection: Connection, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        client = connection.client
        jetstream = client.jetstream()
        await self._synchronise(jetstream)
        acknowledgements = Acknowledgements(connection)
        await acknowledgements.listen()
        poll = SHORTEST_POLL_SECONDS
        check_at, write_at = loop.time() + STREAM_CHECK_SECONDS, 0.0
        while not self._done(stop):
            # after a failure send a single event: its own answer names the cause
            is_careful = self._failures or (self._sealer is not None and self._sealer.is_behind)
            limit = 1 if is_careful else self._window
            events = self._source.read(limit)
            if events:
                await self._publish_window(client, acknowledgements, events)
                poll = SHORTEST_POLL_SECONDS
            now = loop.time()
            if now >= write_at:
                await self._write_position()
                write_at = now + POSITION_SECONDS
            if len(events) == limit:
                continue
            if not events:
                if self._source.durable_event_seq() is None:
                    raise JournalNotShown
                if now >= check_at:
                    await self._check_stream(jetstream)
                    check_at = now + STREAM_CHECK_SECONDS
            await asyncio.sleep(poll)
            poll = min(poll * 2, LONGEST_POLL_SECONDS)

    async def _publish_window(
        self,
        client: BulkClient,
        acknowledgements: Acknowledgements,
        events: Sequence[PublishableEvent],
    ) -> None:
        """Send these events and wait until the last is acknowledged: then all are stored.

        Raises ConsumerHalted in front of one that is larger than NATS takes.
        """
        largest = client.payload_bytes_max
        fitting = list(takewhile(lambda event: len(event.payload) <= largest, events))
        if fitting:
            await self._publish_fitting(client, acknowledgements, fitting)
        if len(fitting) < len(events):
            event = events[len(fitting)]
            raise ConsumerHalted(
                event.event_seq,
                f"event {event.event_seq} has {len(event.payload)} bytes, NATS takes {largest}: "
                "set its max_payload higher; nothing behind it leaves before",
            )

    async def _publish_fitting(
        self,
        client: BulkClient,
        acknowledgements: Acknowledgements,
        events: Sequence[PublishableEvent],
    ) -> None:
        done = self._acknowledged
        event_seq = done.event_seq + len(events)
        sequence = done.stream_sequence + len(events)
        frames = frames_of(
            events, done.event_seq + 1, done.stream_sequence, acknowledgements.inbox, self._sealer
        )
        acknowledgements.expect({STREAM: sequence})
        with noting(NAME, NAME, done.journal, events):
            await client.send(frames)
            await acknowledgements.wait(self._acknowledgement_timeout)
        fault_point("after-publish-before-ack")
        digest = digest_of(events[-1].payload)
        self._acknowledged = Position(event_seq, sequence, done.journal, digest)
        self._failures = 0
        self._parking.passed(event_seq)

    async def _synchronise(self, jetstream: JetStreamContext) -> None:
        """Set the journal's cursor to the event after the last one that the stream really has."""
        journal = self._source.identity()
        await ensure_stream(jetstream, owner=journal, replicas=self._replicas)
        end = await stream_end(jetstream)
        if end is None:
            raise NotStored(f"stream {STREAM} vanished while it was asked for")
        ensure_agreement(end, self._source)
        if journal and not end.owner:
            await claim_stream(jetstream, journal)
        self._pruned_through = self._source.first_event_seq() - 1
        if end.event_seq == 0 and self._pruned_through:
            _log.warning(
                "stream_begins_late",
                first_event=self._pruned_through + 1,
                why="the journal does not have the events before it any more",
            )
        event_seq, stream_sequence = self._end_of(end)
        digest = digest_of(end.payload) if end.event_seq else ""
        self._acknowledged = Position(event_seq, stream_sequence, journal, digest)
        if self._sealer is not None:
            self._sealer.go_on_after(self._source, self._pruned_through + 1, event_seq)
        self._has_begun, self._unshown_since = True, None
        self._parking.passed(event_seq)
        _log.info("publishing", after_event=event_seq, stream_sequence=end.last_sequence)

    async def _check_stream(self, jetstream: JetStreamContext) -> None:
        """Notice a stream that was wiped while there was nothing to publish."""
        end = await stream_end(jetstream)
        left = (self._acknowledged.event_seq, self._acknowledged.stream_sequence)
        if end is None or self._end_of(end) != left:
            raise NotStored(f"stream {STREAM} is not where it was left")

    def _end_of(self, end: StreamEnd) -> tuple[int, int]:
        """Last event and sequence; an empty stream stands where the journal begins."""
        return end.event_seq or self._pruned_through, end.last_sequence

    def _done(self, stop: asyncio.Event) -> bool:
        if not stop.is_set():
            return False
        now = asyncio.get_running_loop().time()
        if self._drain_until is None:
            self._drain_until = now + DRAIN_SECONDS
        if now >= self._drain_until:
            return True
        return self._acknowledged.event_seq >= (self._source.durable_event_seq() or 0)

    async def _write_position(self) -> None:
        """Write it to disk: a journal that ends before this event has lost published events."""
        position, file = self._acknowledged, self._position_file
        if file is None or position == self._written:
            return
        try:
            await asyncio.to_thread(write_position, file, position, durably=True)
        except OSError as error:  # a full disk: what is published need not wait for it
            if not self._is_unwritten:
                _log.error("position_not_written", file=file.name, error=str(error))
            self._is_unwritten = True
        else:
            self._written, self._is_unwritten = position, False


async def run(settings: "Settings", nats_url: str) -> None:
    """Publish the journal of settings.data_dir until SIGTERM or SIGINT."""
    data_dir = settings.data_dir
    place = DataDirectory(data_dir)
    source = JournalReader(place.journal)
    try:
        publisher = Publisher(
            source,
            nats_url,
            position_file=place.position(NAME),
            parking=Parking(NAME, nats_url, data_dir),
            sealer=Sealer(place.publisher_key) if settings.nats.seal else None,
            replicas=settings.nats.replicas,
        )
        stop = stop_on_signals()
        bounding = keep_bounded(nats_url, settings.retention, stop, settings.nats.replicas)
        await asyncio.gather(publisher.run(stop), bounding)
    finally:
        source.close()
