"""`venue run --demo`: counterparties that trade against the running venue, and a live screen.

Wires the scenario, the data and the screen. Writes to stderr only; stdout has the ready line.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import typer

from venue.cli.screen.live_data import Ledger, LiveData
from venue.cli.screen.live_screen import DEPTH, LATEST_TRADES, Screen
from venue.cli.screen.showing import show
from venue.domain.decimal_text import decimals_of
from venue.processes import GATEWAY
from venue.servers.runtime import RuntimeInfo
from venue.settings.data_dir import DEFAULT_DATA_DIR
from venue.settings.sections import DEMO_PASSWORD
from venue.settings.settings import Settings
from venue.sim.parties import Party, definitions_of, parties_of
from venue.sim.scenario import Scenario
from venue.sim.summary import Summary

RATE = 20
_SEED = 1
_LEDGER_SECONDS = 2.0
_SESSIONS_TO_TRADE = 3


def run_demo(settings: Settings, runtime: RuntimeInfo, stop: threading.Event) -> None:
    """Trade and show it until `stop`; then answer what is open, log out and return.

    Leaves one session for whoever wants to join in, if there are enough. Raises ScenarioError.
    """
    parties, free_sessions = _divided(parties_of(settings))
    host, _, port = runtime.fix.rpartition(":")
    scenario = Scenario((host, int(port)), parties, definitions_of(settings), seed=_SEED, rate=RATE)
    symbols = [instrument.symbol for instrument in settings.instruments]
    members = [member.name for member in settings.members]
    data = LiveData(Path(runtime.data_dir), runtime.database, symbols, members)
    view = _View(settings, runtime, scenario, data, free_sessions)
    with ThreadPoolExecutor(1, "scenario") as executor:
        run: Future[Summary] = executor.submit(scenario.run, stop)
        run.add_done_callback(lambda _: stop.set())  # also when it could not go on
        try:
            show(view, stop, lines_on_stderr=True)
        finally:
            stop.set()
            data.close()
    told = run.result()
    typer.echo(
        f"{told.requests} requests, {told.reports} reports, {told.trades} trades, "
        f"{told.unanswered} unanswered",
        err=True,
    )


class _View:
    """Puts a screen together; the ledger is read less often than trading."""

    def __init__(
        self,
        settings: Settings,
        runtime: RuntimeInfo,
        scenario: Scenario,
        data: LiveData,
        free_sessions: Sequence[str],
    ) -> None:
        self._fix = runtime.fix
        gateway = runtime.addresses.get(GATEWAY.name, "")
        self._hint = _desk(gateway, settings) or _hint(settings, free_sessions)
        self._price_decimals = {
            each.symbol: decimals_of(each.tick_size) for each in settings.instruments
        }
        self._scenario = scenario
        self._data = data
        self._free_sessions = free_sessions
        self._start = time.monotonic()
        self._ledger: Ledger | None = None
        self._ledger_due = 0.0

    def now(self) -> Screen:
        """What there is to show now."""
        now = time.monotonic()
        trading = self._data.trading(DEPTH)
        if now >= self._ledger_due:
            self._ledger = self._data.ledger()
            self._ledger_due = now + _LEDGER_SECONDS
        parties = self._scenario.counterparties
        return Screen(
            fix=self._fix,
            seconds=int(now - self._start),
            hint=self._hint,
            price_decimals=self._price_decimals,
            free_sessions=self._free_sessions,
            parties={name: (each.behaviour.name, each.counts) for name, each in parties.items()},
            told=self._scenario.summary(),
            latest=self._scenario.tape.last(LATEST_TRADES),
            trading=trading,
            ledger=self._ledger,
        )


def _divided(parties: list[Party]) -> tuple[list[Party], list[str]]:
    """Parties that trade, and sessions left free: the first, when enough others are there."""
    if len(parties) <= _SESSIONS_TO_TRADE:
        return parties, []
    return parties[1:], [parties[0].comp_id]


def _desk(address: str, settings: Settings) -> str:
    """Where the desk is, and a user of the demo; empty where the gateway does not run."""
    if not address:
        return ""
    members = [each.member for each in settings.sessions if each.is_of_gateway]
    if not members or not settings.gateway.demo_users:
        return f"http://{address}"
    return f"http://{address} as {members[0].lower()}, password {DEMO_PASSWORD}"


def _hint(settings: Settings, free_sessions: Sequence[str]) -> str:
    """A command that trades as the free session."""
    if not free_sessions or not settings.instruments:
        return ""
    instrument = settings.instruments[0]
    where = "" if settings.data_dir == DEFAULT_DATA_DIR else f" --data-dir {settings.data_dir}"
    session = "" if free_sessions[0] == "ALPHA" else f" --session {free_sessions[0]}"
    price = instrument.reference_price
    return f".venv/bin/venue order new {instrument.symbol} buy 10 --price {price}{session}{where}"
