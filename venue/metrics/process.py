"""The process `metrics`: looks once a second, and serves what it sees, a port for each process.

Knows the settings and the parts; decides nothing itself. It runs at the lowest priority, and no
other process waits for it.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import structlog

from venue.bus.connection import stop_on_signals, wait_for_stop
from venue.metrics import servers
from venue.metrics.endpoints import Endpoint, Seen
from venue.metrics.http import Port
from venue.metrics.look import Watch
from venue.processes import ENDPOINTS, METRICS
from venue.servers.runtime import RuntimeInfo
from venue.settings.settings import Settings
from venue.settings.urls import server_urls

LOOK_SECONDS = 1.0
ASK_SECONDS = 5.0
STORES_SECONDS = 15.0
_log = structlog.get_logger("metrics")
T = TypeVar("T")


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError where the first port cannot be listened on."""
    stop = stop_on_signals()
    seen = Seen(settings.metrics.capacity_per_second)
    ports = _Ports(settings, seen)
    await ports.open(METRICS.name)
    _log.info("metrics", host=settings.metrics.host, port=settings.metrics.port)
    async with asyncio.TaskGroup() as group:
        group.create_task(_look(settings, seen, ports, stop))
        group.create_task(_ask(settings, seen, stop))
        group.create_task(_look_at_stores(settings, seen, stop))
    await ports.close()


class _Ports:
    """The ports that are open, by the process whose they are."""

    def __init__(self, settings: Settings, seen: Seen) -> None:
        self._section = settings.metrics
        self._seen = seen
        self._open: dict[str, Port] = {}
        self._failed: set[str] = set()

    async def open(self, name: str) -> None:
        """Open a process's port. Raises OSError."""
        port = Port(Endpoint(name, self._seen, self._section.port).answer)
        await port.open(self._section.host, self._section.port + ENDPOINTS.index(name))
        self._open[name] = port

    async def open_new(self, names: set[str]) -> None:
        """Open the ports of processes that have none yet. One that is taken is said once."""
        for name in sorted(names - self._open.keys()):
            try:
                await self.open(name)
                self._failed.discard(name)
            except OSError as error:
                if name not in self._failed:
                    _log.error("a port is not opened", process=name, error=str(error))
                self._failed.add(name)

    async def close(self) -> None:
        """Close all."""
        for port in self._open.values():
            await port.close()


async def _look(settings: Settings, seen: Seen, ports: _Ports, stop: asyncio.Event) -> None:
    watch = Watch(settings.data_dir)
    while not await wait_for_stop(stop, LOOK_SECONDS):
        look = await _tried(watch.look)
        if look is not None:
            seen.note(look)
            await ports.open_new(set(look.processes))


async def _ask(settings: Settings, seen: Seen, stop: asyncio.Event) -> None:
    """Ask both servers again and again."""
    while not await wait_for_stop(stop, LOOK_SECONDS if not seen.servers else ASK_SECONDS):
        nats_url, database_url = _urls(settings, seen)
        if nats_url:
            found = await _tried(partial(servers.ask_nats, nats_url))
            seen.servers |= {} if found is None else {"nats": found}
        if database_url:
            found = await _tried(partial(servers.ask_postgres, database_url))
            seen.servers |= {} if found is None else {"postgres": found}


async def _look_at_stores(settings: Settings, seen: Seen, stop: asyncio.Event) -> None:
    while not await wait_for_stop(stop, LOOK_SECONDS if seen.stores is None else STORES_SECONDS):
        database_url = _urls(settings, seen)[1]
        if not database_url:  # nothing runs yet
            continue
        ask = partial(servers.look_at_stores, settings.data_dir, database_url, settings.gate)
        seen.stores = await _tried(ask)


def _urls(settings: Settings, seen: Seen) -> tuple[str, str]:
    """Where NATS and the ledger are: as told, else as the running venue has it; or empty."""
    told = server_urls(settings)
    running: RuntimeInfo | None = None if seen.look is None else seen.look.running
    nats = told["nats_url"] or ("" if running is None else running.nats)
    database = told["database_reader_url"] or ("" if running is None else running.database)
    return nats, database


async def _tried(look: Callable[[], T]) -> T | None:
    """What a look in a thread gives. What it raises is logged: the next one may do better."""
    try:
        return await asyncio.to_thread(look)
    except Exception as error:
        _log.error("a look has failed", error=str(error) or repr(error))
        return None
