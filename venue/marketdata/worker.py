"""The market-data process: books rebuilt from the journal in silence, then every event as it comes.

May know the consumer, the journal's reader and the broadcast. Its books live in memory only.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from nats.errors import Error as NatsError

from venue.domain.codec import decode_event
from venue.dropcopy.connection import Backoff, stop_on_signals
from venue.dropcopy.consumer import Delivered, EventConsumer
from venue.dropcopy.position_file import Position, position_file, write_position
from venue.journal.reader import JournalReader
from venue.marketdata.broadcast import Broadcast
from venue.marketdata.feed import Feed, Publication

if TYPE_CHECKING:
    from venue.settings import Settings

CONSUMER = "marketdata"
REBUILD_BATCH = 1_000

_log = structlog.get_logger()


class MarketData:
    """One feed, from its rebuilding to its broadcast."""

    def __init__(self, data_dir: Path, nats_url: str) -> None:
        self._journal_dir = data_dir / "journal"
        self._position_file = position_file(data_dir, CONSUMER)
        self._nats_url = nats_url
        self._feed = Feed()
        self._broadcast = Broadcast(nats_url, CONSUMER, lambda: self._feed.last_values())
        self._pending: list[Publication] = []
        self._applied = 0
        self._silent_through = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Rebuild, then publish until `stop` is set. Raises JournalDamage or LookupError."""
        try:
            published = await self._broadcast.recall(stop)
            if published is None:
                return
            journal_dir = self._journal_dir if self._journal_dir.is_dir() else None
            self._silent_through = published.event_seq
            if journal_dir is not None and not published.event_seq:
                # Nothing says what was published: what happened before now is history.
                self._silent_through = JournalReader(journal_dir).durable_event_seq()
            self._feed = Feed(silent_through=self._silent_through)
            self._feed.resume(published.last_values)
            if journal_dir is not None:
                await self._rebuild(journal_dir, stop)
                await self._send_rebuilt(stop)
                write_position(self._position_file, Position(self._applied))
            consumer = EventConsumer(
                name=CONSUMER,
                nats_url=self._nats_url,
                journal_dir=journal_dir,
                position=self._applied,
                apply=self._apply,
            )
            await consumer.run(stop)
        finally:
            await self._broadcast.close()

    async def _rebuild(self, journal_dir: Path, stop: asyncio.Event) -> None:
        """Apply the journal up to where an earlier run has published; what follows comes live."""
        clock = asyncio.get_running_loop().time
        started = clock()
        reader = JournalReader(journal_dir)
        try:
            reader.seek(1)
            while self._applied < self._silent_through and not stop.is_set():
                events = reader.read(min(REBUILD_BATCH, self._silent_through - self._applied))
                if not events:
                    _log.warning(
                        "journal_ends_early",
                        at_event=self._applied,
                        published_event=self._silent_through,
                    )
                    break
                for journaled in events:
                    self._feed.apply(decode_event(journaled.payload))
                self._applied = events[-1].event_seq
                await asyncio.sleep(0)
        finally:
            reader.close()
        _log.info("books_rebuilt", events=self._applied, seconds=round(clock() - started, 3))

    async def _send_rebuilt(self, stop: asyncio.Event) -> None:
        """Publish where the books stand, if that differs from the last values."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                await self._send()
                return
            except (OSError, NatsError) as error:
                _log.warning("not_published", error=str(error) or repr(error))
                await backoff.pause(stop)

    async def _apply(self, events: Sequence[Delivered]) -> None:
        for delivered in events:
            # After a failed broadcast the same events come again; they are in the books already.
            if delivered.event_seq > self._applied:
                self._feed.apply(delivered.event)
                self._applied = delivered.event_seq
        if self._applied >= self._silent_through:
            await self._send()
        write_position(self._position_file, Position(self._applied))

    async def _send(self) -> None:
        self._pending += self._feed.take()
        if self._pending:
            await self._broadcast.send(self._pending, self._applied)
            self._pending.clear()


async def run(settings: "Settings", nats_url: str) -> None:
    """Publish market data of the venue of settings.data_dir until SIGTERM or SIGINT."""
    await MarketData(Path(settings.data_dir), nats_url).run(stop_on_signals())
