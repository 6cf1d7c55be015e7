"""One question after the other to the ledger: what a member holds, once it has come so far.

Waits: for the thread of held.py. Knows the portfolio's reading and the database.
"""

import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from venue.clearing.balances import NotBookedYet
from venue.clearing.database import ledger_engine
from venue.clearing.portfolio.lots import Method
from venue.clearing.portfolio.reading import (
    Moment,
    NoLedger,
    ensure_booked,
    read_holdings,
    read_marks,
)
from venue.fixdc.held_terms import HeldNow, HeldUnknown, HeldWanted
from venue.servers import ServerError

_PAUSE_SECONDS = 0.05


class LedgerReading:
    """url_of, method: see LedgerPositions. closed: nobody waits for an answer any more."""

    def __init__(
        self, url_of: Callable[[], str], method: Callable[[], Method], closed: threading.Event
    ) -> None:
        self._url_of = url_of
        self._method = method
        self._closed = closed
        self._engine: Engine | None = None
        self._url = ""

    def close(self) -> None:
        """Close its connections."""
        if self._engine is not None:
            self._engine.dispose()

    def read(self, wanted: HeldWanted, until: float) -> HeldNow:
        """The answer, once the ledger has come to the event; until: monotonic seconds.

        Raises HeldUnknown.
        """
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
