"""Ctrl-C and SIGTERM as a request to end the load in good order and to tell what was measured."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def ended_by_signals(end: Callable[[], None]) -> Iterator[None]:
    """While the context lasts these signals call `end` instead; in the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python gives signals to no other
        return

    def handle(number: int, frame: FrameType | None) -> None:
        end()

    before = [(number, signal.signal(number, handle)) for number in _ENDING]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
