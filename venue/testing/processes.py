"""The processes of a venue that a test has started, from the first to the end of the last.

Knows one command line of `venue run` at a time; nothing of parts, ports or sessions.
"""

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from venue.processes import TRADING
from venue.servers import child
from venue.servers.left_over import start_ticks
from venue.servers.runtime import READY_FD_VARIABLE, RuntimeInfo, find_running
from venue.testing.starting import VenueNotReady, await_running, last_word

_TRADING_SECONDS = 60.0
_WHOLE_SECONDS = 120.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.01


class VenueProcesses:
    """Trading, or what runs all others; both end with the thread that started them."""

    def __init__(self, data_dir: Path, log_file: Path) -> None:
        self._data_dir = data_dir
        self._log_file = log_file
        self._child: child.Child | None = None
        self._began: dict[int, int] = {}
        """Processes of a whole venue, and when each was started: a pid may be given again."""

    @property
    def was_started(self) -> bool:
        """Whether there is, or was, one."""
        return self._child is not None

    @property
    def is_running(self) -> bool:
        """Whether the first of them lives."""
        return self._child is not None and self._child.is_alive()

    @property
    def pid(self) -> int:
        """Of the first of them."""
        assert self._child is not None, "it was not started"
        return self._child.pid

    def start_trading(self, line: Sequence[str]) -> dict[str, str]:
        """Start trading alone; its address by its name. Raises VenueNotReady with the reason."""
        reader, writer = os.pipe()
        try:
            self._child = child.spawn(
                TRADING.name,
                line,
                log_file=self._log_file,
                environment={**os.environ, READY_FD_VARIABLE: str(writer)},
                pass_fds=(writer,),
            )
        finally:
            os.close(writer)
        word = last_word(reader, _TRADING_SECONDS)
        if word is None or not word.ready:
            why = self._child.last_log_line() if word is None else word.error
            raise VenueNotReady(f"the venue did not start: {why}")
        return {TRADING.name: word.fix}

    def start_whole(self, line: Sequence[str]) -> dict[str, str]:
        """Start a whole venue; addresses by process. Raises VenueNotReady with the reason."""
        self._child = child.spawn(
            "venue",
            line,
            log_file=self._log_file,
            death_signal=signal.SIGTERM,  # so that it ends all others
        )
        running = await_running(self._data_dir, self._child, _WHOLE_SECONDS)
        self._note(running)
        return {TRADING.name: running.fix, **running.addresses}

    def end(self, number: signal.Signals) -> int:
        """End the first by a signal and, whatever comes of that, all that are known; its status."""
        assert self._child is not None, "it was not started"
        running = find_running(self._data_dir)
        if running is not None:
            self._note(running)
        try:
            return self._child.stop(number, _STOP_SECONDS)
        finally:
            self._end_all()

    def _note(self, running: RuntimeInfo) -> None:
        for pid in (*running.processes.values(), *running.servers.values()):
            ticks = start_ticks(pid)
            if ticks is not None:
                self._began[pid] = ticks

    def _end_all(self) -> None:
        """Wait for them, for they end with the one that ran them; kill those that do not."""
        deadline = time.monotonic() + _STOP_SECONDS
        while left := [pid for pid, ticks in self._began.items() if start_ticks(pid) == ticks]:
            if time.monotonic() > deadline:
                for pid in left:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            time.sleep(_POLL_SECONDS)
        self._began.clear()
