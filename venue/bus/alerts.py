"""Alerts on NATS, `alert.<member>` (`alert._` where no member is concerned), kept in stream ALERTS.

May know JetStream. An alert waits in the stream until somebody reads it; it is never the record.
"""

import asyncio

import msgspec
import structlog
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from venue.bus.connection import Backoff, connected
from venue.bus.envelope import MESSAGE_ID
from venue.domain.events import NO_SYMBOL

ALERTS = "ALERTS"
ALL_ALERTS = "alert.>"
ALERT_VERSION = 1
KEPT_SECONDS = 30 * 24 * 3600.0
KEPT_BYTES = 64 * 1024 * 1024

_log = structlog.get_logger()


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody has to look at; event_seq 0: it is about no event."""

    type: str
    timestamp_ns: int
    consumer: str
    event_seq: int
    error: str
    v: int = ALERT_VERSION


async def send_alert(nats_url: str, alert: Alert, stop: asyncio.Event) -> None:
    """Publish on `alert._`, again and again until the stream has it or `stop` is set."""
    backoff = Backoff()
    while True:
        try:
            async with connected(nats_url, "alert") as connection:
                jetstream = connection.client.jetstream()
                await _ensure_stream(jetstream)
                # The id keeps a repeat out whose first acknowledgement was lost.
                await jetstream.publish(
                    f"alert.{NO_SYMBOL}",
                    msgspec.json.encode(alert),
                    headers={
                        MESSAGE_ID: f"{alert.consumer}-{alert.timestamp_ns}-{alert.event_seq}"
                    },
                )
        except (OSError, NatsError) as error:
            _log.warning("alert_not_sent", error=str(error) or repr(error))
            if stop.is_set():
                return
            await backoff.pause(stop)
        else:
            return


async def _ensure_stream(jetstream: JetStreamContext) -> None:
    try:
        await jetstream.stream_info(ALERTS)
    except NotFoundError:
        await jetstream.add_stream(
            StreamConfig(
                name=ALERTS,
                subjects=[ALL_ALERTS],
                storage=StorageType.FILE,
                discard=DiscardPolicy.OLD,
                max_age=KEPT_SECONDS,
                max_bytes=KEPT_BYTES,
            )
        )
