"""Common part of the embedded nats-server and PostgreSQL: left-overs, port, secret, start, stop.

May know child processes and the data directory; nats.py and postgres.py know the rest.
"""

import os
import secrets
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import structlog

from venue.data_directory import DataDirectory
from venue.servers import ServerError, left_over, ports
from venue.servers.child import Child

PORT_PATIENCE_SECONDS = 1.0
_POLL_SECONDS = 0.01
_log = structlog.get_logger()


class EmbeddedServer(ABC):
    """One real server on one directory. Keeps its port and password over restarts."""

    name: ClassVar[str]
    program: ClassVar[str]
    stop_seconds: ClassVar[float]

    def __init__(self, data_dir: Path, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.data_dir = data_dir.absolute()
        place = DataDirectory(self.data_dir)
        self.directory = place.server(self.name)
        self.log_file = place.log(self.name)
        self.password_file = place.password(self.name)
        self.host = host
        self.port = port or ports.free_port(host)
        self._child: Child | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The URL for clients, with the password. It is known before the server is started."""

    @abstractmethod
    def prepare(self) -> None:
        """Make the directory ready; refuses data of another major version (ServerError)."""

    @abstractmethod
    def is_ready(self) -> bool:
        """True when clients are served. Never waits long."""

    @abstractmethod
    def settle(self) -> None:
        """Make what its clients log on with, once it serves; again does no harm. ServerError."""

    @abstractmethod
    def _spawn(self) -> Child: ...

    def hurt(self) -> str:
        """What a full disk has done to it that only another start mends; empty: nothing."""
        return ""

    def has_room(self) -> bool:
        """Whether its disk has room again."""
        return True

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def launch(self) -> Child:
        """Start the server on prepared data, without waiting until it is ready.

        First ends a server that a killed run left behind on this directory. Raises PortTaken,
        OSError.
        """
        self.stop()  # our own earlier one, dead or alive
        stopped = left_over.stop(self.directory, self.program)
        if stopped:
            _log.warning("stopped what a killed run left behind", name=self.name, pids=stopped)
        ports.ensure_free(self.host, self.port, PORT_PATIENCE_SECONDS)
        self._child = self._spawn()
        return self._child

    def wait_ready(
        self, seconds: float = 60.0, given_up: Callable[[], bool] = lambda: False
    ) -> bool:
        """Wait until clients are served; False if `given_up` said so before.

        Raises ServerError if the server has ended or the deadline has passed.
        """
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if given_up():
                return False
            self.check_alive()
            if time.monotonic() >= deadline:
                raise ServerError(f"{self.name} not ready in {seconds:.0f} s; see {self.log_file}")
            time.sleep(_POLL_SECONDS)
        return True

    def check_alive(self) -> None:
        """Raise ServerError, with the last line of its log, if the server has ended."""
        if self._child is not None and not self._child.is_alive():
            raise ServerError(
                f"{self.program} ended with status {self._child.exit_status()} at its start: "
                f"{self._child.last_log_line()} (see {self.log_file})"
            )

    def stop(self) -> None:
        """End the server cleanly (SIGINT), by SIGKILL after its deadline; twice does no harm."""
        if self._child is None:
            return
        self._child.stop(signal.SIGINT, self.stop_seconds)
        left_over.stop(self.directory, self.program, seconds=1.0)
        self._child = None


def secret(path: Path) -> str:
    """The password kept in a file (0600); makes a random one the first time."""
    if not path.exists():
        scratch = path.with_name(path.name + ".new")
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24) + "\n")
            file.flush()
            os.fsync(file.fileno())
        scratch.rename(path)
    return path.read_text().strip()


def refuse_other_major(directory: Path, program: str, written_by: str, installed: str) -> None:
    """Raise ServerError if the data were written by another major version of the server."""
    if written_by != installed:
        raise ServerError(
            f"{directory} was written by {program} {written_by}, but {installed} is installed: "
            f"install version {written_by} or move the directory away"
        )
