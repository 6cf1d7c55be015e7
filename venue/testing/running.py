"""A venue as a test sees it: where its sessions log on, its command line, and its end.

Knows how to start, ask and end a venue of a temporary directory; leaves no process and no file.
"""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from venue.data_directory import DataDirectory
from venue.journal.durable import forget_position
from venue.processes import BEHIND_THE_GATE, GATEWAY, TRADING
from venue.servers import child
from venue.servers.left_over import start_ticks
from venue.servers.runtime import READY_FD_VARIABLE, RuntimeInfo, find_running
from venue.settings.files import shipped
from venue.settings.settings import Settings, load_settings
from venue.settings.urls import URLS
from venue.testing.starting import (
    VenueNotReady,
    await_running,
    command_line,
    last_word,
    run_line,
)

_TRADING_SECONDS = 60.0
_WHOLE_SECONDS = 120.0
_STOP_SECONDS = 30.0
_COMMAND_SECONDS = 60.0
_POLL_SECONDS = 0.01


class Part(StrEnum):
    """What can be tested against. Trading alone is one process, and up at once; with any other
    part the whole venue runs, with NATS and PostgreSQL."""

    TRADING = "trading"
    MARKETDATA = "marketdata"
    DROPCOPY = "dropcopy"
    GATEWAY = "gateway"


EVERYTHING = tuple(Part)
_FREE_PORTS = (
    *(f"{section}.port=0" for section in (
        "fix", "fix_marketdata", "fix_dropcopy", "gateway", "metrics", "nats", "postgres",
    )),
    *(f"{url}=" for url in URLS),
    "journal.segment_mib=4",
)  # fmt: skip


class VenueSession(NamedTuple):
    """How a client logs on: SenderCompID(49), which is its Username(553) too, TargetCompID(56),
    Password(554), and where. kind: trading, marketdata or dropcopy."""

    comp_id: str
    target_comp_id: str
    password: str
    member: str
    kind: str
    host: str
    port: int


