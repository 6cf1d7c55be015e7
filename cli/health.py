"""How a running venue is: each process and server, collected within a second whoever is away.

Asks trading, PostgreSQL, the position files and /proc. What does not answer is named, not waited
for.
"""

import threading
import time
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from venue.admin.client import VenueUnreachable, call
from venue.clearing.database import ledger_engine
from venue.clearing.statements import booked_position
from venue.dropcopy.parking import Parked, read_parked
from venue.dropcopy.position_file import position_file, read_position_file
from venue.journal.durable import read_position
from venue.servers import left_over
from venue.servers.plan import PROCESSES
from venue.servers.runtime import RuntimeInfo

ANSWER_SECONDS = 0.7
"""How long trading and PostgreSQL may take, side by side."""


class ProcessHealth(msgspec.Struct, frozen=True):
    """One process. position: last event_seq done; lag: events behind; None: not known.

    halted: what a consumer halts in front of, because it cannot take it.
    """

    process: str
    up: bool
    pid: int | None
    position: int | None
    lag: int | None
    restarts: int
    halted: Parked | None


class ServerHealth(msgspec.Struct, frozen=True):
    """One embedded server."""

    server: str
    up: bool
    pid: int | None
    restarts: int


class Health(msgspec.Struct, frozen=True):
    """trading: its own answer, None if it gave none. unreachable: who did not answer, and why."""

    trading: dict[str, Any] | None
    event_seq: int
    processes: list[ProcessHealth]
    servers: list[ServerHealth]
    unreachable: list[str]


def health(data_dir: Path, running: RuntimeInfo) -> Health:
    """What can be found out now."""
    unreachable: list[str] = []
    clearing = _ClearingPosition(running.database)
    try:
        trading = call(data_dir, {"query": "status"}, ANSWER_SECONDS)
        event_seq = int(trading["event_seq"])
    except VenueUnreachable as error:
        unreachable.append(f"trading: {error}")
        trading, event_seq = None, read_position(data_dir / "journal")[0]
    positions: dict[str, int | None] = {"trading": event_seq}
    for name in PROCESSES:
        if name not in ("trading", "clearing"):
            position = read_position_file(position_file(data_dir, name))
            positions[name] = None if position is None else position.event_seq
    booked = clearing.wait()
    if isinstance(booked, int):
        positions["clearing"] = booked
    else:
        unreachable.append(f"PostgreSQL: {booked}")
    halts = {parked.consumer: parked for parked in read_parked(data_dir)}
    return Health(
        trading,
        event_seq,
        [
            _process(running, name, event_seq, positions.get(name), halts.get(name))
            for name in PROCESSES
        ],
        [_server(running, name) for name in ("nats", "postgres") if name in running.restarts],
        unreachable,
    )


def _process(
    running: RuntimeInfo, name: str, event_seq: int, position: int | None, halted: Parked | None
) -> ProcessHealth:
    pid = running.processes.get(name)
    return ProcessHealth(
        name,
        _is_up(pid),
        pid,
        position,
        None if position is None else max(event_seq - position, 0),
        running.restarts.get(name, 0),
        halted,
    )


def _server(running: RuntimeInfo, name: str) -> ServerHealth:
    pid = running.servers.get(name)
    return ServerHealth(name, _is_up(pid), pid, running.restarts[name])


def _is_up(pid: int | None) -> bool:
    return pid is not None and left_over.start_ticks(pid) is not None


class _ClearingPosition:
    """Clearing's position, asked for in a thread that nobody has to wait for.

    A PostgreSQL that takes connections and never answers would hold us for seconds.
    """

    def __init__(self, database_url: str) -> None:
        self._answer: int | str = "it did not answer in time"
        self._deadline = time.monotonic() + ANSWER_SECONDS
        self._thread = threading.Thread(target=self._ask, args=(database_url,), daemon=True)
        self._thread.start()

    def wait(self) -> int | str:
        """The position, or why it is not known."""
        self._thread.join(max(0.0, self._deadline - time.monotonic()))
        return self._answer

    def _ask(self, database_url: str) -> None:
        engine = ledger_engine(database_url)
        try:
            self._answer = booked_position(engine)
        except SQLAlchemyError as error:
            self._answer = str(error).strip().splitlines()[0]
        finally:
            engine.dispose()
