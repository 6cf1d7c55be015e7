"""What members hold, read from the ledger by a thread of its own: FIX never waits for a database.

Knows the portfolio's reading. One question at a time; whoever asks gets a future.
"""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from venue.clearing.balances import NotBookedYet
from venue.clearing.database import ledger_engine
from venue.clearing.portfolio.lots import Method
from venue.clearing.portfolio.reading import (
    Holdings,
    Mark,
    Moment,
    NoLedger,
    ensure_booked,
    read_holdings,
    read_marks,
)
from venue.servers import ServerError

WAIT_SECONDS = 5.0
"""How long clearing may take to come to the event that the journal was at."""
_PAUSE_SECONDS = 0.05


class HeldWanted(NamedTuple):
    """member: whose. through: the ledger has to have come so far.

    at_ns: as of this time; None: of event `through`. before_ns: prior marks are of this time.
    """

    member: str
    through: int
    at_ns: int | None
    before_ns: int


class HeldNow(NamedTuple):
    """holdings, and the marks before them by symbol."""

    holdings: Holdings
    prior: dict[str, Mark]


class _Asked(NamedTuple):
    """until: monotonic seconds; it is not waited for the ledger for longer."""

    wanted: HeldWanted
    until: float
    future: Future[HeldNow]


class HeldUnknown(Exception):
    """The ledger does not say; the text is for whoever asks."""


class LedgerPositions:
    """url_of: the ledger, as who only reads it; empty: there is none now. method: see Lots."""

    def __init__(self, url_of: Callable[[], str], method: Callable[[], Method]) -> None:
        self._url_of = url_of
        self._method = method
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self._engine: Engine | None = None
        self._url = ""

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
        while (asked := self._asked.get()) is not None:
            if not asked.future.set_running_or_notify_cancel():
                continue
            try:
                asked.future.set_result(self._read(asked.wanted, asked.until))
            except Exception as error:  # it is whoever asked who has to know
                asked.future.set_exception(error)
        if self._engine is not None:
            self._engine.dispose()

    def _read(self, wanted: HeldWanted, until: float) -> HeldNow:
        try:
            engine, moment = self._connected(), Moment(event_seq=wanted.through)
            self._wait_for(engine, wanted.through, until)
            if wanted.at_ns is not None:
                moment = Moment(at_ns=wanted.at_ns)
            holdings = read_holdings(engine, wanted.member, self._method(), moment)
            return HeldNow(holdings, read_marks(engine, Moment(at_ns=wanted.before_ns)))
        except SQLAlchemyError as error:
            raise HeldUnknown(f"the ledger cannot be read: {_first_line(error)}") from error
        except ServerError as error:
            raise HeldUnknown(str(error)) from error

    def _wait_for(self, engine: Engine, event_seq: int, until: float) -> None:
        """Wait until the ledger has come to this event. Raises HeldUnknown."""
        while True:
            try:
                ensure_booked(engine, event_seq)
            except NoLedger:
                why = "there is no ledger yet"
            except NotBookedYet as error:
                why = str(error)
            else:
                return
            if time.monotonic() >= until or self._closed.wait(_PAUSE_SECONDS):
                raise HeldUnknown(why)

    def _connected(self) -> Engine:
        url = self._url_of()
        if not url:
            raise HeldUnknown("there is no ledger here")
        if self._engine is None or url != self._url:
            if self._engine is not None:
                self._engine.dispose()
            self._engine, self._url = ledger_engine(url), url
        return self._engine


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [repr(error)])[0]


__all__ = ["HeldNow", "HeldUnknown", "HeldWanted", "LedgerPositions"]