class RunningVenue:
    """A venue in a directory of its own; `running_venue` makes it, starts it and ends it.

    To try how a client comes back: `kill` or `stop` it, then `start` it again; its ports stay.
    """

    def __init__(
        self,
        directory: Path,
        parts: Collection[Part | str] = (Part.TRADING,),
        config: Path | None = None,
        settings: Sequence[str] = (),
    ) -> None:
        self.data_dir = directory / "data"
        self.parts = frozenset(map(Part, parts)) | {Part.TRADING}
        self.config = shipped("venue.toml") if config is None else config
        self._given = tuple(settings)
        self._log_file = directory / "venue.log"
        self._child: child.Child | None = None
        self._addresses: dict[str, str] = {}
        self._began: dict[int, int] = {}
        """Processes of a whole venue, and when each was started: a pid may be given again."""

    @cached_property
    def settings(self) -> Settings:
        """Its configuration. Raises ConfigurationError."""
        return load_settings(self.config, self._overrides(), self.data_dir)

    def start(self) -> None:
        """Start it, and return once logons are accepted. Raises VenueNotReady with the reason."""
        assert not self.is_running, "it runs"
        if self.is_trading_only:
            self._start_trading()
        else:
            self._start_whole()

    def stop(self) -> int:
        """End it by SIGTERM, after a deadline by SIGKILL; its exit status, 0 where it was clean."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9 of all of it: what was acknowledged is in its journal, nothing else is said."""
        self._end(signal.SIGKILL)

    @property
    def is_running(self) -> bool:
        """Whether its process lives: trading's, or the one that runs all others."""
        return self._child is not None and self._child.is_alive()

    @property
    def was_started(self) -> bool:
        """Whether there is, or was, a process of it."""
        return self._child is not None

    @property
    def is_trading_only(self) -> bool:
        """Whether trading runs alone."""
        return self.parts == {Part.TRADING}

    @property
    def pid(self) -> int:
        """Of trading where it runs alone, else of the process that runs all others."""
        assert self._child is not None, "it was not started"
        return self._child.pid

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of order entry by FIX."""
        return self._address_of(TRADING.name)

    @property
    def host(self) -> str:
        """Of order entry by FIX."""
        return self.address[0]

    @property
    def port(self) -> int:
        """Of order entry by FIX."""
        return self.address[1]

    @property
    def sessions(self) -> dict[str, VenueSession]:
        """All sessions that can log on to a part that runs, by CompID."""
        settings = self.settings
        target = settings.venue_comp_id()
        return {
            each.comp_id: VenueSession(
                each.comp_id,
                target,
                each.password_text() if each.has_demo_password else "",
                each.member,
                each.kind,
                *self._address_of(BEHIND_THE_GATE[each.kind].name),
            )
            for each in settings.sessions
            if each.enabled and each.kind in self.parts
        }

    def session(self, comp_id: str) -> VenueSession:
        """One of them; KeyError with their names where there is no such."""
        found = self.sessions
        if comp_id not in found:
            raise KeyError(f"{comp_id} is none of {', '.join(found)}")
        return found[comp_id]

    @property
    def gateway_url(self) -> str:
        """Of HTTP and WebSocket; users alpha, bravo ... and operator have the password demo."""
        return "http://{}:{}".format(*self._address_of(GATEWAY.name))

    @property
    def runtime(self) -> RuntimeInfo:
        """URLs of its servers, with credentials; pids. Only of a whole venue that runs."""
        found = find_running(self.data_dir)
        assert found is not None, "no whole venue runs"
        return found

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `venue ARGUMENTS` on it; whatever its exit status. Nobody is asked: add --yes."""
        first, *rest = arguments
        return subprocess.run(
            command_line("--data-dir", str(self.data_dir), first, *rest),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )

    def json(self, *arguments: str) -> dict[str, Any]:
        """The object that `venue ARGUMENTS --json` prints: docs/CLI.md has what is in it.

        `ok` is false where it was refused, and `error` says why.
        """
        done = self.command(*arguments, "--json")
        if not done.stdout:
            raise ValueError(f"venue {' '.join(arguments)} printed nothing: {done.stderr}")
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def log(self) -> str:
        """What it has logged so far."""
        return self._log_file.read_text() if self._log_file.exists() else ""

    def _overrides(self) -> list[str]:
        """What it is started with: free ports, or those that it had; the part that was chosen."""
        ports = [
            f"{'fix' if name == TRADING.name else name.replace('-', '_')}.port={place[1]}"
            for name, address in self._addresses.items()
            if (place := _host_and_port(address))
        ]
        gateway = str(Part.GATEWAY in self.parts).lower()
        users = [f"gateway.{key}={gateway}" for key in ("enabled", "demo_users", "operators")]
        return [*_FREE_PORTS, *ports, *users, *self._given]

    def _start_trading(self) -> None:
        reader, writer = os.pipe()
        try:
            self._child = child.spawn(
                "trading",
                run_line(self.data_dir, self._overrides(), process=TRADING.name,
                         config=self.config),
                log_file=self._log_file,
                environment={**os.environ, READY_FD_VARIABLE: str(writer)},
                pass_fds=(writer,),
            )  # fmt: skip
        finally:
            os.close(writer)
        word = last_word(reader, _TRADING_SECONDS)
        if word is None or not word.ready:
            why = self._child.last_log_line() if word is None else word.error
            raise VenueNotReady(f"the venue did not start: {why}")
        self._addresses = {TRADING.name: word.fix}

    def _start_whole(self) -> None:
        left_out = [
            f"sessions.{each.comp_id}.enabled=false"
            for each in self.settings.sessions
            if each.kind not in self.parts
        ]
        self._child = child.spawn(
            "venue",
            run_line(self.data_dir, [*self._overrides(), *left_out], config=self.config),
            log_file=self._log_file,
            death_signal=signal.SIGTERM,  # so that it ends all others
        )
        running = await_running(self.data_dir, self._child, _WHOLE_SECONDS)
        self._addresses = {TRADING.name: running.fix, **running.addresses}
        self._note(running)

    def _note(self, running: RuntimeInfo) -> None:
        for pid in (*running.processes.values(), *running.servers.values()):
            ticks = start_ticks(pid)
            if ticks is not None:
                self._began[pid] = ticks

    def _end(self, number: signal.Signals) -> int:
        """End it and, whatever came of that, every process of which it was known."""
        assert self._child is not None, "it was not started"
        running = None if self.is_trading_only else find_running(self.data_dir)
        if running is not None:
            self._note(running)
        try:
            return self._child.stop(number, _STOP_SECONDS)
        finally:
            _end_all(self._began)

    def _address_of(self, process: str) -> tuple[str, int]:
        if process not in self._addresses:
            raise VenueNotReady(f"{process} does not run: name its part when you start the venue")
        return _host_and_port(self._addresses[process])


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


def _end_all(began: dict[int, int]) -> None:
    """Wait for these processes, which end with the one that ran them; kill those that do not.

    began: when each was started, so that nobody else's process of the same pid is meant.
    """
    deadline = time.monotonic() + _STOP_SECONDS
    while left := [pid for pid, ticks in began.items() if start_ticks(pid) == ticks]:
        if time.monotonic() > deadline:
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(_POLL_SECONDS)


@contextmanager
def running_venue(
    parts: Collection[Part | str] = (Part.TRADING,),
    *,
    config: Path | None = None,
    settings: Sequence[str] = (),
) -> Iterator[RunningVenue]:
    """A venue on free loopback ports in a temporary directory, ended when the context is left.

    config: a configuration file instead of the shipped one, which has the members ALPHA, BRAVO,
    CHARLIE and DELTA. settings: further ones, as --set takes them. VENUE_ variables count as ever.
    It ends with the thread that started it, too, and so with a process that is killed. Raises
    VenueNotReady, ConfigurationError.
    """
    with tempfile.TemporaryDirectory(prefix="venue-", ignore_cleanup_errors=True) as directory:
        venue = RunningVenue(Path(directory), parts, config, settings)
        try:
            venue.start()
            yield venue
        finally:
            if venue.was_started:
                venue.stop()
            journal = DataDirectory(venue.data_dir).journal
            if journal.exists():
                forget_position(journal)
