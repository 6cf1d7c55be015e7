"""Alerts of the supervisor: it notices what a process cannot say of itself.

May know the alerts. Never makes the supervisor wait: each alert has a thread, which tries until
NATS is there, and which no child is started from.
"""

import asyncio
import threading
from collections.abc import Mapping

from venue.bus.alerts import Alert, send_alert
from venue.clock import Clock


class Alarm:
    """One alert for each trouble when it begins, and not again while it lasts."""

    def __init__(self, nats_url: str) -> None:
        self._nats_url = nats_url
        self._sounding: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._sending: dict[asyncio.AbstractEventLoop, asyncio.Event] = {}
        self._is_closed = False

    def hear(self, type_: str, troubles: Mapping[str, str]) -> bool:
        """Take all troubles of a type that there are now, by process. Whether that has changed."""
        known = {name for kind, name in self._sounding if kind == type_}
        for name in troubles.keys() - known:
            alert = Alert(
                type=type_,
                timestamp_ns=Clock().now_ns(),
                consumer=name,
                event_seq=0,
                error=troubles[name],
            )
            threading.Thread(target=self._send, args=(alert,), name="alarm", daemon=True).start()
        self._sounding -= {(type_, name) for name in known - troubles.keys()}
        self._sounding |= {(type_, name) for name in troubles}
        return known != troubles.keys()

    def _send(self, alert: Alert) -> None:
        async def send() -> None:
            loop, stop = asyncio.get_running_loop(), asyncio.Event()
            with self._lock:
                if self._is_closed:
                    return
                self._sending[loop] = stop
            try:
                await send_alert(self._nats_url, alert, stop)
            finally:
                with self._lock:
                    del self._sending[loop]

        asyncio.run(send())

    def close(self) -> None:
        """Give up what has not been sent: the supervisor ends."""
        with self._lock:
            self._is_closed = True
            for loop, stop in self._sending.items():
                loop.call_soon_threadsafe(stop.set)
