"""What members hold, read from the ledger by a thread of its own: FIX never waits for a database.

Knows what reads the ledger, and brings it in with the first question: hardly a listener asks one.
One question at a time; whoever asks gets a future.
"""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from venue.clearing.portfolio.lots import Method
from venue.fixdc.held_terms import HeldNow, HeldUnknown, HeldWanted

WAIT_SECONDS = 5.0
"""How long clearing may take to come to the event that the journal was at."""


class _Asked(NamedTuple):
    """until: monotonic seconds; it is not waited for the ledger for longer."""

    wanted: HeldWanted
    until: float
    future: Future[HeldNow]


class LedgerPositions:
    """url_of: the ledger, as who only reads it; empty: there is none now. method: see Lots."""

    def __init__(self, url_of: Callable[[], str], method: Callable[[], Method]) -> None:
        self._url_of = url_of
        self._method = method
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    def ask(self, wanted: HeldWanted) -> Future[HeldNow]:
        """Begin to read. The future gives it, or raises HeldUnknown; who waits no more cancels."""
        future: Future[HeldNow] = Future()
        self._asked.put(_Asked(wanted, time.monotonic() + WAIT_SECONDS, future))
        if self._thread is None:  # it is no one's to wait for, not even the end of the process
            self._thread = threading.Thread(target=self._run, name="positions", daemon=True)
            self._thread.start()
        return future

    def close(self) -> None:
        """Answer nothing more. Does not wait for an answer that is under way."""
        self._closed.set()
        self._asked.put(None)

    def _run(self) -> None:
        from venue.fixdc.ledger_reading import LedgerReading  # here, for it brings in drivers

        ledger = LedgerReading(self._url_of, self._method, self._closed)
        while (asked := self._asked.get()) is not None:
            if not asked.future.set_running_or_notify_cancel():
                continue
            try:
                asked.future.set_result(ledger.read(asked.wanted, asked.until))
            except Exception as error:  # it is whoever asked who has to know
                asked.future.set_exception(error)
        ledger.close()


__all__ = ["HeldNow", "HeldUnknown", "HeldWanted", "LedgerPositions"]
