"""A real trading process of a scratch data directory, for tests that speak FIX to it."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from msgspec import to_builtins

from tests.fix_client import FixClient
from venue.journal.durable import forget_position
from venue.testing.starting import last_word, run_line

READY_SECONDS = 60
STOP_SECONDS = 20


class RunningTrading:
    """`venue run trading` as its own process; start, stop and kill it, as often as wanted."""

    def __init__(
        self,
        data_dir: Path,
        *settings: str,
        config: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.environment = dict(environment or {})
        """Variables that the next start sets, such as VENUE_FAULT."""
        self._config = config
        self._settings = ("fix.port=0", "journal.segment_mib=4", *settings)
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: list[FixClient] = []
        self.address = ("", 0)

    def start(self) -> Self:
        """Start it and wait until it accepts logons. Raises AssertionError with why it does not."""
        ready = self.try_start()
        assert ready.get("ready"), ready
        host, port = ready["fix"].split(":")
        self.address = (host, int(port))
        return self

    def try_start(self) -> dict[str, Any]:
        """Start it; what it says of its readiness."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        reader, writer = os.pipe()
        with (self.data_dir / "trading.stderr").open("ab") as log:
            self._process = subprocess.Popen(
                run_line(self.data_dir, self._settings, process="trading", config=self._config),
                pass_fds=(writer,),
                env={**os.environ, **self.environment, "VENUE_READY_FD": str(writer)},
                stderr=log,
            )
        os.close(writer)
        word = last_word(reader, READY_SECONDS)
        found: dict[str, Any] = {"error": self.log()} if word is None else to_builtins(word)
        return found

    def stop(self) -> int:
        """Ask it to stop cleanly; its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(STOP_SECONDS)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The process takes no turns inside."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def wait(self) -> int:
        """Wait for it to end by itself; its exit status."""
        assert self._process is not None
        return self._process.wait(STOP_SECONDS)

    @property
    def pid(self) -> int:
        """Of the process started last."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        """What it has written to stderr."""
        return (self.data_dir / "trading.stderr").read_text()

    def client(self, session: str) -> FixClient:
        """A FIX client of that CompID, not connected yet."""
        client = FixClient(self.address, session)
        self._clients.append(client)
        return client

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for client in self._clients:
            client.close()
        if self.is_running:
            self.kill()
        forget_position(self.data_dir / "journal")
