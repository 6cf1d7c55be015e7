"""The publisher: tails the journal and stores every event once, in order, in VENUE_EVENTS.

May know the journal's reader and NATS. Must never read past the durable position, never end because
of an exception, and after any failure asks the stream for its real end and goes on from there.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from nats.js import JetStreamContext

from venue.dropcopy.acknowledgements import Acknowledgements, NotStored
from venue.dropcopy.agreement import (
    EventSource,
    PublishableEvent,
    StreamDisagrees,
    ensure_agreement,
)
from venue.dropcopy.bulk import BulkClient, frame
from venue.dropcopy.connection import Backoff, Connection, connected, stop_on_signals
from venue.dropcopy.envelope import first_headers, following_headers
from venue.dropcopy.position_file import Position, position_file, write_position
from venue.dropcopy.stream import StreamEnd, ensure_stream, stream_end
from venue.dropcopy.subjects import STREAM, event_subject
from venue.fault_points import fault_point
from venue.journal.reader import JournalReader

if TYPE_CHECKING:
    from venue.settings import Settings

WINDOW = 500
ACKNOWLEDGEMENT_TIMEOUT_SECONDS = 5.0
DRAIN_SECONDS = 2.0
SHORTEST_POLL_SECONDS = 0.001
"""A pause after each window that was not full: several frames of the journal make one window."""
LONGEST_POLL_SECONDS = 0.02
STREAM_CHECK_SECONDS = 2.0
POSITION_SECONDS = 0.2

_log = structlog.get_logger()


class Publisher:
    """One publisher over one journal. A second one harms nothing: the stream refuses the slower."""

    def __init__(
        self,
        source: EventSource,
        nats_url: str,
        *,
        position_file: Path | None = None,
        window: int = WINDOW,
        acknowledgement_timeout: float = ACKNOWLEDGEMENT_TIMEOUT_SECONDS,
    ) -> None:
        self._source = source
        self._nats_url = nats_url
        self._position_file = position_file
        self._window = window
        self._acknowledgement_timeout = acknowledgement_timeout
        self._acknowledged = Position(0)
        self._pruned_through = 0
        self._written = Position(0)
        self._drain_until: float | None = None

    @property
    def acknowledged_event_seq(self) -> int:
        """Last event that the stream is known to hold."""
        return self._acknowledged.event_seq

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set; then what is durable, for at most DRAIN_SECONDS."""
        backoff = Backoff()
        while not self._done(stop):
            before = self._acknowledged
            try:
                async with connected(self._nats_url, "publisher") as connection:
                    await self._publish_over(connection, stop)
            except Exception as error:  # whatever it was: the stream is asked again where it is
                _log.warning(
                    "publishing_interrupted",
                    error=str(error) or repr(error),
                    acknowledged=self._acknowledged.event_seq,
                )
            if self._acknowledged != before:
                backoff.reset()
            if not stop.is_set():
                await backoff.pause(stop)
            elif not self._done(stop):
                await asyncio.sleep(LONGEST_POLL_SECONDS)
        self._write_position()

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
            events = self._source.read(self._window)
            if events:
                await self._publish_window(client, acknowledgements, events)
                poll = SHORTEST_POLL_SECONDS
            now = loop.time()
            if now >= write_at:
                self._write_position()
                write_at = now + POSITION_SECONDS
            if len(events) == self._window:
                continue
            if not events and now >= check_at:
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
        """Send these events and wait until the last is acknowledged: then all are stored."""
        event_seq, sequence = self._acknowledged.event_seq, self._acknowledged.stream_sequence
        end = event_seq + len(events)
        headers_of, largest = first_headers, 0
        frames: list[bytes] = []
        for event in events:
            event_seq += 1
            if event.event_seq != event_seq:
                raise StreamDisagrees(f"journal gave event {event.event_seq} for {event_seq}")
            subject, payload = event_subject(event.type, event.symbol), event.payload
            reply = acknowledgements.inbox if event_seq == end else ""
            frames.append(frame(subject, payload, headers_of(event_seq, sequence), reply))
            headers_of, largest = following_headers, max(largest, len(payload))
            sequence += 1
        acknowledgements.expect({STREAM: sequence})
        await client.send(frames, largest)
        await acknowledgements.wait(self._acknowledgement_timeout)
        fault_point("after-publish-before-ack")
        self._acknowledged = Position(event_seq, sequence)

    async def _synchronise(self, jetstream: JetStreamContext) -> None:
        """Set the journal's cursor to the event after the last one that the stream really has."""
        await ensure_stream(jetstream)
        end = await stream_end(jetstream)
        if end is None:
            raise NotStored(f"stream {STREAM} vanished while it was asked for")
        ensure_agreement(end, self._source)
        self._pruned_through = self._source.first_event_seq() - 1
        if end.event_seq == 0 and self._pruned_through:
            _log.warning(
                "stream_begins_late",
                first_event=self._pruned_through + 1,
                why="the journal does not have the events before it any more",
            )
        self._acknowledged = self._end_of(end)
        _log.info(
            "publishing",
            after_event=self._acknowledged.event_seq,
            stream_sequence=end.last_sequence,
        )

    async def _check_stream(self, jetstream: JetStreamContext) -> None:
        """Notice a stream that was wiped while there was nothing to publish."""
        end = await stream_end(jetstream)
        if end is None or self._end_of(end) != self._acknowledged:
            raise NotStored(f"stream {STREAM} is not where it was left")

    def _end_of(self, end: StreamEnd) -> Position:
        """An empty stream stands where the journal begins."""
        return Position(end.event_seq or self._pruned_through, end.last_sequence)

    def _done(self, stop: asyncio.Event) -> bool:
        if not stop.is_set():
            return False
        now = asyncio.get_running_loop().time()
        if self._drain_until is None:
            self._drain_until = now + DRAIN_SECONDS
        if now >= self._drain_until:
            return True
        return self._acknowledged.event_seq >= self._source.durable_event_seq()

    def _write_position(self) -> None:
        if self._position_file is None or self._acknowledged == self._written:
            return
        write_position(self._position_file, self._acknowledged)
        self._written = self._acknowledged


async def run(settings: "Settings", nats_url: str) -> None:
    """Publish the journal of settings.data_dir until SIGTERM or SIGINT."""
    data_dir = settings.data_dir
    source = JournalReader(data_dir / "journal")
    try:
        publisher = Publisher(source, nats_url, position_file=position_file(data_dir, "publisher"))
        await publisher.run(stop_on_signals())
    finally:
        source.close()
