"""One sender for each destination: what waits for it leaves in order, again until it is taken.

A destination that does not take anything is parked: said in `parked/`, alerted, and tried now and
then; no other one waits for it. Knows the store and the ways of delivery.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import msgspec
import stamina
import structlog
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from venue.bus.alerts import Alert, publish_alert
from venue.bus.connection import Backoff, connected
from venue.bus.halts import StoreAway
from venue.bus.parking import Parking, forget_other_parts
from venue.bus.stream import ensure_alerts
from venue.fault_points import fault_point
from venue.notify.alert_of import CONSUMER
from venue.notify.channels import NATS, Channel, Members, destination_of
from venue.notify.daemon_thread import in_daemon_thread
from venue.notify.delivery import NotDelivered, deliver
from venue.notify.store import Store

ATTEMPTS = 6
WAIT_INITIAL_SECONDS, WAIT_MAX_SECONDS, WAIT_JITTER_SECONDS = 0.5, 8.0, 0.5
PROBE_SECONDS = 30.0
"""How often one alert is tried where a destination is parked."""
KEPT_NS = 3 * 24 * 3600 * 1_000_000_000
"""What is older is not delivered any more."""
STORE_SECONDS = 1.0

Deliver = Callable[[Alert], Awaitable[None]]
"""Raises NotDelivered."""
_log = structlog.get_logger()


class Senders:
    """Those of all channels that there are, and the one to NATS."""

    def __init__(
        self,
        store: Store,
        nats_url: str,
        data_dir: Path,
        stop: asyncio.Event,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._store = store
        self._now_ns = now_ns
        self._nats_url = nats_url
        self._data_dir = data_dir
        self._stop = stop
        self._nats = _Nats(nats_url)
        self._wakes: dict[str, asyncio.Event] = {}
        self._channels: dict[str, Channel] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._parkings: dict[str, Parking] = {}
        self._start(NATS, self._nats.deliver, None)

    async def use(self, members: Members) -> None:
        """Send to these channels from now on; what waits for others is forgotten."""
        wanted = {
            destination_of(member, name): (member, name, channel)
            for member, channels in members.items()
            for name, channel in channels.items()
            if channel.url
        }
        for destination, channel in [*self._channels.items()]:
            there = wanted.get(destination)
            if there is None or there[-1] != channel:
                await self._end(destination)
        parts = [(member, name) for member, name, _ in wanted.values()]
        await asyncio.to_thread(forget_other_parts, self._data_dir, CONSUMER, parts)
        for destination, (member, name, channel) in wanted.items():
            if destination not in self._channels:
                self._channels[destination] = channel
                parking = self._parkings[destination] = Parking(
                    CONSUMER, self._nats_url, self._data_dir, member=member, part=name
                )
                self._start(destination, partial(_deliver, channel), parking)
        await asyncio.to_thread(self._store.forget_others, {NATS, *wanted})

    def raise_failure(self) -> None:
        """Raise what has ended a sender, if anything has."""
        for task in self._tasks.values():
            if task.done():
                task.result()

    def wake(self) -> None:
        """More may wait now."""
        for wake in self._wakes.values():
            wake.set()

    async def close(self) -> None:
        """Stop sending at once; what was on its way comes again with the same id."""
        for destination in [*self._tasks]:
            await _ended(self._tasks.pop(destination))
        for parking in self._parkings.values():
            await parking.close()
        await self._nats.close()

    async def _end(self, destination: str) -> None:
        await _ended(self._tasks.pop(destination))
        del self._channels[destination], self._wakes[destination]
        parking = self._parkings.pop(destination)
        parking.passed(0)
        await parking.close()

    def _start(self, destination: str, deliver: Deliver, parking: Parking | None) -> None:
        wake = self._wakes[destination] = asyncio.Event()
        sender = _Sender(self._store, destination, deliver, parking, wake, self._stop, self._now_ns)
        self._tasks[destination] = asyncio.create_task(sender.run())


class _Sender:
    """parking None: it is tried for ever, ever more slowly, and who watches it is another."""

    def __init__(
        self,
        store: Store,
        destination: str,
        deliver: Deliver,
        parking: Parking | None,
        wake: asyncio.Event,
        stop: asyncio.Event,
        now_ns: Callable[[], int],
    ) -> None:
        self._store = store
        self._now_ns = now_ns
        self._destination = destination
        self._deliver = deliver
        self._parking = parking
        self._wake = wake
        self._stop = stop
        self._is_parked = False

    async def run(self) -> None:
        """Send until it is cancelled."""
        backoff = Backoff()
        while True:
            self._wake.clear()
            try:
                if await self._send_next():
                    backoff.reset()
                else:
                    await self._wake.wait()
            except NotDelivered as error:
                await self._not_delivered(error, backoff)
            except StoreAway as error:
                _log.warning("notices_wait", destination=self._destination, error=str(error))
                await asyncio.sleep(STORE_SECONDS)

    async def _send_next(self) -> bool:
        """Deliver the oldest that waits; False: nothing does. Raises NotDelivered."""
        oldest = self._now_ns() - KEPT_NS
        lost = await asyncio.to_thread(self._store.lose_before, self._destination, oldest)
        if lost:
            _log.error("notices_lost", destination=self._destination, count=lost, why="too old")
        waiting = await asyncio.to_thread(self._store.next, self._destination)
        if waiting is None:
            return False
        alert = msgspec.json.decode(waiting.alert, type=Alert)
        await self._deliver_with_patience(alert)
        fault_point("after-delivery-before-note")
        await asyncio.to_thread(self._store.delivered, waiting.number)
        if self._parking is not None:
            self._is_parked = False
            self._parking.passed(0)
        return True

    async def _deliver_with_patience(self, alert: Alert) -> None:
        if self._parking is None or self._is_parked:
            await self._deliver(alert)
            return
        async for attempt in stamina.retry_context(
            on=NotDelivered,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=WAIT_INITIAL_SECONDS,
            wait_max=WAIT_MAX_SECONDS,
            wait_jitter=WAIT_JITTER_SECONDS,
        ):
            with attempt:
                await self._deliver(alert)

    async def _not_delivered(self, error: NotDelivered, backoff: Backoff) -> None:
        if self._parking is None:
            _log.warning("notices_wait", destination=self._destination, error=str(error))
            await backoff.pause(self._stop)
            return
        self._is_parked = True
        self._parking.park(0, str(error), self._stop)
        await asyncio.sleep(PROBE_SECONDS)


async def _deliver(channel: Channel, alert: Alert) -> None:
    await in_daemon_thread(partial(deliver, channel, alert), "delivery")


class _Nats:
    """The connection to NATS, made when needed and dropped at the first trouble."""

    def __init__(self, nats_url: str) -> None:
        self._nats_url = nats_url
        self._open = AsyncExitStack()
        self._jetstream: JetStreamContext | None = None

    async def deliver(self, alert: Alert) -> None:
        """Store an alert in the stream. Raises NotDelivered."""
        try:
            if self._jetstream is None:
                connection = await self._open.enter_async_context(
                    connected(self._nats_url, f"{CONSUMER}-alerts")
                )
                jetstream = connection.client.jetstream()
                await ensure_alerts(jetstream)
                self._jetstream = jetstream
            await publish_alert(self._jetstream, alert)
        except (OSError, NatsError) as error:
            await self.close()
            raise NotDelivered(f"NATS: {error or repr(error)}") from error

    async def close(self) -> None:
        """Close the connection, if there is one."""
        self._jetstream = None
        await self._open.aclose()


async def _ended(task: "asyncio.Task[None]") -> None:
    """Cancel, and wait. What it has ended by before was for `raise_failure`."""
    task.cancel()
    await asyncio.wait([task])
