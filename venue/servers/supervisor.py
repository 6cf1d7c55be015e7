"""The parent of a venue's processes: starts them in order, watches them, stops them in order.

May know how processes and servers are started and stopped, nothing of what they do. Must run in
one thread that lives until all has stopped; never makes trading wait for a server.
"""

import os
import signal
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

import structlog

from venue.clock import Clock
from venue.servers import left_over
from venue.servers.alarm import Alarm
from venue.servers.child import Child, rotate_log
from venue.servers.embedded import EmbeddedServer
from venue.servers.lag_watch import LagWatch
from venue.servers.ports import accepts
from venue.servers.program import Program
from venue.servers.runtime import RuntimeInfo, remove_runtime, write_runtime
from venue.servers.stop_signals import StopSignals
from venue.servers.trading_unit import TradingNotReady, TradingUnit
from venue.servers.unit import Unit

TURN_SECONDS = 0.05
PROGRESS_SECONDS = 2.0
PORTS_SECONDS = 15.0
"""So long a start waits for the processes beside trading that have a port."""
LOG_CHECK_SECONDS = 5.0
LAG_CHECK_SECONDS = 5.0
PROCESS_FAILING, CONSUMER_LAGS = "process_failing", "consumer_lags"
"""Types of its alerts."""
_log = structlog.get_logger()


