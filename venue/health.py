"""How a running venue is: each process and server, collected within two seconds whoever is away.

Asks trading, PostgreSQL, the position files and /proc. What does not answer is named, not waited
for; what is not known is never taken for zero.
"""

import os
import threading
import time
from pathlib import Path

import msgspec

from venue.admin.answers import StatusAnswer
from venue.admin.client import VenueUnreachable, ask
from venue.admin.requests import StatusQuery
from venue.bus.parking import Parked, read_parked
from venue.bus.position_file import Position, read_position_file
from venue.data_directory import DataDirectory
from venue.fixdata.shown import read_status
from venue.fixdc.listener_rows import ListenerRow, listener_rows, places_of
from venue.free_space import free_bytes
from venue.housekeeping.disk_use import StoreUse, disk_use
from venue.journal.durable import shown_position
from venue.journal.identity import journal_identity
from venue.processes import BY_NAME, FIX_DROPCOPY, FIX_MARKETDATA, NAMES, PROCESSES
from venue.reconcile.breaks import BreakBook, BreaksUnreadable, State
from venue.reconcile.last_round import read_last_round
from venue.servers import left_over
from venue.servers.runtime import RuntimeInfo

ANSWER_SECONDS = 2.0
"""How long trading and PostgreSQL may take, side by side: a busy machine is no dead one."""
CONNECT_SECONDS = 5
"""How long PostgreSQL may be asked in a thread that nobody waits for."""
LITTLE_ROOM_BYTES = 1 << 20
"""With less free the disk is full: nothing that is to be told by a file can be believed."""
BEGINNING_SECONDS = 30.0
"""How long a process that was just started need not have said yet how far it is."""


class ProcessHealth(msgspec.Struct, frozen=True):
    """One process. position: last event_seq done; lag: events behind; None: not known.

    runs_in: the process whose pid and restarts these are: itself, or who hosts it. halted: what a
    consumer halts in front of, because it cannot take it. trouble: why it does not work although it
    may be up, in one line.
    """

    process: str
    runs_in: str
    up: bool
    pid: int | None
    position: int | None
    lag: int | None
    restarts: int
    halted: Parked | None
    trouble: str | None


class ServerHealth(msgspec.Struct, frozen=True):
    """One embedded server. trouble: why it does not work although it may be up, in one line."""

    server: str
    up: bool
    pid: int | None
    restarts: int
    trouble: str | None


class Health(msgspec.Struct, frozen=True):
    """trading: its own answer, None if it gave none. event_seq: last one on disk, None: not known.

    unreachable: who did not answer, and why. free_bytes: room on the disk of the data directory.
    disk: what each store takes of it. listeners: to drop copies over FIX. reconciliation: why the
    stores do not say the same, as far as is known.
    """

    trading: StatusAnswer | None
    event_seq: int | None
    processes: list[ProcessHealth]
    servers: list[ServerHealth]
    unreachable: list[str]
    free_bytes: int
    disk: list[StoreUse]
    listeners: list[ListenerRow] = []
    reconciliation: str | None = None

    @property
    def troubles(self) -> list[str]:
        """What somebody has to look at, a line each."""
        lines = [] if self.trading is None else self.trading.troubles
        found: list[tuple[str, str | None]] = [("trading", line) for line in lines]
        found += [(each.process, each.trouble) for each in self.processes]
        found += [(each.server, each.trouble) for each in self.servers]
        found.append(("reconciliation", self.reconciliation))
        if self.free_bytes < LITTLE_ROOM_BYTES:
            found.append(("disk", f"full: {self.free_bytes:,} bytes are free"))
        told = [f"{name}: {trouble}" for name, trouble in found if trouble]
        closed = None if self.trading is None else self.trading.blocks.sessions_closed
        return told if closed is None else [f"sessions are closed: {closed}", *told]


