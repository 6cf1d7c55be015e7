"""A real process `fix-dropcopy` beside a real trading process, and what listeners must be told."""

import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.fix_client import FixClient
from tests.fix_message import Message
from tests.running import STOP_SECONDS, RunningTrading
from tests.servers.conditions import wait_for
from venue.data_directory import DataDirectory
from venue.domain.codec import decode_event
from venue.fixdc.copies import Copy, copies_of
from venue.fixdc.places import Place, read_places
from venue.fixdc.sources import Sources
from venue.journal.reader import JournalReader
from venue.servers.ports import free_port
from venue.settings.files import shipped

LISTENERS = {
    "DESK-DC": 'member = "ALPHA"\ndialect = "venue"',
    "RISK-DC": 'member = "ALPHA"\nsources = ["ALPHA", "BRAVO"]',
    "FILLS-DC": 'member = "BRAVO"\nlevels = "trades"',
    "STATES-DC": 'member = "BRAVO"\nlevels = "orders"',
    "A1-DC": 'member = "ALPHA"\naccounts = ["A1"]',
}
"""Sessions of kind dropcopy beside those that ship."""


def configuration(directory: Path) -> Path:
    """The configuration that ships, with these listeners."""
    directory.mkdir(parents=True, exist_ok=True)
    venue, sessions = shipped("venue.toml").read_text(), shipped("sessions.cfg").read_text()
    for name, terms in LISTENERS.items():
        venue += f'\n[[sessions]]\ncomp_id = "{name}"\nkind = "dropcopy"\n'
        venue += f'password = "demo"\n{terms}\n'
        sessions += f"\n[SESSION]\nTargetCompID={name}\n"
    (directory / "sessions.cfg").write_text(sessions)
    (directory / "spec").mkdir(exist_ok=True)
    (directory / "spec" / "FIX44.xml").write_bytes(shipped("spec/FIX44.xml").read_bytes())
    path = directory / "venue.toml"
    path.write_text(venue)
    return path


FEW_OPEN_FILES = 256


def _few_open_files() -> None:
    """As a system with a low soft limit starts it."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW_OPEN_FILES, most))


class RunningDropCopies:
    """Trading and fix-dropcopy on one data directory; the latter is started as often as wanted."""

    def __init__(self, directory: Path) -> None:
        self.config = configuration(directory / "configuration")
        self.trading = RunningTrading(directory / "data", config=self.config)
        self.place = DataDirectory(self.trading.data_dir)
        self.port = free_port("127.0.0.1")
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: list[FixClient] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start fix-dropcopy and wait until it accepts connections."""
        arguments = ["run", "fix-dropcopy", "--data-dir", str(self.place.path)]
        arguments += ["--config", str(self.config), "--set", f"fix_dropcopy.port={self.port}"]
        with (self.place.path / "fix-dropcopy.stderr").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "venue", *arguments],
                stderr=log,
                env={**os.environ},
                preexec_fn=_few_open_files,
            )
        wait_for(self._accepts, 60)

    def kill(self) -> None:
        """kill -9 of fix-dropcopy."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """A clean stop of fix-dropcopy; its exit status."""
        return self._end(signal.SIGTERM)

    def client(self, session: str, *, answers: bool = True) -> FixClient:
        """A listener of that CompID, not connected yet. answers: TestRequests."""
        client = FixClient(("127.0.0.1", self.port), session, answer_test_requests=answers)
        self._clients.append(client)
        return client

    def place_of(self, session: str) -> Place:
        """Where a listener is, as the process has written it."""
        return read_places(self.place.listeners).listeners.get(session, Place())

    def copies(self, *members: str) -> list[Copy]:
        """The copies of these members in the whole journal."""
        return journaled_copies(self.place.journal, *members)

    def open_files(self) -> tuple[int, int]:
        """How many files fix-dropcopy may have open: soft and hard limit."""
        assert self._process is not None
        return resource.prlimit(self._process.pid, resource.RLIMIT_NOFILE)

    def log(self) -> str:
        return (self.place.path / "fix-dropcopy.stderr").read_text()

    def _accepts(self) -> bool:
        assert self._process is not None and self._process.poll() is None, self.log()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def _end(self, number: int) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(STOP_SECONDS)

    def __enter__(self) -> Self:
        self.trading.start()
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for client in self._clients:
            client.close()
        if self._process is not None and self._process.poll() is None:
            self.kill()
        self.trading.__exit__(kind, error, traceback)


def journaled_copies(journal: Path, *members: str) -> list[Copy]:
    """The copies of these members in a whole journal, in its order."""
    sources, reader = Sources(frozenset(members)), JournalReader(journal)
    found: list[Copy] = []
    while events := reader.read(500):
        found += [
            copy
            for event in events
            for copy in copies_of(decode_event(event.payload))
            if sources.has(copy)
        ]
    reader.close()
    return found


def reports(messages: Iterable[Message]) -> list[Message]:
    """The copies among what has come; no answers to status requests."""
    return [each for each in messages if each.msg_type == "8" and each[150] != "I"]


def exec_ids(messages: Iterable[Message]) -> list[str]:
    """Their ExecIDs, each once, as they first came."""
    return list(dict.fromkeys(each[17] for each in reports(messages)))


def until_all(client: FixClient, wanted: Iterable[str], known: Iterable[str] = ()) -> None:
    """Read until the client has every one of these ExecIDs, or had it before."""
    missing = set(wanted).difference(known, exec_ids(client.log))
    while missing:
        missing.difference_update(exec_ids([client.receive(timeout=30)]))
