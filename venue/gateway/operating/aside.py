"""Work that waits for disk, beside the event loop: a few at a time, each with a deadline.

Knows nothing of what it runs. A thread cannot be ended: late ones keep their threads until they are
done, so that they never become many.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from venue.gateway.guard import Guard, GuardTold, is_any_of
from venue.gateway.problems import Code, Problem

AT_ONCE = 3
WAIT_SECONDS = 5.0
DEADLINE_SECONDS = 15.0
T = TypeVar("T")


class Aside:
    """Threads for work of one kind. what: in words, of which refusals speak."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._threads = ThreadPoolExecutor(AT_ONCE, "aside")
        self._guard = Guard(what, AT_ONCE, is_any_of(TimeoutError), waits_seconds=WAIT_SECONDS)

    def guard(self) -> GuardTold:
        """How busy it is."""
        return self._guard.told()

    def close(self) -> None:
        """Take no more work; what runs ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def run(self, work: Callable[[], T]) -> T:
        """What the work returns, or raises. Raises Problem AWAY where it takes too long."""
        try:
            async with self._guard.passing(), asyncio.timeout(DEADLINE_SECONDS):
                return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except TimeoutError as error:
            raise Problem(
                Code.AWAY, f"{self._what} cannot be read in time", retry_after=5
            ) from error