def health(data_dir: Path, running: RuntimeInfo, behalf: str | None = None) -> Health:
    """What can be found out now. behalf: the operator for whom the gateway asks trading."""
    unreachable: list[str] = []
    clearing = _ClearingPosition(running.database)
    trading: StatusAnswer | None = None
    try:
        answer = ask(data_dir, StatusQuery(), ANSWER_SECONDS, behalf)
        if isinstance(answer, StatusAnswer):
            trading = answer
        else:
            unreachable.append(f"trading: {answer.error}")
    except VenueUnreachable as error:
        unreachable.append(f"trading: {error}")
    place = DataDirectory(data_dir)
    positions = {
        process.name: read_position_file(place.position(process.name))
        for process in PROCESSES
        if process.follows and process.name not in ("clearing", *running.elsewhere)
    }
    booked = clearing.wait()
    if isinstance(booked, Position):
        positions["clearing"] = booked
    else:
        unreachable.append(f"PostgreSQL: {booked}")
    positions |= _positions_beside(data_dir, running)
    # after all others: none of them can be beyond it
    shown = shown_position(place.journal)
    journal = journal_identity(place.journal)
    event_seq = None if shown is None else shown.event_seq
    positions["trading"] = None if event_seq is None else Position(event_seq)
    parked = read_parked(data_dir)
    processes = []
    here = [name for name in NAMES if name not in running.elsewhere]
    for name in (*here, *running.addresses):
        position, halts = positions.get(name), [each for each in parked if each.consumer == name]
        halted = next(iter(halts), None)
        lag, trouble = _lag(event_seq, journal, position)
        if halts:
            trouble = "; ".join(each.error for each in halts)
        elif failing := running.failing.get(name) or running.failing.get(running.process_of(name)):
            trouble = failing
        elif position is None and (_is_beginning(running.pid_of(name)) or not _is_asked(name)):
            trouble = None
        at = None if position is None else position.event_seq
        processes.append(_process(running, name, at, lag, halted, trouble))
    servers = [_server(running, name) for name in ("nats", "postgres") if name in running.restarts]
    disk = disk_use(data_dir)
    return Health(
        trading,
        event_seq,
        processes,
        servers,
        unreachable,
        free_bytes(data_dir),
        disk,
        listener_rows(data_dir),
        _reconciliation(place),
    )


def _positions_beside(data_dir: Path, running: RuntimeInfo) -> dict[str, Position | None]:
    """Of the processes at whose ports sessions of market data and drop copies log on."""
    found: dict[str, Position | None] = {}
    if FIX_DROPCOPY.name in running.addresses:
        followed = places_of(data_dir)
        found[FIX_DROPCOPY.name] = Position(followed.event_seq, journal=followed.journal)
    if FIX_MARKETDATA.name in running.addresses:
        status = read_status(data_dir, FIX_MARKETDATA.name)
        at = None if status is None else status.position
        found[FIX_MARKETDATA.name] = None if at is None else Position(at)
    return found


def _reconciliation(place: DataDirectory) -> str | None:
    """Why the stores do not say the same, as far as a round has found; None: nothing is known."""
    last = read_last_round(place.path)
    if last is not None and last.damage:
        return last.damage
    try:
        breaks = [each for each in BreakBook(place.breaks).breaks() if each.state is State.OPEN]
    except BreaksUnreadable as error:
        return str(error)
    if not breaks:
        return None
    more = f", and {len(breaks) - 1} more" if len(breaks) > 1 else ""
    return f"break {breaks[0].break_id}: {breaks[0].difference}{more}: venue breaks list"


def _lag(
    event_seq: int | None, journal: str, position: Position | None
) -> tuple[int | None, str | None]:
    """Events behind, or why that is not known."""
    if event_seq is None:
        return None, "how far the journal is on disk is not shown"
    if position is None:
        return None, "how far it is is not known"
    if position.journal not in ("", journal):
        return None, f"it is at event {position.event_seq} of another journal, {position.journal}"
    if position.event_seq > event_seq:
        return None, f"it is at event {position.event_seq}, the journal ends at {event_seq}"
    return event_seq - position.event_seq, None


def _process(
    running: RuntimeInfo,
    name: str,
    position: int | None,
    lag: int | None,
    halted: Parked | None,
    trouble: str | None,
) -> ProcessHealth:
    pid, runs_in = running.pid_of(name), running.process_of(name)
    restarts = running.restarts.get(runs_in, 0)
    return ProcessHealth(name, runs_in, _is_up(pid), pid, position, lag, restarts, halted, trouble)


def _server(running: RuntimeInfo, name: str) -> ServerHealth:
    pid = running.servers.get(name)
    trouble = running.failing.get(name)
    return ServerHealth(name, _is_up(pid), pid, running.restarts[name], trouble)


def _is_asked(name: str) -> bool:
    """Whether the process has a position, so that not to know it is a trouble."""
    return name in NAMES or BY_NAME[name].follows


def _is_beginning(pid: int | None) -> bool:
    ticks = None if pid is None else left_over.start_ticks(pid)
    if ticks is None:
        return False
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return age < BEGINNING_SECONDS


def _is_up(pid: int | None) -> bool:
    return pid is not None and left_over.start_ticks(pid) is not None


class _ClearingPosition:
    """Clearing's position, asked for in a thread that nobody has to wait for.

    A PostgreSQL that takes connections and never answers would hold us for seconds.
    """

    def __init__(self, database_url: str) -> None:
        from venue.clearing import booked  # here, for it brings in the driver: not its time either

        self._answer: Position | str = "it did not answer in time"
        self._booked = booked
        self._url = database_url
        self._deadline = time.monotonic() + ANSWER_SECONDS
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def wait(self) -> Position | str:
        """The position, or why it is not known."""
        self._thread.join(max(0.0, self._deadline - time.monotonic()))
        return self._answer

    def _ask(self) -> None:
        try:
            self._answer = self._booked.booked_position_at(self._url, CONNECT_SECONDS)
        except self._booked.Error as error:
            self._answer = (str(error).strip().splitlines() or [repr(error)])[0]
