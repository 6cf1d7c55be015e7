"""Alerts on NATS, `alert.<member>` (`alert._` where no member is concerned), kept in stream ALERTS.

May know JetStream. An alert waits in the stream until somebody reads it; it is never the record.
"""

import asyncio

import msgspec
import structlog
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from venue.bus.connection import Backoff, connected
from venue.bus.envelope import MESSAGE_ID
from venue.bus.stream import ensure_alerts
from venue.bus.subjects import ALERTS as ALERTS
from venue.bus.subjects import ALL_ALERTS as ALL_ALERTS
from venue.bus.subjects import alert_subject

ALERT_VERSION = 1

_log = structlog.get_logger()


def _version() -> int:
    return ALERT_VERSION


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that somebody has to look at; event_seq 0: it is about no event.

    error: what has happened, in a sentence. consumer: the part of the venue that says so. member:
    whom it concerns; empty: the operator. id: the same where an alert comes again. facts: numbers
    and names by FIX's names in snake case, exact decimal text.
    """

    type: str
    timestamp_ns: int
    consumer: str
    event_seq: int
    error: str
    v: int = msgspec.field(default_factory=_version)
    id: str = ""
    member: str = ""
    session: str = ""
    symbol: str = ""
    facts: dict[str, str] = {}


async def publish_alert(jetstream: JetStreamContext, alert: Alert) -> None:
    """Store an alert once. Raises OSError and NatsError."""
    # The id keeps a repeat out whose first acknowledgement was lost.
    own = alert.id or f"{alert.consumer}-{alert.timestamp_ns}-{alert.event_seq}"
    payload = msgspec.json.encode(alert)
    await jetstream.publish(alert_subject(alert.member), payload, headers={MESSAGE_ID: own})


async def send_alert(nats_url: str, alert: Alert, stop: asyncio.Event) -> None:
    """Publish, again and again until the stream has it or `stop` is set."""
    backoff = Backoff()
    while True:
        try:
            async with connected(nats_url, "alert") as connection:
                jetstream = connection.client.jetstream()
                await ensure_alerts(jetstream)
                await publish_alert(jetstream, alert)
        except (OSError, NatsError) as error:
            _log.warning("alert_not_sent", error=str(error) or repr(error))
            if stop.is_set():
                return
            await backoff.pause(stop)
        else:
            return
