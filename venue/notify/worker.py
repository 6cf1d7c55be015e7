"""The notifier process: makes alerts of every event, and delivers them where members chose.

May know the consumer, the watch, the store and the senders. What was seen is kept now and then; the
events since then come again after a crash, make the same alerts, and none waits twice.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import structlog
from nats.errors import Error as NatsError

from venue.bus.alerts import Alert
from venue.bus.connection import Backoff, connected, stop_on_signals, wait_for_stop
from venue.bus.consumer import EventConsumer
from venue.bus.delivered import Delivered
from venue.bus.halts import ConsumerHalted, StoreAway
from venue.bus.parking import Parking
from venue.bus.position_file import Position, ShownPosition
from venue.bus.seals import key_of
from venue.bus.shared_stream import SharedStream
from venue.bus.stream import first_event_seq
from venue.data_directory import DataDirectory
from venue.fault_points import fault_point
from venue.journal.reader import JournalReader
from venue.notify.alert_of import CONSUMER
from venue.notify.channels import (
    NATS,
    OPERATOR,
    Members,
    destination_of,
    interest_of,
    on_nats,
    read_channels,
)
from venue.notify.operator_alerts import OperatorAlerts
from venue.notify.senders import KEPT_NS, Senders
from venue.notify.store import Delivery, Kept, Store, StoreDamaged
from venue.notify.watch import Watch, WatchImage
from venue.settings.configuration_error import ConfigurationError

if TYPE_CHECKING:
    from venue.settings.settings import Settings

LOOK_SECONDS = 1.0
"""How often the channels' file is looked at, and what was seen is kept."""
_KEEPING_SHARE = 20
"""Of so many seconds one at most is spent on keeping what was seen."""
_log = structlog.get_logger()


