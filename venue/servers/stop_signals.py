"""Signals that stop a process: SIGTERM, SIGINT and SIGHUP ask for it, a second Ctrl-C demands it.

May know signals only. The handlers set a flag; the reader of the flag does the work.
"""

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

# make and terminals sometimes deliver one Ctrl-C twice; nobody types that fast.
_SAME_KEY_PRESS_SECONDS = 0.3


class StopSignals:
    """Handlers of the three signals while in its context; in another thread than main, only a flag.

    `at_once` is called inside the handler of a second SIGINT and should not return.
    """

    def __init__(self, at_once: Callable[[], None]) -> None:
        self.requested = False
        self._at_once = at_once
        self._first_interrupt_at: float | None = None
        self._before: dict[signal.Signals, Any] = {}

    def request(self) -> None:
        """Ask for the stop from inside the process. Any thread may call it."""
        self.requested = True

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                before = signal.getsignal(number)
                if number is signal.SIGHUP and before is signal.SIG_IGN:
                    continue  # ignored: started under nohup, it outlives its terminal
                self._before[number] = before
                signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.requested = True
        if number != signal.SIGINT:
            return
        now = time.monotonic()
        if self._first_interrupt_at is None:
            self._first_interrupt_at = now
        elif now - self._first_interrupt_at > _SAME_KEY_PRESS_SECONDS:
            self._at_once()
