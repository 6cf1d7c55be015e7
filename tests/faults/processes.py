"""The venue deployed apart: nats-server, PostgreSQL and each process, to be started and killed.

Which processes there are is the venue's own table (venue/servers/plan.py). All die with this one.
None is nicer than this one: all are waited for, and on a busy machine a nice one hardly starts.
"""

import json
import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

from tests.faults.kills import AT_RANDOM, TRADING, Kill
from venue import fault_points
from venue.journal.durable import forget_position
from venue.servers import plan, ports
from venue.servers.child import Child, spawn
from venue.servers.embedded import EmbeddedServer
from venue.servers.nats import NatsServer
from venue.servers.postgres import PostgresServer
from venue.servers.program import Program
from venue.servers.runtime import READY_FD_VARIABLE
from venue.settings.settings import load_settings

_STATUS = {signal.SIGKILL: -signal.SIGKILL, signal.SIGTERM: 0}
SETTINGS = ("journal.segment_mib=1", "log_format=json")
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.01
_FIRST_START_SECONDS = 60.0


class EndedByItself(Exception):
    """A process has ended, and neither a kill nor a fault point was the reason."""


class Death(NamedTuple):
    """An end that was asked for. point: the armed one that was reached; None: ended from here.

    asked_at and at: CLOCK_MONOTONIC, in seconds; the same where it ended itself.
    """

    point: str | None
    asked_at: float
    at: float


def are_together() -> bool:
    """Whether one process hosts the sinks, as VENUE_PROCESSES__FOLLOWERS or venue.toml says."""
    return load_settings().processes.followers == "together"


class VenueProcess:
    """One process of the venue and how it came to its last end."""

    def __init__(self, program: Program, log_file: Path) -> None:
        self.name = program.name
        self._program = program
        self._log_file = log_file
        self._child: Child | None = None
        self._armed: str | None = None
        self._ready = -1
        self._sent: signal.Signals | None = None
        self._asked_at = 0.0

    def start(self, kill: Kill = AT_RANDOM) -> None:
        """Start it, to end itself where `kill` says if that is at a stop point."""
        assert self._child is None
        environment = {**os.environ, **self._program.environment}
        if kill.point is not None:
            environment[fault_points.VARIABLE] = f"{kill.point}:{kill.passing}:kill"
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        environment[READY_FD_VARIABLE] = str(writer)
        self._child = spawn(
            self.name,
            self._program.argv,
            log_file=self._log_file,
            environment=environment,
            pass_fds=(writer,),
        )
        os.close(writer)
        self._armed, self._ready, self._sent = kill.point, reader, None

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        return None if self._child is None else self._child.pid

    def end_by(self, number: signal.Signals) -> None:
        """Send SIGKILL or SIGTERM, once; `death` tells when it has ended."""
        if self._child is not None and self._sent is None:
            self._sent = number
            self._asked_at = time.monotonic()
            self._child.send(number)

    def death(self) -> Death | None:
        """How it has ended, once; None while it runs. Raises EndedByItself."""
        if self._child is None:
            return None
        status = self._child.exit_status()
        if status is None:
            return None
        said = self._said()
        os.close(self._ready)
        child, self._child = self._child, None
        if self._sent is not None and status == _STATUS[self._sent]:
            return Death(None, self._asked_at, time.monotonic())
        if status == -signal.SIGKILL and self._armed is not None:
            return Death(self._armed, time.monotonic(), time.monotonic())
        why = said.get("error") or child.last_log_line()
        raise EndedByItself(f"{self.name} ended with status {status}: {why}")

    def wait_for_death(self, seconds: float) -> Death:
        """Until it has ended. Raises EndedByItself, also when it does not end in time."""
        assert self._child is not None
        if not self._child.wait(seconds):
            raise EndedByItself(f"{self.name} did not end in {seconds:g} s")
        death = self.death()
        assert death is not None
        return death

    def wait_ready(self, seconds: float) -> dict[str, str]:
        """What trading says once it is ready: {"fix": HOST:PORT}. Raises EndedByItself."""
        deadline = time.monotonic() + seconds
        while not (said := self._said()):
            if self.death() is not None or time.monotonic() > deadline:
                raise EndedByItself(f"{self.name} was not ready in {seconds:g} s")
            time.sleep(_POLL_SECONDS)
        return said

    def stop(self) -> None:
        """End it by SIGTERM. Raises EndedByItself when its status is not 0."""
        if self._child is None:
            return
        status = self._child.stop(signal.SIGTERM, _STOP_SECONDS)
        os.close(self._ready)
        child, self._child = self._child, None
        if status != 0:
            raise EndedByItself(
                f"{self.name} ended with status {status} when asked to stop: "
                f"{child.last_log_line()}"
            )

    def end(self) -> None:
        """Kill it, if it runs, whatever it was to do."""
        if self._child is not None:
            self._child.stop(signal.SIGKILL)
            os.close(self._ready)
            self._child = None

    def _said(self) -> dict[str, str]:
        try:
            lines = os.read(self._ready, 65536).splitlines()
        except BlockingIOError:
            return {}
        said: list[dict[str, str]] = [json.loads(line) for line in lines]
        return next((each for each in said if "progress" not in each), {})


class Deployment:
    """Everything of one venue on one directory."""

    def __init__(self, directory: Path, settings: tuple[str, ...] = ()) -> None:
        self.data_dir = directory / "data"
        self.data_dir.mkdir(mode=0o700, parents=True)
        self.nats = NatsServer(self.data_dir, nice=0)
        self.postgres = PostgresServer(self.data_dir)
        self.address = ("127.0.0.1", ports.free_port())
        given = (*SETTINGS, *settings, f"fix.port={self.address[1]}")
        urls = {"nats_url": self.nats.url, **self.postgres.urls}
        table = plan.programs(self.data_dir, None, given, urls, together=are_together())
        logs = self.data_dir / "logs"
        self.processes = {
            program.name: VenueProcess(program, logs / f"{program.name}.log") for program in table
        }

    @property
    def journal(self) -> Path:
        """Directory of the journal."""
        return self.data_dir / "journal"

    @property
    def nats_url(self) -> str:
        """With its password."""
        return self.nats.url

    @property
    def database_url(self) -> str:
        """The reader's, with its password."""
        return self.postgres.urls["database_reader_url"]

    @property
    def trading(self) -> VenueProcess:
        """The trading process."""
        return self.processes[TRADING]

    @property
    def servers(self) -> dict[str, EmbeddedServer]:
        """nats-server and PostgreSQL by name."""
        return {server.name: server for server in (self.nats, self.postgres)}

    def start_servers(self) -> None:
        """Start the servers and wait until they serve."""
        for server in self.servers.values():
            server.prepare()
            server.launch()
        for server in self.servers.values():
            server.wait_ready(_FIRST_START_SECONDS)
            server.settle()

    def kill_server(self, name: str) -> None:
        """kill -9 of a server and start it again at once; `is_ready` tells when it serves."""
        server = self.servers[name]
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        server.launch()

    def stop(self) -> None:
        """Stop all cleanly, trading first. Raises EndedByItself when one does not end well."""
        try:
            for process in self.processes.values():
                process.stop()
        finally:
            self.end()

    def end(self) -> None:
        """Kill what still runs; the position in shared memory goes too."""
        for process in self.processes.values():
            process.end()
        for server in self.servers.values():
            server.stop()
        forget_position(self.journal)
