"""The market-data process: begins with the books of an earlier run, then takes every event.

May know the consumer, the journal's reader and the broadcast. The books follow from the journal;
the process's own file only saves reading it from the first event.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from nats.errors import Error as NatsError

from venue.bus.agreement import JournalNotShown, StreamDisagrees, ensure_in_journal
from venue.bus.alerts import send_alert
from venue.bus.connection import Backoff, stop_on_signals
from venue.bus.consumer import EventConsumer
from venue.bus.delivered import Delivered
from venue.bus.halts import ConsumerHalted
from venue.bus.parking import Parking
from venue.bus.position_file import Position, ShownPosition, digest_of, read_position_file
from venue.bus.seals import key_of
from venue.bus.shared_stream import SharedStream
from venue.clock import Clock
from venue.data_directory import DataDirectory
from venue.domain.codec import decode_event
from venue.fault_points import fault_point
from venue.journal.identity import journal_identity
from venue.journal.reader import EventPruned, JournalReader
from venue.marketdata.books_file import BOOKS_INCOMPLETE, incomplete, read_books, write_books
from venue.marketdata.broadcast import BUCKET, Broadcast, Published
from venue.marketdata.changed_bars import ChangedBars
from venue.marketdata.feed import Feed
from venue.marketdata.public_ids import key_in
from venue.marketdata.sending import Sending
from venue.marketdata.snapshots import SnapshotService

if TYPE_CHECKING:
    from venue.settings.settings import Settings

CONSUMER = "marketdata"
REBUILD_BATCH, BOOKS_SECONDS = 1_000, 30.0

_PASSING = (OSError, NatsError, JournalNotShown)

_log = structlog.get_logger()


class MarketData:
    """One feed: rebuilds it, keeps its books and broadcasts it."""

    def __init__(self, data_dir: Path, nats_url: str, shared: SharedStream | None = None) -> None:
        place = DataDirectory(data_dir)
        self._shared = shared
        self.sealed_by: bytes | None = None  # see EventConsumer
        self.bbo_per_second = 0
        self._journal_dir = place.journal if place.journal.is_dir() else None
        self._position_file = place.position(CONSUMER)
        self._shown = ShownPosition(self._position_file)
        self._books_file = place.books
        self._key_file = place.marketdata_key
        self._nats_url = nats_url
        self._parking = Parking(CONSUMER, nats_url, data_dir)
        self._feed = Feed()
        self._at = Position(0)

        def feed() -> Feed:
            return self._feed

        own = self._own_journal
        self.broadcast = Broadcast(nats_url, CONSUMER, own, lambda: feed().last_values())
        self._snapshots = SnapshotService(nats_url, CONSUMER, feed, lambda: self._sending.sent)
        self._sending = Sending(self.broadcast, feed, lambda: self._at, self._snapshots.look_again)
        self._changed_bars = ChangedBars(nats_url, CONSUMER, feed, self._sending)
        self._kept, self._silent_through, self._bucket_behind = 0, 0, False
        self._keep_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Rebuild the books, then publish until `stop` is set. Halts where a store is not ours."""
        try:
            await self._take_up(stop)
            if stop.is_set():
                return
            self._shown.show(self._at)
            consumer = EventConsumer(
                name=CONSUMER,
                nats_url=self._nats_url,
                journal_dir=self._journal_dir,
                position=self._at,
                apply=self._apply,
                parking=self._parking,
                shown=self._shown,
                shared=self._shared,
                sealed_by=self.sealed_by,
            )
            async with asyncio.TaskGroup() as group:
                group.create_task(self._snapshots.run(stop))
                group.create_task(self._changed_bars.run(stop))
                group.create_task(self._sending.keep_pace(self.bbo_per_second, stop))
                await consumer.run(stop)
        finally:
            await self._keep_books()
            await self.broadcast.close()
            await self._parking.close()

    async def _take_up(self, stop: asyncio.Event) -> None:
        """Rebuild the books and publish them as they stand. Returns when done or `stop` is set."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                published = await self.broadcast.recall(stop)
                if published is not None:
                    await self._begin(published, stop)
                    await self._send_rebuilt(stop)
                return
            except _PASSING as error:
                _log.warning("books_wait", error=str(error) or repr(error))
            except StreamDisagrees as error:  # until it is another NATS, or was wiped
                self._parking.park(0, str(error), stop)
            except Exception as error:
                await self._parking.halt(0, str(error) or repr(error), stop)
            await backoff.pause(stop)

    def _own_journal(self) -> str:
        return journal_identity(self._journal_dir) if self._journal_dir is not None else ""

    async def _begin(self, published: Published, stop: asyncio.Event) -> None:
        """Set up the feed: from the file and the journal, up to where there were publications."""
        books = read_books(self._books_file)
        self._at = books.position if books is not None else Position(0)
        self._compare(self._at, f"file {self._books_file.name}")
        self._compare(published.position, f"bucket {BUCKET}")
        self._sending.forget()
        self._kept = self._applied
        self._silent_through = max(published.position.event_seq, self._applied)
        if not self._silent_through and self._journal_dir is not None:
            self._silent_through = self._history(JournalReader(self._journal_dir))
        options = self._options()
        self._feed = Feed.of(books.feed, **options) if books else Feed(**options)
        if published.position.event_seq >= self._applied:
            self._feed.resume(published.last_values)
        self._bucket_behind = published.position.event_seq < self._applied
        try:
            await self._rebuild(stop)
        except EventPruned as pruned:
            await self._begin_late(pruned.first_event_seq, published, stop)

    def _options(self) -> dict[str, Any]:
        ours = {"key": key_in(self._key_file), "bbo_per_second": self.bbo_per_second}
        return {"silent_through": self._silent_through, "epoch": Clock().now_ns(), **ours}

    @property
    def _applied(self) -> int:
        return self._at.event_seq

    def _history(self, journal: JournalReader) -> int:
        """Last event that is not published again, where neither bucket nor books say it.

        The position file of an earlier run has it. Without one this is the first run: the venue's
        first events are published too, unless the journal has lost some of them.
        """
        shown = read_position_file(self._position_file)
        if shown is not None:
            self._compare(shown, f"file {self._position_file.name}")
            return shown.event_seq
        return 0 if journal.first_event_seq() == 1 else journal.durable_event_seq() or 0

    def _compare(self, position: Position, what: str) -> None:
        """Raise SinkDisagrees unless the position is of our journal. Raises JournalNotShown."""
        if self._journal_dir is None:
            return
        reader = JournalReader(self._journal_dir)
        try:
            ensure_in_journal(position, reader, what)
        finally:
            reader.close()

    async def _rebuild(self, stop: asyncio.Event) -> None:
        """Apply the journal up to the last event published by an earlier run; the rest comes live.

        Raises EventPruned when the next event is not there any more.
        """
        if self._journal_dir is None:
            return
        clock = asyncio.get_running_loop().time
        started, begun_after = clock(), self._applied
        reader = JournalReader(self._journal_dir)
        try:
            first = reader.first_event_seq()
            if self._applied + 1 < first:
                raise EventPruned(self._applied + 1, first)
            reader.seek(self._applied + 1)
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
                seq, digest = events[-1].event_seq, digest_of(events[-1].payload)
                self._at = Position(seq, journal=self._own_journal(), digest=digest)
                await asyncio.sleep(0)
        finally:
            reader.close()
        _log.info(
            "books_rebuilt",
            events=self._applied - begun_after,
            up_to_event=self._applied,
            seconds=round(clock() - started, 3),
        )

    async def _begin_late(self, first: int, published: Published, stop: asyncio.Event) -> None:
        """Begin where the journal's first event, `first`, is too late for the books that we have.

        If the stream still has the missing events, they come from there and are not published. If
        not, the books stay incomplete until the next day, and begin with the last values.
        """
        in_stream = await self.broadcast.first_event_in_stream(stop)
        if stop.is_set() or (in_stream is not None and in_stream <= self._applied + 1):
            return
        first = min(first, in_stream or first)
        missing = f"events {self._applied + 1} to {first - 1}"
        error = f"{missing} are gone: depth stands still until the next trading day has begun"
        _log.error(BOOKS_INCOMPLETE, missing=missing, error=error)
        await send_alert(self._nats_url, incomplete(CONSUMER, self._applied + 1, error), stop)
        self._silent_through = max(published.position.event_seq, first - 1)
        self._at = Position(self._silent_through, journal=self._own_journal())
        self._feed = Feed(incomplete=True, **self._options())
        self._feed.resume(published.last_values)

    async def _send_rebuilt(self, stop: asyncio.Event) -> None:
        """Publish what differs between the rebuilt books and the last values."""
        if self._applied < self._silent_through:
            return
        backoff = Backoff()
        while not stop.is_set():
            try:
                if self._bucket_behind:
                    await self.broadcast.fill(self._at)
                    self._bucket_behind = False
                await self._sending.send()
                return
            except (OSError, NatsError) as error:
                _log.warning("not_published", error=str(error) or repr(error))
                await backoff.pause(stop)

    async def _apply(self, events: Sequence[Delivered], reached: Position) -> None:
        for delivered in events:
            # After a failed broadcast the same events come again: the books have them already.
            if delivered.event_seq > self._applied:
                try:
                    self._feed.apply(delivered.event)
                except Exception as error:  # not twice: it may have changed the books halfway
                    self._sending.broken = True
                    why = f"event {delivered.event_seq}: {error!r}"
                    raise ConsumerHalted(delivered.event_seq, why, delivered.payload) from error
                self._at = Position(delivered.event_seq)
        self._at = reached
        fault_point("before-consumer-commit")
        if self._applied >= self._silent_through:
            await self._sending.send()
            self._changed_bars.look()
        fault_point("after-consumer-commit")
        if asyncio.get_running_loop().time() >= self._keep_at:
            await self._keep_books()

    async def _keep_books(self) -> None:
        """Write the books, if complete and published, in a thread: others may share the loop."""
        self._keep_at = asyncio.get_running_loop().time() + BOOKS_SECONDS
        is_out = self._sending.sent == self._applied and not self._sending.broken
        if not is_out or self._applied <= self._kept or self._feed.incomplete:
            return
        try:
            image = self._feed.image(self._applied)
            await asyncio.to_thread(write_books, self._books_file, image, self._at)
        except OSError as error:  # the journal has it all: the next start only takes longer
            _log.error("books_not_kept", error=str(error))
        else:
            self._kept = self._applied


async def follow(
    settings: "Settings", stop: asyncio.Event, shared: SharedStream | None, nats_url: str
) -> None:
    """Publish market data of the venue of settings.data_dir until `stop` is set."""
    worker = MarketData(settings.data_dir, nats_url, shared)
    worker.sealed_by = key_of(settings.nats.publisher_key)
    worker.bbo_per_second = settings.marketdata.bbo_per_second
    worker.broadcast.replicas = settings.nats.replicas
    await worker.run(stop)


async def run(settings: "Settings", nats_url: str) -> None:
    """As `follow`, alone, until SIGTERM or SIGINT."""
    await follow(settings, stop_on_signals(), None, nats_url)
