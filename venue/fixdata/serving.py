"""The door of a data process in an asyncio loop, beside whatever its core follows.

One thread: the door is polled when one of its sockets has something, and now and then for its
timers; more often while something waits that no socket tells of. Idle, it hardly runs.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from venue.fixdata.answering import Answering
from venue.fixdata.edge import DataEdge
from venue.fixdata.reloading import Reloading
from venue.fixdata.status import StatusFile

BUSY_SECONDS = 0.002
CONNECTED_SECONDS = 0.05
IDLE_SECONDS = 0.5
_STATUS_SECONDS = 1.0
STOPPING = "VENUE_STOPPING the venue stops"


async def serve(
    edge: DataEdge,
    status: StatusFile,
    stop: asyncio.Event,
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Accept and serve until `stop` is set; then log all sessions out.

    tick: what the core does each round. Raises what it and the edge's `poll` raise.
    """
    loop = asyncio.get_running_loop()
    stirred = asyncio.Event()
    reloading = Reloading(edge)
    answering = Answering(edge, status.socket, status.describe)
    edge.open()
    descriptor = edge.arrivals.fileno()
    loop.add_reader(descriptor, stirred.set)
    waiting = loop.create_task(stop.wait())
    waiting.add_done_callback(lambda _: stirred.set())
    status_due = loop.time()
    try:
        while not stop.is_set():
            edge.poll()
            answering.poll()
            tick()
            now = loop.time()
            if now >= status_due:
                status_due = now + _STATUS_SECONDS
                edge.log.flush()
                status.show()
                reloading.look()
                edge.end_disabled()
            stirred.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(stirred.wait(), _pause(edge))
    finally:
        waiting.cancel()
        loop.remove_reader(descriptor)
        answering.close()
        edge.stop(STOPPING)
        status.remove()


def _pause(edge: DataEdge) -> float:
    if edge.is_busy:
        return BUSY_SECONDS
    return CONNECTED_SECONDS if edge.has_connections else IDLE_SECONDS


__all__ = ["serve"]
