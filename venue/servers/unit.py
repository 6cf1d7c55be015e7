"""A process that the supervisor keeps running: it is started again, each time after a longer pause.

May know child processes only. Never gives up, and never raises because a start has failed.
"""

import logging
import time
from collections.abc import Callable

import structlog

from venue.servers import ServerError
from venue.servers.child import Child

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
STEADY_SECONDS = 10.0
"""A process that has run this long counts as healthy again: its next pause is the shortest."""
FAILING_ENDS = 5
"""A process that has ended this often, without such a run in between, is failing."""

_log = structlog.get_logger()


class Unit:
    """A worker process or embedded server, and when it is to be started again.

    restarts: how often it was started again. failing: its last log line while it keeps ending.
    hurt: what a full disk has done to it.
    """

    def __init__(self, name: str, start: Callable[[], Child]) -> None:
        self.name = name
        self.child: Child | None = None
        self.restarts = 0
        self.failing = ""
        self.hurt = ""
        self._start = start
        self._ends = 0
        self._started_at = 0.0
        self._due_at = 0.0
        self._pause_seconds = FIRST_PAUSE_SECONDS

    def launch(self) -> None:
        """Start it now. Raises ServerError or OSError when it cannot be started."""
        self.child = self._start()
        self._started_at = time.monotonic()

    def keep_running(self) -> bool:
        """Note that it has ended, and start it again once its pause is over.

        Returns whether its pid or state has changed.
        """
        if self.child is not None:
            return self._note_end(self.child)
        if time.monotonic() < self._due_at:
            return False
        try:
            self.launch()
        except (ServerError, OSError) as error:
            self._schedule()
            _log.error("cannot be started again yet", name=self.name, reason=str(error))
            return False
        self.restarts += 1
        _log.info("started again", name=self.name, pid=self.child.pid if self.child else None)
        return True

    def _note_end(self, child: Child) -> bool:
        status = child.exit_status()
        was_failing = bool(self.failing)
        if time.monotonic() - self._started_at >= STEADY_SECONDS:
            self._pause_seconds, self._ends, self.failing = FIRST_PAUSE_SECONDS, 0, ""
        if status is None:
            return was_failing and not self.failing
        self._ends += 1
        said = child.last_log_line()
        if self._ends >= FAILING_ENDS:
            self.failing = f"ended {self._ends} times in a row, last with status {status}: {said}"
        _log.log(
            logging.CRITICAL if self.failing else logging.ERROR,
            "keeps ending" if self.failing else "ended by itself",
            name=self.name,
            pid=child.pid,
            status=status,
            said_last=said,
            again_in_seconds=str(self._pause_seconds),
        )
        self.child = None
        self._schedule()
        return True

    def _schedule(self) -> None:
        self._due_at = time.monotonic() + self._pause_seconds
        self._pause_seconds = min(2 * self._pause_seconds, LONGEST_PAUSE_SECONDS)
