"""What each process's port answers: /metrics, /healthz and /readyz; the first one /targets, too.

Knows the last looks, which `process` keeps fresh, and the verdicts. An old look is no answer: then
nobody is healthy.
"""

import asyncio
import time
from http import HTTPStatus

import msgspec

from venue.metrics import samples
from venue.metrics.exposition import CONTENT_TYPE, exposition
from venue.metrics.http import Reply
from venue.metrics.look import Look
from venue.metrics.proc import machine_use
from venue.metrics.servers import ServerLook, Stores
from venue.metrics.verdict import why_not_healthy, why_not_ready
from venue.processes import ENDPOINTS, METRICS, TRADING

JSON = "application/json"
BUSIEST_OF_SECONDS = 60
OLD_SECONDS = 10.0
NOT_LOOKED = "nobody has looked yet"


class Seen:
    """The last looks. capacity: the measured limit of messages in a second; 0: none."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.look: Look | None = None
        self.servers: dict[str, ServerLook] = {}
        self.stores: Stores | None = None
        self._records: list[tuple[float, int]] = []

    def note(self, look: Look) -> None:
        """A look was taken."""
        self.look = look
        trading = look.processes.get(TRADING.name)
        if trading is not None and trading.counts is not None:
            at_ns, records = trading.counts.beat_ns, trading.counts.values["records"]
            if not self._records or self._records[-1][0] < at_ns:
                self._records.append((at_ns, records))
                del self._records[: -BUSIEST_OF_SECONDS - 1]

    def busiest(self) -> int | None:
        """Commands of the busiest second of the last minute; None: not known yet."""
        pairs = zip(self._records, self._records[1:], strict=False)
        rates = [
            (after - before) * 1e9 / (then - since)
            for (since, before), (then, after) in pairs
            if after >= before
        ]
        return round(max(rates)) if rates else None


class Endpoint:
    """The answers at the port of one process."""

    def __init__(self, name: str, seen: Seen, first_port: int) -> None:
        self._name = name
        self._seen = seen
        self._first_port = first_port

    async def answer(self, path: str, host: str) -> Reply | None:
        """The reply to a path; None: it is none of ours. host: as which we were asked."""
        if path == "/targets" and self._name == METRICS.name:
            return self._targets(host)
        if path == "/metrics":
            return await asyncio.to_thread(self._metrics)
        if path == "/healthz":
            return _verdict(self._why_not_healthy())
        if path == "/readyz":
            return _verdict(await asyncio.to_thread(self._why_not_ready))
        return None

    def _targets(self, host: str) -> Reply:
        """Every process's port, as Prometheus's discovery by HTTP asks for them."""
        look = self._seen.look
        names = {self._name, *(() if look is None else look.processes)}
        places = sorted(map(ENDPOINTS.index, names))
        targets = [f"{host}:{self._first_port + place}" for place in places]
        return Reply(HTTPStatus.OK, msgspec.json.encode([{"targets": targets}]), JSON)

    def _why_not_healthy(self) -> str:
        look = self._seen.look
        why = _why_not_looked(look)
        return why or why_not_healthy(look.processes.get(self._name) if look else None)

    def _why_not_ready(self) -> str:
        look = self._seen.look
        why = _why_not_looked(look)
        return why or (why_not_ready(self._name, look) if look else NOT_LOOKED)

    def _metrics(self) -> Reply:
        look = self._seen.look
        if look is None or _why_not_looked(look):
            return Reply(HTTPStatus.SERVICE_UNAVAILABLE, f"{_why_not_looked(look)}\n".encode())
        found = [*samples.process_samples(look, self._name, self._why_not_ready())]
        if self._name == METRICS.name:
            seen = self._seen
            found += samples.venue_samples(
                look, seen.servers, seen.stores, machine_use(), seen.capacity, seen.busiest()
            )
        return Reply(HTTPStatus.OK, exposition(self._name, found), CONTENT_TYPE)


def _why_not_looked(look: Look | None) -> str:
    if look is None:
        return NOT_LOOKED
    age = time.monotonic() - look.at
    return f"the last look is {age:.0f} s old" if age > OLD_SECONDS else ""


def _verdict(why: str) -> Reply:
    if why:
        return Reply(HTTPStatus.SERVICE_UNAVAILABLE, f"{why}\n".encode())
    return Reply(HTTPStatus.OK, b"ok\n")
