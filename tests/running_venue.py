"""The whole venue, `venue run`, in a process group of its own on a scratch data directory."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.confirmed import confirmed
from tests.fix_client import FixClient
from tests.progress import asked, booked_trades, has_caught_up
from tests.servers.conditions import is_running, wait_for
from venue.processes import BY_NAME
from venue.servers.needs import needs_of
from venue.settings.settings import load_settings

STOP_SECONDS = 30
ASK_SECONDS = 0.05


class RunningVenue:
    """Start, stop and kill `venue run`; ask it through its command line."""

    def __init__(self, data_dir: Path, config: Path | None = None) -> None:
        self.data_dir = data_dir
        self._config = [] if config is None else ["--config", str(config)]
        self._process: subprocess.Popen[str] | None = None
        self._clients: list[FixClient] = []
        self.ready_line = ""

    def start(self) -> Self:
        """Start it and wait for its ready line."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with (self.data_dir / "run.stderr").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(
                    "run", "--set", "fix.port=0", "--set", "journal.segment_mib=4", *self._config
                ),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self._process.stdout is not None
        self.ready_line = self._process.stdout.readline()
        if not self.ready_line.startswith("venue ready "):
            self.kill_group()  # nothing is left running
            raise AssertionError(self.log())
        return self

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Signal it and wait; its exit status. It must have said nothing more on stdout."""
        assert self._process is not None and self._process.stdout is not None
        self._process.send_signal(number)
        status = self._process.wait(STOP_SECONDS)
        assert self._process.stdout.read() == ""
        self._process.stdout.close()
        return status

    def kill_group(self) -> None:
        """kill -9 of the whole process group."""
        assert self._process is not None and self._process.stdout is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOP_SECONDS)
        self._process.stdout.close()

    def runtime(self) -> dict[str, Any]:
        """runtime.json."""
        info: dict[str, Any] = json.loads((self.data_dir / "runtime.json").read_text())
        return info

    def urls_of(self, process: str) -> dict[str, str]:
        """URLs that a process of its own would be given, by setting."""
        told = BY_NAME[process]
        found = needs_of(told, load_settings(data_dir=self.data_dir))
        return dict(zip(told.needs, found, strict=True))

    def address_of(self, process: str) -> tuple[str, int]:
        """Where sessions of a process beside trading log on."""
        host, _, port = self.runtime()["addresses"][process].rpartition(":")
        return host, int(port)

    def pids(self) -> list[int]:
        """All processes and servers of the venue."""
        info = self.runtime()
        return [*info["processes"].values(), *info["servers"].values()]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `venue` command on this data directory."""
        return subprocess.run(
            self._command(*confirmed(arguments)),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def json(self, *arguments: str) -> dict[str, Any]:
        """What a `venue ... --json` command prints."""
        done = self.command(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    def asked(self, *arguments: str) -> dict[str, Any]:
        """The same, asked in this process, for who asks again and again; whatever its status."""
        found = asked(self.data_dir, *arguments)
        assert found is not None, f"nothing was said to {arguments}"
        return found

    def wait_for_trades(self, count: int) -> dict[str, Any]:
        """Trial balance once it has `count` trades."""
        wait_for(lambda: booked_trades(self.data_dir) >= count, 60, ASK_SECONDS)
        return self.json("ledger", "trial-balance")

    def has_caught_up(self) -> bool:
        """Whether every process is at the last event; on a busy machine nobody may know."""
        return has_caught_up(self.data_dir)

    def client(self, session: str) -> FixClient:
        """A FIX client of that CompID, not connected yet."""
        host, port = self.runtime()["fix"].split(":")
        client = FixClient((host, int(port)), session)
        self._clients.append(client)
        return client

    def disconnect_clients(self) -> None:
        """Log out the clients made so far that are connected, and forget them."""
        for client in self._clients:
            if client.is_connected:
                client.logout()
        self._clients.clear()

    def log(self) -> str:
        """What it has written to stderr."""
        return (self.data_dir / "run.stderr").read_text()

    def __enter__(self) -> Self:
        """Start it; its consumers have followed it to the last event of its seed."""
        self.start()
        try:
            wait_for(self.has_caught_up, 300, ASK_SECONDS)
        except BaseException:
            self.__exit__(None, None, None)  # nothing is left running
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.disconnect_clients()
        finally:  # nothing is left running, whatever a client met
            if self._process is not None and self._process.poll() is None:
                pids = self.pids()
                self.kill_group()
                wait_for(lambda: not any(map(is_running, pids)))

    def _command(self, *arguments: str) -> list[str]:
        first, *rest = arguments
        data_dir = ["--data-dir", str(self.data_dir)]
        return [sys.executable, "-P", "-m", "venue", *data_dir, first, *rest]