class Notifier:
    """One watch over one stream of events."""

    def __init__(
        self,
        data_dir: Path,
        nats_url: str,
        shared: SharedStream | None = None,
        sealed_by: bytes | None = None,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """shared, sealed_by: see EventConsumer."""
        self._data_dir = data_dir
        self._place = place = DataDirectory(data_dir)
        self._journal_dir = place.journal if place.journal.is_dir() else None
        self._nats_url = nats_url
        self._shared = shared
        self._sealed_by = sealed_by
        self._now_ns = now_ns
        self._store = Store(place.notices)
        self._shown = ShownPosition(place.position(CONSUMER))
        self._watch = Watch()
        self._at = self._kept = Position(0)
        self._applied = 0
        self._pending: list[Delivery] = []
        self._members: Members = {}
        self._interest = interest_of({})
        self._read: tuple[int, ...] | None = None
        self._reading = asyncio.Lock()
        self._keep_at = 0.0
        self._senders: Senders

    async def run(self, stop: asyncio.Event) -> None:
        """Watch and deliver until `stop` is set. Halts where its store is damaged."""
        parking = Parking(CONSUMER, self._nats_url, self._data_dir)
        try:
            await self._begin(stop)
        except StoreDamaged as error:
            self._store.close()
            await parking.halt(0, str(error), stop)
        if stop.is_set():
            self._store.close()
            return
        self._senders = Senders(self._store, self._nats_url, self._data_dir, stop, self._now_ns)
        consumer = EventConsumer(
            name=CONSUMER,
            nats_url=self._nats_url,
            journal_dir=self._journal_dir,
            position=self._at,
            apply=self._apply,
            parking=parking,
            shared=self._shared,
            sealed_by=self._sealed_by,
        )
        operator = OperatorAlerts(
            self._store,
            self._nats_url,
            lambda: self._members.get(OPERATOR, {}),
            self._senders.wake,
        )
        ended = asyncio.Event()
        followers: list[asyncio.Task[None]] = []
        try:
            await self._read_channels()
            followers += (asyncio.create_task(part.run(ended)) for part in (consumer, operator))
            await self._look_after(stop, followers)
        finally:
            ended.set()
            outcomes = await asyncio.gather(*followers, return_exceptions=True)
            await self._senders.close()
            try:
                await self._keep()
            finally:
                self._store.close()
        for outcome in outcomes:
            if outcome is not None:
                raise outcome

    async def _begin(self, stop: asyncio.Event) -> None:
        """Take up what was seen before; without that, where the events begin. Or until stopped."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                kept = await asyncio.to_thread(self._store.kept)
                position = kept.position or await self._first_position()
            except (StoreAway, OSError, NatsError) as error:
                _log.warning("notifier_waits", error=str(error) or repr(error))
            else:
                self._watch = Watch(_image_of(kept))
                self._at = self._kept = position
                self._applied = position.event_seq
                self._shown.show(position)
                return
            await backoff.pause(stop)

    async def _first_position(self) -> Position:
        """In front of the first event that there is: journals and streams may begin late."""
        if self._journal_dir is not None:
            reader = JournalReader(self._journal_dir)
            first = await asyncio.to_thread(reader.first_event_seq)
            return Position(first - 1, journal=reader.identity() if first > 1 else "")
        async with connected(self._nats_url, CONSUMER) as connection:
            first_in_stream = await first_event_seq(connection.client.jetstream())
            return Position((first_in_stream or 1) - 1)

    async def _look_after(
        self, stop: asyncio.Event, followers: Sequence["asyncio.Task[None]"]
    ) -> None:
        """Until `stop` is set. Raises what has ended a follower or a sender."""
        while not await wait_for_stop(stop, LOOK_SECONDS):
            await self._read_channels()
            self._senders.raise_failure()
            for follower in followers:
                if follower.done():
                    follower.result()
            if asyncio.get_running_loop().time() >= self._keep_at:
                await self._keep()

    async def _apply(self, events: Sequence[Delivered], reached: Position) -> None:
        await self._read_channels()  # what was chosen before an event holds for that event
        for delivered in events:
            # After a failure of the store the same events come again: they were seen already.
            if delivered.event_seq > self._applied:
                try:
                    alerts = self._watch.apply(delivered.event, self._interest)
                except Exception as error:  # not twice: it may have been counted halfway
                    why = f"event {delivered.event_seq}: {error!r}"
                    raise ConsumerHalted(delivered.event_seq, why, delivered.payload) from error
                self._applied = delivered.event_seq
                self._pending += self._deliveries(alerts)
        fault_point("before-consumer-commit")
        if self._pending:
            await self._store_pending(events[0].event_seq)
        fault_point("after-consumer-commit")
        self._at = reached

    async def _store_pending(self, event_seq: int) -> None:
        try:
            lost = await asyncio.to_thread(self._store.add, self._pending)
        except StoreDamaged as error:
            raise ConsumerHalted(event_seq, str(error)) from error
        if lost:
            _log.error("notices_lost", count=lost, why="too many wait")
        self._pending.clear()
        self._senders.wake()

    def _deliveries(self, alerts: Sequence[Alert]) -> list[Delivery]:
        """Where these alerts go. What is too old to be news goes nowhere: a start may be late."""
        oldest = self._now_ns() - KEPT_NS if alerts else 0
        found = []
        for alert in alerts:
            if alert.timestamp_ns < oldest:
                continue
            channels = self._members.get(alert.member, {}) | {
                NATS: on_nats(self._members, alert.member)
            }
            payload = msgspec.json.encode(alert)
            found += [
                Delivery(
                    destination_of(alert.member, name),
                    alert.id,
                    alert.event_seq,
                    alert.timestamp_ns,
                    payload,
                )
                for name, channel in channels.items()
                if channel.wants(alert)
            ]
        return found

    async def _read_channels(self) -> None:
        async with self._reading:
            await self._use_channels()

    async def _use_channels(self) -> None:
        """Use the channels' file where it has changed; where it cannot be read, those of before."""
        now: tuple[int, ...] = ()
        with suppress(FileNotFoundError):
            found = self._place.notifications.stat()
            now = (found.st_mtime_ns, found.st_ino, found.st_size)
        if now == self._read:
            return
        try:
            members = await asyncio.to_thread(read_channels, self._place.notifications)
        except ConfigurationError as error:
            _log.error("channels as they were, for their file cannot be read", error=str(error))
        else:
            self._members = members
            self._interest = interest_of(members)
            try:
                await self._senders.use(members)
            except StoreAway as error:  # what waits for channels that are gone is still there
                _log.warning("notifier_waits", error=str(error))
                return
        self._read = now

    async def _keep(self) -> None:
        """Keep what was seen, and show how far that is: older events are needed no more."""
        at = self._at
        if at == self._kept or at.event_seq != self._applied:
            self._shown.look()
            return
        clock = asyncio.get_running_loop().time
        began = clock()
        seen = msgspec.json.encode(self._watch.image())
        try:
            await asyncio.to_thread(self._store.keep, at, seen)
        except StoreAway as error:
            _log.warning("notifier_not_kept", error=str(error))
        else:
            self._kept = at
            await asyncio.to_thread(self._shown.show, at)
        self._keep_at = clock() + _KEEPING_SHARE * (clock() - began)


def _image_of(kept: Kept) -> WatchImage:
    """What was seen. Raises StoreDamaged."""
    if not kept.seen:
        return WatchImage()
    try:
        return msgspec.json.decode(kept.seen, type=WatchImage)
    except msgspec.MsgspecError as error:
        raise StoreDamaged(f"what the notifier has seen cannot be read: {error}") from error


async def follow(
    settings: "Settings", stop: asyncio.Event, shared: SharedStream | None, nats_url: str
) -> None:
    """Notify the members of the venue of settings.data_dir until `stop` is set."""
    sealed_by = key_of(settings.nats.publisher_key)
    await Notifier(settings.data_dir, nats_url, shared, sealed_by).run(stop)


async def run(settings: "Settings", nats_url: str) -> None:
    """As `follow`, alone, until SIGTERM or SIGINT."""
    await follow(settings, stop_on_signals(), None, nats_url)
