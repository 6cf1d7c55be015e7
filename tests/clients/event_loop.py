"""An event loop that runs only while a test waits for something.

Knows asyncio; knows no FIX.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from tests.clients.broker import WAIT_SECONDS


class WaitingLoop:
    """`run` and `wait_for` drive the loop; `stir` wakes a `wait_for` to look again."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._stirred = asyncio.Event()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """What a coroutine returns."""
        return self._loop.run_until_complete(coroutine)

    def stir(self) -> None:
        """Something has happened."""
        self._stirred.set()

    def wait_for(self, happened: Callable[[], bool]) -> None:
        """Run until `happened`, asked whenever stirred; AssertionError after WAIT_SECONDS."""

        async def until() -> None:
            async with asyncio.timeout(WAIT_SECONDS):
                while not happened():
                    self._stirred.clear()
                    await self._stirred.wait()

        try:
            self.run(until())
        except TimeoutError:
            raise AssertionError("it did not happen in time") from None

    def close(self) -> None:
        """Cancel what is left and close the loop."""
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self.run(_ended(tasks))
        self._loop.close()


async def _ended(tasks: set[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
