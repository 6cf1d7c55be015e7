"""How far a long command is: a bar on stderr, where that is a terminal and only if it takes long.

Knows rich. Nothing is said in a pipe, nor by what is done within AFTER_SECONDS.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

AFTER_SECONDS = 2.0
LOOK_SECONDS = 0.1


class Bar:
    """Told how far it is as often as that changes; shown from time to time. of: the last event,
    0 where nobody knows it."""

    def __init__(self, what: str, of: int = 0) -> None:
        self._what, self._of = what, of
        self._number = 0
        self._due = 0.0
        self._lock = threading.Lock()
        self._shown: Progress | None = None
        self._has_ended = False

    def at(self, event_seq: int) -> None:
        """It has done this event."""
        self._number = event_seq
        if self._shown is not None and time.monotonic() >= self._due:
            self._due = time.monotonic() + LOOK_SECONDS
            self._update()

    def name(self, what: str) -> None:
        """It does something else now."""
        self._what = what
        self._update()

    def show(self) -> None:
        """From now on it is seen; in any thread."""
        from rich.console import Console  # here, for most commands are done before
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[at]}"),
            TimeElapsedColumn(),
        )  # fmt: skip
        with self._lock:
            if not self._has_ended:
                self._shown = Progress(*columns, console=Console(stderr=True), transient=True)
                self._shown.add_task(self._what, total=None, at="")
                self._update()
                self._shown.start()

    def end(self) -> None:
        """Take it away again."""
        with self._lock:
            self._has_ended = True
            if self._shown is not None:
                self._shown.stop()

    def _update(self) -> None:
        if self._shown is not None:
            total = max(self._of, self._number) if self._of else None
            at = f"event {self._number:,}" if self._number else ""
            task = self._shown.task_ids[0]
            self._shown.update(
                task, description=self._what, completed=self._number, total=total, at=at
            )


@contextmanager
def progress(what: str, of: int = 0) -> Iterator[Bar]:
    """A bar for what is done inside, once that has taken AFTER_SECONDS. of: see Bar."""
    bar = Bar(what, of)
    timer = threading.Timer(AFTER_SECONDS, bar.show)
    timer.daemon = True
    if sys.stderr.isatty():
        timer.start()
    try:
        yield bar
    finally:
        timer.cancel()
        bar.end()
