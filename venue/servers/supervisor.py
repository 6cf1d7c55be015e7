"""The parent of a venue's processes: starts them in order, watches them, stops them in order.

May know how processes and servers are started and stopped, nothing of what they do. Must run in
one thread that lives until all has stopped; never makes trading wait for a server.
"""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from venue.clock import Clock
from venue.servers import ServerError, left_over
from venue.servers.child import Child, rotate_log, spawn
from venue.servers.embedded import EmbeddedServer
from venue.servers.runtime import (
    READY_FD_VARIABLE,
    Readiness,
    RuntimeInfo,
    remove_runtime,
    write_runtime,
)
from venue.servers.stop_signals import StopSignals
from venue.servers.unit import Unit

TURN_SECONDS = 0.05
PROGRESS_SECONDS = 2.0
LOG_CHECK_SECONDS = 5.0
_log = structlog.get_logger()


class Program(NamedTuple):
    """A process of the venue: `environment` is added to ours (secrets go there, never in argv).

    Those of the lowest `stop_rank` are stopped first, those of one rank together.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = {}
    nice: int = 0
    stop_rank: int = 0
    stop_seconds: float = 5.0


class TradingNotReady(ServerError):
    """Trading said why it cannot start, or ended without a word."""

    def __init__(self, text: str, exit_status: int) -> None:
        super().__init__(text)
        self.exit_status = exit_status


class Supervisor:
    """Runs one venue. All arguments are given: what it starts is decided by its caller."""

    def __init__(
        self,
        data_dir: Path,
        *,
        trading: Program,
        workers: Sequence[Program],
        servers: Sequence[EmbeddedServer],
        nats_url: str,
        database_url: str,
        ready_seconds: float = 600.0,
    ) -> None:
        self._data_dir = data_dir
        self._trading_program = trading
        self._workers = sorted(workers, key=lambda program: program.stop_rank)
        self._servers = servers
        self._urls = (nats_url, database_url)
        self._ready_seconds = ready_seconds
        self._trading: Child | None = None
        self._units: dict[str, Unit] = {}
        self._fix = ""
        self._started_ns = Clock().now_ns()
        self._next_log_check = 0.0
        self.signals = StopSignals(self._kill_at_once)

    def run(
        self,
        on_ready: Callable[[RuntimeInfo], None],
        on_stop: Callable[[], None] = lambda: None,
    ) -> int:
        """Start all, call `on_ready` when logons are accepted, watch until asked to stop, stop all.

        Returns 0 after a stop that was asked for, 1 if trading has ended by itself. Raises
        ServerError if something cannot start; whatever happens, nothing is left running.
        """
        with self.signals:
            try:
                if not self._start():
                    return 0
                info = self._write_runtime()
                on_ready(info)
                return self._watch()
            finally:
                try:
                    on_stop()
                finally:
                    self._stop()

    def _start(self) -> bool:
        """Trading and the servers side by side, then the workers; False if stopped meanwhile."""
        remove_runtime(self._data_dir)
        reader = self._launch_trading()
        try:
            for server in self._servers:
                _log.info("starting", name=server.name, port=server.port)
                server.prepare()
                self._launch_unit(server.name, server.launch)
            for server in self._servers:
                if not server.wait_ready(given_up=lambda: self.signals.requested):
                    return False
            if not self._wait_for_trading(reader):
                return False
        finally:
            os.close(reader)
        for program in self._workers:
            self._launch_unit(program.name, partial(self._spawn, program))
        return True

    def _launch_trading(self) -> int:
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        program = self._trading_program
        _log.info("starting", name=program.name)
        extra = {READY_FD_VARIABLE: str(writer)}
        try:
            self._trading = self._spawn(program, extra, pass_fds=(writer,))
        finally:
            os.close(writer)
        return reader

    def _launch_unit(self, name: str, start: Callable[[], Child]) -> None:
        unit = Unit(name, start)
        self._units[name] = unit
        unit.launch()

    def _spawn(
        self,
        program: Program,
        extra: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> Child:
        return spawn(
            program.name,
            program.argv,
            log_file=self._data_dir / "logs" / f"{program.name}.log",
            environment={**os.environ, **program.environment, **(extra or {})},
            nice=program.nice,
            pass_fds=pass_fds,
        )

    def _wait_for_trading(self, reader: int) -> bool:
        """Wait for trading's word that logons are accepted; False if asked to stop before."""
        assert self._trading is not None
        began = time.monotonic()
        progress_at = began + PROGRESS_SECONDS
        said = b""
        while not said.endswith(b"\n"):
            now = time.monotonic()
            if self.signals.requested:
                return False
            chunk = _read_available(reader)
            if chunk == b"" or now - began > self._ready_seconds:
                raise self._silent(self._trading, has_ended=chunk == b"")
            said += chunk or b""
            if now >= progress_at:
                _log.info("waiting for trading to accept logons", seconds=int(now - began))
                progress_at += PROGRESS_SECONDS
            time.sleep(TURN_SECONDS / 5)
        readiness = msgspec.json.decode(said.splitlines()[0], type=Readiness)
        if not readiness.ready:
            raise TradingNotReady(readiness.error, readiness.exit)
        self._fix = readiness.fix
        return True

    def _silent(self, trading: Child, *, has_ended: bool) -> TradingNotReady:
        if not has_ended:
            text = f"trading does not accept logons after {self._ready_seconds:.0f} s"
        else:
            trading.wait(1.0)
            last = trading.last_log_line()
            text = f"trading ended with status {trading.exit_status()} at its start: {last}"
        return TradingNotReady(f"{text} (see {trading.log_file})", 1)

    def _watch(self) -> int:
        assert self._trading is not None
        while not self.signals.requested:
            status = self._trading.exit_status()
            if status is not None:
                last = self._trading.last_log_line()
                _log.error("trading ended by itself; stopping all", status=status, said_last=last)
                return 1
            changes = [unit.keep_running() for unit in self._units.values()]
            if any(changes):
                self._write_runtime()
            self._rotate_logs()
            time.sleep(TURN_SECONDS)
        return 0

    def _rotate_logs(self) -> None:
        if time.monotonic() < self._next_log_check:
            return
        self._next_log_check = time.monotonic() + LOG_CHECK_SECONDS
        for child in self._children():
            rotate_log(child.log_file)

    def _stop(self) -> None:
        """Trading first, so that nothing new comes; then who passes it on; the servers last."""
        if self._fix:
            _log.info("stopping")
        if self._trading is not None:
            self._trading.stop(signal.SIGTERM, self._trading_program.stop_seconds)
        for _, programs in groupby(self._workers, key=lambda program: program.stop_rank):
            stopping = [
                (child, program.stop_seconds)
                for program in programs
                if (child := self._child_of(program.name)) is not None
            ]
            for child, _ in stopping:
                child.send(signal.SIGTERM)
            deadline = time.monotonic()
            for child, seconds in stopping:
                if not child.wait(max(0.0, deadline + seconds - time.monotonic())):
                    _log.warning("killed: did not stop in time", name=child.name)
                    child.stop(signal.SIGKILL)
        for server in self._servers:
            server.stop()
        remove_runtime(self._data_dir)

    def _kill_at_once(self) -> None:
        for child in self._children():
            child.send(signal.SIGKILL)
        remove_runtime(self._data_dir)
        os._exit(130)

    def _child_of(self, name: str) -> Child | None:
        return self._units[name].child if name in self._units else None

    def _children(self) -> list[Child]:
        children = [self._trading, *(unit.child for unit in self._units.values())]
        return [child for child in children if child is not None]

    def _write_runtime(self) -> RuntimeInfo:
        pids = {child.name: child.pid for child in self._children()}
        server_names = {server.name for server in self._servers}
        info = RuntimeInfo(
            fix=self._fix,
            nats=self._urls[0],
            database=self._urls[1],
            data_dir=str(self._data_dir),
            pid=os.getpid(),
            pid_start_ticks=left_over.start_ticks(os.getpid()) or 0,
            started_ns=self._started_ns,
            processes={name: pid for name, pid in pids.items() if name not in server_names},
            servers={name: pid for name, pid in pids.items() if name in server_names},
            restarts={name: unit.restarts for name, unit in self._units.items()},
        )
        write_runtime(self._data_dir, info)
        return info


def _read_available(reader: int) -> bytes | None:
    """What is in the pipe; None if nothing yet, b"" if its other end is closed."""
    try:
        return os.read(reader, 65536)
    except BlockingIOError:
        return None
