"""Shows a live screen until it is to stop: on a terminal as a screen, elsewhere as a line a second.

The screen is on stderr.
"""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import typer
from rich.console import Console
from rich.live import Live

from venue.cli.screen.live_screen import Screen, as_line, as_screen

_SCREEN_SECONDS = 0.5
_LINE_SECONDS = 1.0


class View(Protocol):
    """Whoever knows what there is to show."""

    def now(self) -> Screen:
        """What there is to show now."""


def show(view: View, stop: threading.Event, *, lines_on_stderr: bool) -> None:
    """Show what the view has, again and again, until `stop` is set.

    lines_on_stderr: without a terminal; stdout is somebody else's.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        while not stop.wait(_LINE_SECONDS):
            typer.echo(as_line(view.now()), err=lines_on_stderr)
        return
    with (
        _stderr_without_logs(),
        Live(as_screen(view.now()), console=console, screen=True, auto_refresh=False) as live,
    ):
        while not stop.wait(_SCREEN_SECONDS):
            live.update(as_screen(view.now()), refresh=True)


@contextmanager
def _stderr_without_logs() -> Iterator[None]:
    """Keep log lines off the screen; they still go to their files."""
    root = logging.getLogger()
    muted = [
        handler
        for handler in root.handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr
    ]
    for handler in muted:
        root.removeHandler(handler)
    try:
        yield
    finally:
        for handler in muted:
            root.addHandler(handler)
