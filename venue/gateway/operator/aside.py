"""Work that waits for disk, beside the event loop: a few at a time, each with a deadline.

Knows nothing of what it runs. A thread cannot be ended: one that is late keeps its place until it
is done, so that late ones never become many.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from venue.gateway.problems import Code, Problem

AT_ONCE = 3
WAIT_SECONDS = 5.0
DEADLINE_SECONDS = 15.0
T = TypeVar("T")


class Aside:
    """Threads for work of one kind."""

    def __init__(self, name: str) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)
        self._threads = ThreadPoolExecutor(AT_ONCE, name)

    def close(self) -> None:
        """Take no more work; what runs ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def run(self, work: Callable[[], T]) -> T:
        """What the work returns, or raises. Raises Problem AWAY where it takes too long."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._places.acquire()
        except TimeoutError as error:
            raise Problem(Code.AWAY, "too many read at once", retry_after=1) from error
        working = asyncio.get_running_loop().run_in_executor(self._threads, work)
        working.add_done_callback(self._free)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                return await asyncio.shield(working)
        except TimeoutError as error:
            raise Problem(Code.AWAY, "it takes too long to read", retry_after=5) from error

    def _free(self, done: "asyncio.Future[Any]") -> None:
        """Free the place; what a late one has raised is nobody's any more."""
        self._places.release()
        if not done.cancelled():
            done.exception()
