"""Takes the operator's alerts, `alert._`, from their stream to the operator's channels.

They are made by all parts of the venue, not from events, so this has a place of its own in the
stream, kept in one transaction with what waits. Knows JetStream and the store.
"""

import asyncio
from collections.abc import Callable, Mapping

import msgspec
import structlog
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from venue.bus.alerts import Alert
from venue.bus.connection import Backoff, connected, wait_for_stop
from venue.bus.halts import StoreAway
from venue.bus.subjects import ALERTS, alert_subject
from venue.notify.alert_of import CONSUMER
from venue.notify.channels import OPERATOR, Channel, destination_of
from venue.notify.store import Delivery, Store

LOOK_SECONDS = 1.0
_log = structlog.get_logger()


class OperatorAlerts:
    """channels: the operator's now. wake: called when more waits for them."""

    def __init__(
        self,
        store: Store,
        nats_url: str,
        channels: Callable[[], Mapping[str, Channel]],
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._nats_url = nats_url
        self._channels = channels
        self._wake = wake

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the stream until `stop` is set, through every failure of NATS."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                async with connected(self._nats_url, f"{CONSUMER}-operator") as connection:
                    await self._follow(connection.client.jetstream(), backoff, stop)
            except (OSError, NatsError, StoreAway) as error:
                _log.warning("operator_alerts_wait", error=str(error) or repr(error))
                await backoff.pause(stop)

    async def _follow(
        self, jetstream: JetStreamContext, backoff: Backoff, stop: asyncio.Event
    ) -> None:
        while not await wait_for_stop(stop, LOOK_SECONDS):
            channels = self._channels()
            if channels:
                await self._take_new(jetstream, channels)
            backoff.reset()

    async def _take_new(self, jetstream: JetStreamContext, channels: Mapping[str, Channel]) -> None:
        read = await asyncio.to_thread(self._store.alerts_read)
        try:
            last = (await jetstream.stream_info(ALERTS)).state.last_seq
        except NotFoundError:  # nothing has alerted yet
            return
        if last < read:  # another stream: NATS has lost the one of before
            read = 0
        while read < last and (message := await _next(jetstream, read + 1)) is not None:
            read = message.seq or last
            deliveries = _deliveries(message.data or b"", channels)
            await asyncio.to_thread(self._store.add, deliveries, read)
            if deliveries:
                self._wake()


def _deliveries(payload: bytes, channels: Mapping[str, Channel]) -> list[Delivery]:
    alert = msgspec.json.decode(payload, type=Alert)
    # those that are about no event's alert have no id of their own
    own = alert.id or f"{alert.consumer}-{alert.timestamp_ns}-{alert.event_seq}"
    alert = msgspec.structs.replace(alert, id=own)
    return [
        Delivery(
            destination_of(OPERATOR, name),
            own,
            alert.event_seq,
            alert.timestamp_ns,
            msgspec.json.encode(alert),
        )
        for name, channel in channels.items()
        if channel.wants(alert)
    ]


async def _next(jetstream: JetStreamContext, sequence: int) -> RawStreamMsg | None:
    """The operator's first alert from this sequence on."""
    try:
        return await jetstream.get_msg(ALERTS, sequence, subject=alert_subject(""), next=True)
    except NotFoundError:
        return None
