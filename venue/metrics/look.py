"""One look at a running venue: what its processes show, where its followers are, what they use.

Reads files, pages of memory and /proc; asks nobody, so no process can hold it up. What is not known
is None, never 0.
"""

import time
from pathlib import Path
from typing import NamedTuple

import msgspec

from venue.bus.parking import Parked, read_parked
from venue.bus.position_file import Position, read_position_file
from venue.counts_page import Counts, read_counts
from venue.data_directory import DataDirectory
from venue.fixdata.shown import read_status
from venue.journal.durable import shown_position
from venue.journal.identity import journal_identity
from venue.metrics.lags import Lags
from venue.metrics.proc import ProcessUse, process_use
from venue.processes import BY_NAME, DATA_PROCESSES, ENDPOINTS, FIX_DROPCOPY, FIX_MARKETDATA
from venue.servers import ServerError, left_over
from venue.servers.runtime import RuntimeInfo, find_running


class ProcessLook(NamedTuple):
    """One process. pid None: it is down. counts: its page, None: it shows none."""

    name: str
    pid: int | None
    restarts: int
    use: ProcessUse | None
    counts: Counts | None
    failing: str

    @property
    def is_up(self) -> bool:
        """Whether it runs."""
        return self.pid is not None


class FollowerLook(NamedTuple):
    """Who follows the journal. position: event_seq; runs_in: the process that hosts it.

    lag_seconds: how long it lacks the oldest event that it lacks. halted: why it does not go on.
    """

    name: str
    runs_in: str
    position: int | None
    lag_events: int | None
    lag_seconds: float | None
    halted: str


class Look(NamedTuple):
    """All of it at one time. at: seconds (monotonic). event_seq: the last one on disk.

    data_sessions: how many are on at the ports of market data and drop copies, by process.
    """

    at: float
    running: RuntimeInfo | None
    event_seq: int | None
    processes: dict[str, ProcessLook]
    followers: dict[str, FollowerLook]
    data_sessions: dict[str, int] = {}


class _Places(msgspec.Struct):
    """What fix-dropcopy writes, as far as it is looked at here."""

    journal: str = ""
    event_seq: int = 0


class Watch:
    """Looks again and again, and remembers how the journal grew."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._place = DataDirectory(data_dir)
        self._lags = Lags()

    def look(self) -> Look:
        """Look now."""
        now = time.monotonic()
        running = _running(self._data_dir)
        pages = {name: read_counts(self._data_dir, name) for name in ENDPOINTS}
        positions = self._positions(running)
        shown = shown_position(self._place.journal)  # after the others: none can be beyond it
        event_seq = None if shown is None else shown.event_seq
        if event_seq is not None:
            self._lags.note(event_seq, now)
        parked = read_parked(self._data_dir)
        ours = ("", journal_identity(self._place.journal))
        followers = {
            name: self._follower(name, running, at, event_seq, ours, parked, now)
            for name, at in positions.items()
        }
        processes = _processes(running, pages)
        return Look(now, running, event_seq, processes, followers, self._data_sessions(processes))

    def _data_sessions(self, processes: dict[str, ProcessLook]) -> dict[str, int]:
        """Those that are up and say who is on."""
        found = {}
        for process in DATA_PROCESSES:
            if process.name in processes and processes[process.name].is_up:
                status = read_status(self._data_dir, process.name)
                if status is not None:
                    found[process.name] = len(status.sessions)
        return found

    def _positions(self, running: RuntimeInfo | None) -> dict[str, Position | None]:
        """Of who follows and has shown a position, or runs and has not."""
        found: dict[str, Position | None] = {}
        for process in BY_NAME.values():
            if not process.follows or process.serves:
                continue
            at = read_position_file(self._place.position(process.name))
            if at is not None or (running is not None and running.pid_of(process.name)):
                found[process.name] = at
        addresses = {} if running is None else running.addresses
        if FIX_MARKETDATA.name in addresses:
            status = read_status(self._data_dir, FIX_MARKETDATA.name)
            done = None if status is None else status.position
            found[FIX_MARKETDATA.name] = None if done is None else Position(done)
        if FIX_DROPCOPY.name in addresses:
            found[FIX_DROPCOPY.name] = self._places()
        return found

    def _places(self) -> Position | None:
        try:
            content = self._place.listeners.read_bytes()
            places = msgspec.json.decode(content, type=_Places)
        except (OSError, msgspec.MsgspecError):
            return None
        return Position(places.event_seq, journal=places.journal)

    def _follower(
        self,
        name: str,
        running: RuntimeInfo | None,
        at: Position | None,
        event_seq: int | None,
        ours: tuple[str, str],
        parked: list[Parked],
        now: float,
    ) -> FollowerLook:
        halts = [each for each in parked if each.consumer == name and not each.member]
        halted = "; ".join(each.error for each in halts)
        runs_in = name if running is None else running.process_of(name)
        if at is None or event_seq is None or at.journal not in ours or at.event_seq > event_seq:
            position = None if at is None else at.event_seq
            return FollowerLook(name, runs_in, position, None, None, halted)
        seconds = self._lags.seconds_behind(at.event_seq, now)
        lag = event_seq - at.event_seq
        return FollowerLook(name, runs_in, at.event_seq, lag, seconds, halted)


def _running(data_dir: Path) -> RuntimeInfo | None:
    try:
        return find_running(data_dir)
    except ServerError:
        return None


def _processes(
    running: RuntimeInfo | None, pages: dict[str, Counts | None]
) -> dict[str, ProcessLook]:
    """Those that the supervisor has started, and those that show a page and live."""
    found = {}
    started = {} if running is None else running.restarts
    for name in ENDPOINTS:
        page = pages[name]
        told = None if running is None else running.processes.get(name)
        pid = told or (page.pid if page is not None else None)
        is_up = pid is not None and left_over.start_ticks(pid) is not None
        if name not in started and not is_up:
            continue
        counts = page if page is not None and page.pid == pid else None
        failing = "" if running is None else running.failing.get(name, "")
        found[name] = ProcessLook(
            name,
            pid if is_up else None,
            started.get(name, 0),
            process_use(pid) if is_up and pid is not None else None,
            counts if is_up else None,
            failing,
        )
    return found
