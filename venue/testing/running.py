"""A venue as a test sees it: where its sessions log on, its command line, and its end.

Knows how to start, ask and end a venue of a temporary directory; leaves no process and no file.
"""

import json
import signal
import subprocess
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from venue.data_directory import DataDirectory
from venue.journal.durable import forget_position
from venue.processes import BEHIND_THE_GATE, GATEWAY, TRADING
from venue.servers.runtime import RuntimeInfo, find_running
from venue.settings.files import shipped
from venue.settings.settings import Settings, load_settings
from venue.settings.urls import URLS
from venue.testing.processes import VenueProcesses
from venue.testing.starting import VenueNotReady, command_line, run_line

_COMMAND_SECONDS = 60.0


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
        self._processes = VenueProcesses(self.data_dir, self._log_file)
        self._addresses: dict[str, str] = {}

    @cached_property
    def settings(self) -> Settings:
        """Its configuration. Raises ConfigurationError."""
        return load_settings(self.config, self._overrides(), self.data_dir)

    def start(self) -> None:
        """Start it, and return once logons are accepted. Raises VenueNotReady with the reason."""
        assert not self.is_running, "it runs"
        if self.is_trading_only:
            line = run_line(self.data_dir, self._overrides(), process=TRADING.name,
                            config=self.config)  # fmt: skip
            self._addresses = self._processes.start_trading(line)
        else:
            overrides = [*self._overrides(), *self._left_out()]
            line = run_line(self.data_dir, overrides, config=self.config)
            self._addresses = self._processes.start_whole(line)

    def stop(self) -> int:
        """End it by SIGTERM, after a deadline by SIGKILL; its exit status, 0 where it was clean."""
        return self._processes.end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9 of all of it: what was acknowledged is in its journal, nothing else is said."""
        self._processes.end(signal.SIGKILL)

    @property
    def is_running(self) -> bool:
        """Whether its process lives: trading's, or the one that runs all others."""
        return self._processes.is_running

    @property
    def was_started(self) -> bool:
        """Whether there is, or was, a process of it."""
        return self._processes.was_started

    @property
    def is_trading_only(self) -> bool:
        """Whether trading runs alone."""
        return self.parts == {Part.TRADING}

    @property
    def pid(self) -> int:
        """Of trading where it runs alone, else of the process that runs all others."""
        return self._processes.pid

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

    def _left_out(self) -> list[str]:
        """Sessions of parts that were not chosen: where there are none, their process is not."""
        return [
            f"sessions.{each.comp_id}.enabled=false"
            for each in self.settings.sessions
            if each.kind not in self.parts
        ]

    def _address_of(self, process: str) -> tuple[str, int]:
        if process not in self._addresses:
            raise VenueNotReady(f"{process} does not run: name its part when you start the venue")
        return _host_and_port(self._addresses[process])


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


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
