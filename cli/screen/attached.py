"""`venue live`: the live screen of any running venue. Looks on only; who trades is not its matter.

Wires what the admin socket and the ledger tell to the screen. The screen is on stderr.
"""

import signal
import threading
import time
from pathlib import Path
from types import FrameType

import typer

from venue.admin import client
from venue.admin.answers import LatestTradesAnswer, SessionsAnswer
from venue.admin.requests import (
    InstrumentsQuery,
    LatestTradesQuery,
    MembersQuery,
    SessionsQuery,
)
from venue.cli.desk.operator import ask
from venue.cli.options import DataDirOption, data_dir_of, running_in
from venue.cli.screen.live_data import Ledger, LiveData
from venue.cli.screen.live_screen import DEPTH, LATEST_TRADES, Screen
from venue.cli.screen.showing import show
from venue.domain.decimal_text import decimals_of
from venue.servers.runtime import RuntimeInfo
from venue.sim.counterparty import Trade
from venue.sim.summary import Summary

_LEDGER_SECONDS = 2.0
_CALL_SECONDS = 1.0
MOST_BOOKS = 5
"""So many instruments have room beside each other: the first ones."""


def live(context: typer.Context, data_dir: DataDirOption = None) -> None:
    """The live screen of the running venue: sessions, books, last trades, ledger; until Ctrl-C.

    Asks trading by the admin socket, and PostgreSQL; changes nothing. Without a terminal it prints
    a line a second.

    Example: venue live --data-dir /var/lib/venue
    """
    place = data_dir_of(context, data_dir)
    running = running_in(place)
    stop = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    view = AttachedView(place, running)
    try:
        show(view, stop, lines_on_stderr=False)
    finally:
        view.close()


class AttachedView:
    """Puts a screen together of what the venue says; the ledger is read less often."""

    def __init__(self, data_dir: Path, running: RuntimeInfo) -> None:
        self._data_dir = data_dir
        self._fix = running.fix
        self._started_ns = running.started_ns
        instruments = ask(data_dir, InstrumentsQuery()).instruments
        traded = [each for each in instruments if each.state != "disabled"][:MOST_BOOKS]
        self._price_decimals = {each.symbol: decimals_of(each.tick_size) for each in instruments}
        members = [each.member for each in ask(data_dir, MembersQuery()).members]
        symbols = [each.symbol for each in traded]
        self._data = LiveData(data_dir, running.database, symbols, members)
        self._sessions: list[str] = []
        self._latest: list[Trade] = []
        self._ledger: Ledger | None = None
        self._ledger_due = 0.0

    def now(self) -> Screen:
        """What there is to show now."""
        trading = self._data.trading(DEPTH)
        if trading is not None:
            self._look()
        now = time.monotonic()
        if now >= self._ledger_due:
            self._ledger = self._data.ledger()
            self._ledger_due = now + _LEDGER_SECONDS
        booked = self._ledger.trades if self._ledger is not None else 0
        return Screen(
            fix=self._fix,
            seconds=max(int((time.time_ns() - self._started_ns) / 1e9), 0),
            hint="",
            price_decimals=self._price_decimals,
            free_sessions=self._sessions,
            parties={},
            told=Summary(0, 0, 0, 0, booked, {}, 0, 0),
            latest=self._latest,
            trading=trading,
            ledger=self._ledger,
            free_word="",
        )

    def close(self) -> None:
        """Give the connection to the database back."""
        self._data.close()

    def _look(self) -> None:
        """Sessions and trades; those of before stay where trading does not answer meanwhile."""
        try:
            sessions = client.ask(self._data_dir, SessionsQuery(), _CALL_SECONDS)
            latest = client.ask(self._data_dir, LatestTradesQuery(LATEST_TRADES), _CALL_SECONDS)
        except client.VenueUnreachable:
            return  # the next screen says that trading does not answer
        if isinstance(sessions, SessionsAnswer):
            self._sessions = [each.session for each in sessions.sessions]
        if isinstance(latest, LatestTradesAnswer):
            self._latest = [
                Trade(each.match_id, each.symbol, each.last_px, each.last_qty, 0)
                for each in latest.trades
            ]