class Supervisor:
    """Runs one venue. Its caller decides what is started. addresses, elsewhere: see RuntimeInfo."""

    def __init__(
        self,
        data_dir: Path,
        *,
        trading: Program,
        workers: Sequence[Program],
        servers: Sequence[EmbeddedServer],
        nats_url: str,
        database_url: str,
        config: Path | None = None,
        addresses: Mapping[str, str] = MappingProxyType({}),
        elsewhere: Collection[str] = (),
        ready_seconds: float = 600.0,
    ) -> None:
        self._data_dir = data_dir
        self._trading = TradingUnit(trading, data_dir, ready_seconds)
        self._workers = sorted(workers, key=lambda program: program.stop_rank)
        self._servers = servers
        self._urls = (nats_url, database_url)
        self._config = "" if config is None else str(config)
        self._addresses = dict(addresses)
        self._elsewhere = list(elsewhere)
        self._units: dict[str, Unit] = {}
        self._show_again_at: float | None = None
        self._began = self._progress_at = 0.0
        self._started_ns = Clock().now_ns()
        self._alarm = Alarm(nats_url)
        self._lags = LagWatch(data_dir, elsewhere)
        self._lagging: Mapping[str, str] = {}
        self._next_lag_check = 0.0
        self._next_check = 0.0
        self.signals = StopSignals(self._kill_at_once)

    def run(
        self,
        on_ready: Callable[[RuntimeInfo], None],
        on_stop: Callable[[], None] = lambda: None,
    ) -> int:
        """Start all, call `on_ready` when logons are accepted, watch until asked to stop, stop all.

        Logons are accepted at all ports, or after a while at trading's, which is enough. Returns 0
        after a stop that was asked for, another status if trading has ended and stays down. Raises
        ServerError if something cannot start; whatever happens, nothing is left running.
        """
        with self.signals:
            try:
                if not self._start():
                    return 0
                self._show()
                on_ready(self._info())
                return self._watch()
            finally:
                self._alarm.close()
                try:
                    on_stop()
                finally:
                    self._stop()

    def _start(self) -> bool:
        """Trading and the servers side by side, then the workers; False if stopped meanwhile."""
        remove_runtime(self._data_dir)
        _log.info("starting", name=self._trading.name)
        self._trading.launch()
        self._began = time.monotonic()
        self._progress_at = self._began + PROGRESS_SECONDS
        for server in self._servers:
            _log.info("starting", name=server.name, port=server.port)
            server.prepare()
            self._launch_unit(server.name, server.launch)
        for server in self._servers:
            if not server.wait_ready(given_up=self._hear_trading_and_signals):
                return False
            server.settle()
        if not self._wait_for_trading():
            return False
        for program in self._workers:
            self._launch_unit(program.name, partial(program.spawn, self._data_dir))
        return self._wait_for_ports()

    def _launch_unit(self, name: str, start: Callable[[], Child]) -> None:
        unit = Unit(name, start)
        self._units[name] = unit
        unit.launch()

    def _hear_trading_and_signals(self) -> bool:
        """True: a stop was asked for. Raises TradingNotReady when trading cannot start."""
        if self._trading.is_starting and not self._trading.take_word():
            self._say_progress()
        return self.signals.requested

    def _wait_for_trading(self) -> bool:
        """Wait for trading's word that logons are accepted; False if asked to stop before."""
        while self._trading.is_starting and not self._trading.take_word():
            if self.signals.requested:
                return False
            self._say_progress()
            time.sleep(TURN_SECONDS / 5)
        return True

    def _wait_for_ports(self) -> bool:
        """Wait until the processes that have a port accept; False if asked to stop before.

        One that does not in time is said and left to itself: trading is there.
        """
        waiting = self._addresses
        until = time.monotonic() + PORTS_SECONDS
        while waiting := {name: each for name, each in waiting.items() if not accepts(each)}:
            if self.signals.requested:
                return False
            if time.monotonic() > until:
                _log.error("no connections are accepted yet", at=waiting)
                break
            time.sleep(TURN_SECONDS / 5)
        return True

    def _say_progress(self) -> None:
        """Log now and then that trading still starts, and what it has said last."""
        now = time.monotonic()
        if now >= self._progress_at:
            self._progress_at = now + PROGRESS_SECONDS
            seconds = int(now - self._began)
            says = {"says": self._trading.progress} if self._trading.progress else {}
            _log.info("waiting for trading to accept logons", seconds=seconds, **says)

    def _watch(self) -> int:
        while not self.signals.requested:
            try:
                changes = [self._trading.keep_running()]
            except TradingNotReady as error:
                _log.critical("trading stays down; stopping all", because=str(error))
                return error.exit_status
            changes += [unit.keep_running() for unit in self._units.values()]
            changes += self._sound_alarm()
            if any(changes) or self._is_show_due():
                self._show()
            if time.monotonic() >= self._next_check:
                self._next_check = time.monotonic() + LOG_CHECK_SECONDS
                self._rotate_logs()
                self._mend_servers()
            time.sleep(TURN_SECONDS)
        return 0

    def _sound_alarm(self) -> list[bool]:
        """Alert for what keeps ending and what lags. Whether either has changed."""
        changes = [self._alarm.hear(PROCESS_FAILING, self._failing())]
        now = time.monotonic()
        if now >= self._next_lag_check:
            self._next_lag_check = now + LAG_CHECK_SECONDS
            self._lagging = self._lags.look(now)
            changes.append(self._alarm.hear(CONSUMER_LAGS, self._lagging))
        return changes

    def _rotate_logs(self) -> None:
        for child in self._children():
            try:
                rotate_log(child.log_file)
            except OSError as error:  # a full disk: the log stays as it is, the venue goes on
                _log.error("log not set aside", file=str(child.log_file), reason=str(error))

    def _mend_servers(self) -> None:
        """Start a server again that a full disk has hurt, once there is room."""
        for server in self._servers:
            unit = self._units[server.name]
            said = server.hurt()
            if said != unit.hurt:
                unit.hurt = said
                self._show()
            if said and unit.child is not None and server.has_room():
                _log.warning("started again, for its disk has room", name=server.name, said=said)
                unit.child.send(signal.SIGINT)

    def _stop(self) -> None:
        """Stop trading first, so that nothing new comes, then the workers, the servers last."""
        if self._trading.fix:
            _log.info("stopping")
        self._trading.hang_up()
        if self._trading.child is not None:
            self._trading.child.stop(signal.SIGTERM, self._trading.stop_seconds)
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
        try:
            remove_runtime(self._data_dir)
        finally:
            os._exit(130)

    def _child_of(self, name: str) -> Child | None:
        return self._units[name].child if name in self._units else None

    def _children(self) -> list[Child]:
        children = [self._trading.child, *(unit.child for unit in self._units.values())]
        return [child for child in children if child is not None]

    def _show(self) -> None:
        """Replace runtime.json. If the disk does not take it, log that and try again later."""
        try:
            write_runtime(self._data_dir, self._info())
        except OSError as error:
            if self._show_again_at is None:
                _log.error("runtime.json cannot be written yet", reason=str(error))
            self._show_again_at = time.monotonic() + LOG_CHECK_SECONDS
        else:
            self._show_again_at = None

    def _is_show_due(self) -> bool:
        return self._show_again_at is not None and time.monotonic() >= self._show_again_at

    def _failing(self) -> dict[str, str]:
        """Why what is not working is not, by its name."""
        units = self._units.values()
        found = {unit.name: unit.failing or unit.hurt for unit in units}
        found[self._trading.name] = self._trading.waits_for
        return {name: why for name, why in found.items() if why}

    def _info(self) -> RuntimeInfo:
        pids = {child.name: child.pid for child in self._children()}
        server_names = {server.name for server in self._servers}
        return RuntimeInfo(
            fix=self._trading.fix,
            core=self._trading.core,
            nats=self._urls[0],
            database=self._urls[1],
            data_dir=str(self._data_dir),
            config=self._config,
            addresses=self._addresses,
            elsewhere=self._elsewhere,
            pid=os.getpid(),
            pid_start_ticks=left_over.start_ticks(os.getpid()) or 0,
            started_ns=self._started_ns,
            processes={name: pid for name, pid in pids.items() if name not in server_names},
            servers={name: pid for name, pid in pids.items() if name in server_names},
            hosts={name: program.name for program in self._workers for name in program.hosts},
            restarts={self._trading.name: self._trading.restarts}
            | {unit.name: unit.restarts for unit in self._units.values()},
            failing={**self._lagging, **self._failing()},
        )
