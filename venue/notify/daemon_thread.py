"""Work in a thread that nobody has to wait for: not even the end of the process does."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_daemon_thread(work: Callable[[], T], name: str) -> T:
    """What `work` gives or raises. Who waits may be cancelled; the thread then ends by itself."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def give(result: T) -> None:
        if not outcome.done():
            outcome.set_result(result)

    def fail(error: BaseException) -> None:
        if not outcome.done():
            outcome.set_exception(error)

    def run() -> None:
        try:
            result = work()
        except Exception as error:
            _tell(loop, fail, error)
        else:
            _tell(loop, give, result)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await outcome


def _tell(loop: asyncio.AbstractEventLoop, tell: Callable[[T], None], what: T) -> None:
    try:
        loop.call_soon_threadsafe(tell, what)
    except RuntimeError:  # the loop has ended meanwhile: nobody waits any more
        return
