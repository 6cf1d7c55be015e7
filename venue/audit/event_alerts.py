"""Alerts of events that somebody has to know of at once, sent when they are in the trail: denied
attempts, and a history that begins.

May know NATS. An alert is sent again until it is stored; it is never the record.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

import msgspec

from venue.bus.alerts import Alert, send_alert
from venue.bus.delivered import Delivered
from venue.domain.events import AttemptDenied, Event, HistoryBegun
from venue.domain.verbs import words_of

ATTEMPT_DENIED, SESSIONS_CLOSED = "attempt_denied", "sessions_closed"
ALERT_TYPES: dict[type[Event], str] = {
    AttemptDenied: ATTEMPT_DENIED,
    HistoryBegun: SESSIONS_CLOSED,
}
"""Events of which an alert is sent, and its type."""
ALERTED = frozenset(event.__name__ for event in ALERT_TYPES)
"""Types of these events; the audit looks into no others."""


class EventAlerts:
    """Sends one after the other beside the trail, which does not wait.

    How many denials there are has been bounded by trading.
    """

    def __init__(self, consumer: str, nats_url: str, stop: asyncio.Event) -> None:
        self._consumer = consumer
        self._nats_url = nats_url
        self._stop = stop
        self._waiting: deque[Alert] = deque()
        self._sending: asyncio.Task[None] | None = None

    def send(self, events: Sequence[Delivered]) -> None:
        """Begin to send an alert for each event that has one; returns at once."""
        self._waiting += (
            Alert(
                type=ALERT_TYPES[type(one.event)],
                timestamp_ns=one.event.timestamp_ns,
                consumer=self._consumer,
                event_seq=one.event_seq,
                error=words_of(msgspec.json.decode(one.payload)),
            )
            for one in events
            if one.head.type in ALERTED
        )
        if self._waiting and (self._sending is None or self._sending.done()):
            self._sending = asyncio.create_task(self._send_waiting())

    async def close(self) -> None:
        """Give alerts that wait a last try. To be called after `stop`."""
        if self._sending is not None:
            await self._sending

    async def _send_waiting(self) -> None:
        while self._waiting:
            await send_alert(self._nats_url, self._waiting[0], self._stop)
            self._waiting.popleft()
