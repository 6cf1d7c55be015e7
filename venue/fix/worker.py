"""One thread for work that would stall the loop of trading, which polls it for the results.

Knows threads only. The loop never waits for it, and the thread uses nothing of the loop's.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import structlog

_log = structlog.get_logger("worker")
_Result = TypeVar("_Result")


class _Job(NamedTuple):
    work: Callable[[], Any]
    then: Callable[[Any], None]


class Worker:
    """A daemon thread with a bounded queue; jobs are done in their order.

    submitted: how many jobs it was given. completed: how many of their `then` were called.
    """

    def __init__(self, name: str, most_waiting: int) -> None:
        self.submitted = 0
        self.completed = 0
        self._jobs: queue.Queue[_Job | None] = queue.Queue(most_waiting)
        self._done: deque[tuple[_Job, Any]] = deque()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[], _Result], then: Callable[[_Result | None], None]) -> bool:
        """Queue `work` for the thread; `poll` then calls `then(result)`. False: too many jobs wait.

        result is None when `work` has raised; that is logged.
        """
        try:
            self._jobs.put_nowait(_Job(work, then))
        except queue.Full:
            return False
        self.submitted += 1
        return True

    def poll(self) -> None:
        """Call `then` of every job that is done; returns at once."""
        while self._done:
            job, result = self._done.popleft()
            self.completed += 1
            job.then(result)

    def close(self, patience_seconds: float) -> None:
        """End the thread once it has done its jobs; it ends with the process at the latest."""
        try:
            self._jobs.put(None, timeout=patience_seconds)
        except queue.Full:
            _log.warning("work was left undone", jobs=self.submitted - self.completed)
            return
        self._thread.join(patience_seconds)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                result = job.work()
            except Exception:
                _log.exception("a job failed")
                result = None
            self._done.append((job, result))
