"""The audit process: appends every event from NATS to the trail, and signs heads at intervals.

It alerts of some. May know the consumer and the trail. Its position is the last event in
the trail itself; its position file says of which journal.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from venue.audit.event_alerts import ALERTED, EventAlerts
from venue.audit.heads import HeadsDamaged
from venue.audit.position import CONSUMER, trail_position
from venue.audit.trail import AuditedEvent, Trail, TrailDamaged
from venue.bus.connection import Backoff, stop_on_signals, wait_for_stop
from venue.bus.consumer import EventConsumer
from venue.bus.delivered import Delivered
from venue.bus.halts import ConsumerHalted
from venue.bus.parking import Parking
from venue.bus.position_file import Position, ShownPosition
from venue.bus.seals import key_of
from venue.bus.shared_stream import SharedStream
from venue.data_directory import DataDirectory
from venue.fault_points import fault_point

if TYPE_CHECKING:
    from venue.settings.settings import Settings

GATHER_SECONDS = 0.1
"""A batch costs an fsync, and nobody waits for it."""
HEAD_SECONDS = 5.0

_log = structlog.get_logger()


class Auditor:
    """Feeds one trail from one stream of events.

    What waits for the disk does so in a thread, one thing at a time: others may share the loop.
    """

    def __init__(
        self, data_dir: Path, *, head_seconds: float = HEAD_SECONDS, sealed_by: bytes | None = None
    ) -> None:
        """sealed_by: see EventConsumer."""
        self._sealed_by = sealed_by
        self._place = DataDirectory(data_dir)
        self._head_seconds = head_seconds
        self._trail: Trail | None = None
        self._alerts: EventAlerts
        self._writing = asyncio.Lock()

    async def run(
        self, nats_url: str, stop: asyncio.Event, shared: SharedStream | None = None
    ) -> None:
        """Append events until `stop` is set; signs a last head and closes the trail.

        A damaged trail or damaged heads are parked: somebody has to look before anything is
        appended. Raises TrailInUse.
        """
        parking = Parking(CONSUMER, nats_url, self._place.path)
        self._alerts = EventAlerts(CONSUMER, nats_url, stop)
        try:
            trail = self._trail = await self._open_with_room(stop)
        except (TrailDamaged, HeadsDamaged) as error:
            await parking.halt(0, str(error), stop)
            return
        if trail is None:
            return
        consumer = EventConsumer(
            name=CONSUMER,
            nats_url=nats_url,
            journal_dir=self._place.journal,
            position=trail_position(self._place.path),
            apply=self._append,
            parking=parking,
            shown=ShownPosition(self._place.position(CONSUMER)),
            gather_seconds=GATHER_SECONDS,
            shared=shared,
            sealed_by=self._sealed_by,
            reads=ALERTED,
        )
        _log.info("auditing", after_event=trail.event_seq, entries=trail.count)
        ended = asyncio.Event()
        signer = asyncio.create_task(self._sign_at_intervals(ended))
        try:
            await consumer.run(stop)
        finally:
            ended.set()
            try:
                await signer
            finally:
                if self._trail is not None:
                    self._trail.close()
            await self._alerts.close()

    async def _open_with_room(self, stop: asyncio.Event) -> Trail | None:
        """The trail, once the disk takes what its opening writes; None when stopped before."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                return await asyncio.to_thread(self._open)
            except OSError as error:
                _log.warning("trail_not_opened", error=str(error))
            await backoff.pause(stop)
        return None

    def _open(self) -> Trail:
        return Trail(self._place.trail, self._place.heads)

    async def _append(self, events: Sequence[Delivered], reached: Position) -> None:
        async with self._writing:
            new = await asyncio.to_thread(self._write, events)
        self._alerts.send(new)
        fault_point("after-consumer-commit")

    def _write(self, events: Sequence[Delivered]) -> list[Delivered]:
        """Bring to the trail what is not in it yet, and return that. Raises OSError."""
        # After a failed write nobody knows what is on disk: only opening the trail anew says, and
        # it may then have some of these events already.
        if self._trail is None:
            try:
                self._trail = self._open()
            except (TrailDamaged, HeadsDamaged) as error:
                raise ConsumerHalted(events[0].event_seq, str(error)) from error
        there = self._trail.event_seq
        new = [one for one in events if one.event_seq > there]
        fault_point("before-consumer-commit")
        try:
            self._trail.append(
                [AuditedEvent(one.event_seq, one.head.timestamp_ns, one.payload) for one in new]
            )
        except OSError:
            self._forsake()
            raise
        return new

    async def _sign_at_intervals(self, ended: asyncio.Event) -> None:
        """Sign a head now and then, and a last one at the end."""
        is_last = False
        while not is_last:
            is_last = await wait_for_stop(ended, self._head_seconds)
            async with self._writing:
                await asyncio.to_thread(self._sign)

    def _sign(self) -> None:
        """Sign a head; where the disk does not take it, the trail has to be opened anew."""
        if self._trail is None:
            return
        try:
            self._trail.sign()
        except OSError as error:
            _log.error("head_not_signed", error=str(error))
            self._forsake()

    def _forsake(self) -> None:
        assert self._trail is not None
        self._trail.close()
        self._trail = None


async def follow(
    settings: "Settings", stop: asyncio.Event, shared: SharedStream | None, nats_url: str
) -> None:
    """Audit the venue of settings.data_dir until `stop` is set."""
    sealed_by = key_of(settings.nats.publisher_key)
    await Auditor(settings.data_dir, sealed_by=sealed_by).run(nats_url, stop, shared)


async def run(settings: "Settings", nats_url: str) -> None:
    """As `follow`, alone, until SIGTERM or SIGINT."""
    await follow(settings, stop_on_signals(), None, nats_url)
