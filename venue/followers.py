"""The process `followers`: hosts all sinks of the venue's events, which share one stream.

Knows the table of processes and the stream. A sink's failure is its own: it is parked and started
again, ever more slowly, while the others go on.
"""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

import structlog
from structlog.contextvars import bind_contextvars

from venue.bus.checked_stream import CheckedStream
from venue.bus.connection import stop_on_signals, wait_for_stop
from venue.bus.parking import Parking
from venue.bus.seals import key_of
from venue.bus.shared_stream import SharedStream
from venue.data_directory import DataDirectory
from venue.processes import FOLLOWERS, Process, sinks_here

if TYPE_CHECKING:
    from venue.settings.settings import Settings

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
STEADY_SECONDS = 10.0
"""A sink that has run this long counts as healthy again: its next pause is the shortest."""

_log = structlog.get_logger()


async def run(settings: "Settings", *urls: str) -> None:
    """Run all sinks until SIGTERM or SIGINT. urls: what FOLLOWERS needs, in its order."""
    given = dict(zip(FOLLOWERS.needs, urls, strict=True))
    nats_url = given["nats_url"]
    stop = stop_on_signals()
    journal_dir = DataDirectory(settings.data_dir).journal
    sealed_by = key_of(settings.nats.publisher_key)
    shared = SharedStream(CheckedStream(FOLLOWERS.name, nats_url, journal_dir, sealed_by))

    async def follow(sink: Process) -> None:
        bind_contextvars(process=sink.name)  # in its log lines
        needs = [given[need] for need in sink.needs]
        await importlib.import_module(sink.module).follow(settings, stop, shared, *needs)

    async with asyncio.TaskGroup() as group:
        for sink in sinks_here(settings.processes.elsewhere):
            parking = partial(Parking, sink.name, nats_url, settings.data_dir)
            group.create_task(keep_running(partial(follow, sink), parking, stop))


async def keep_running(
    follow: Callable[[], Awaitable[None]], parking: Callable[[], Parking], stop: asyncio.Event
) -> None:
    """Run a sink until `stop` is set. Each failure parks it, and it is started again."""
    clock = asyncio.get_running_loop().time
    pause = FIRST_PAUSE_SECONDS
    while not stop.is_set():
        began = clock()
        try:
            await follow()
        except Exception as error:
            _log.error("sink_failed", exc_info=error)
            await parking().ended(f"it ended: {error or repr(error)}")
        if clock() - began >= STEADY_SECONDS:
            pause = FIRST_PAUSE_SECONDS
        await wait_for_stop(stop, pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
