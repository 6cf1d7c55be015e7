"""A listener in a thread of its own, polled until the test ends."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from venue.admin.listener import AdminListener, Reply

Answer = Callable[[dict[str, Any], Reply], None]


@contextmanager
def listening(data_dir: Path, answer: Answer) -> Iterator[AdminListener]:
    """A listener at `data_dir` that is polled all the time inside the context."""
    listener = AdminListener(data_dir, answer)
    stop = threading.Event()

    def poll() -> None:
        while not stop.wait(0.001):
            listener.poll()

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield listener
    finally:
        stop.set()
        thread.join()
        listener.close()


def echo(request: dict[str, Any], reply: Reply) -> None:
    """Answer with what was asked."""
    reply({"ok": True, "asked": request})


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Path]:
    """A data directory in which an echo listens."""
    with listening(tmp_path, echo):
        yield tmp_path
