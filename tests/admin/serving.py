"""A listener in a thread of its own, polled while somebody asks it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from venue.admin.listener import AdminListener, Reply

Answer = Callable[[dict[str, Any], Reply, int], None]


@contextmanager
def serving(data_dir: Path, answer: Answer) -> Iterator[AdminListener]:
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
