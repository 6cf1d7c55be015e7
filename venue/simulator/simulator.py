"""The simulator in a thread of its own, for tests of a FIX engine. Safe to call from any thread."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from venue.simulator.behaviours import AnyBehaviour
from venue.simulator.counter import Login
from venue.simulator.proxy import Proxy, Status

T = TypeVar("T")


class Simulator:
    """Runs while in its context; `address` is where the client connects.

    venue: HOST and PORT where sessions log on. steps: armed at the start. counter: a session that
    nobody uses, for Fill. log: a directory for what the client sends and gets. Raises OSError when
    it cannot listen, ScriptError for a Fill without a counter.
    """

    def __init__(
        self,
        venue: tuple[str, int],
        *,
        steps: Sequence[AnyBehaviour] = (),
        listen: tuple[str, int] = ("127.0.0.1", 0),
        counter: Login | None = None,
        log: Path | None = None,
    ) -> None:
        self.address = listen
        self._proxy = Proxy(venue, steps, counter, log)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="simulator")

    def do(self, *behaviours: AnyBehaviour) -> None:
        """Arm these behind the others. Raises ScriptError."""
        self._call(lambda: self._proxy.do(behaviours))

    def clear(self) -> None:
        """Arm nothing: from now on it behaves as the venue does."""
        self._call(self._proxy.clear)

    def status(self) -> Status:
        """Who is connected, what was asked for, what became of it."""
        return self._call(self._proxy.status)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.address = asyncio.run_coroutine_threadsafe(
                self._proxy.start(*self.address), self._loop
            ).result()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._proxy.stop(), self._loop).result()
        self._end()

    def _call(self, function: Callable[[], T]) -> T:
        assert self._thread.is_alive(), "it runs in its context only"
        result: Future[T] = Future()

        def run() -> None:
            try:
                result.set_result(function())
            except BaseException as error:
                result.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return result.result()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
