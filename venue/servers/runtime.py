"""runtime.json: where a running venue can be reached. Written by `venue run`, read by the CLI.

May know the data directory and /proc. The file has passwords, so only its owner may read it (0600).
URLs for a screen or a log go through masking.mask_url.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import msgspec

from venue import compiled_core
from venue.data_directory import DataDirectory
from venue.processes import ENDPOINTS, METRICS
from venue.servers import ServerError, left_over

READY_FD_VARIABLE = "VENUE_READY_FD"


class RuntimeInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A running venue. fix: HOST:PORT. The URLs have credentials; times count from 1970.

    config: its configuration file. addresses: HOST:PORT of processes beside trading that have a
    port, by name; of metrics the first one. elsewhere: sinks that run apart from it, of which
    nothing is known here. core: which one trading runs (venue/compiled_core.py).
    processes, servers: pids of those that are up, by name. hosts: the process in which a part of
    the venue runs that has none of its own. restarts: how often each was started again. failing:
    the last log line of those that keep ending, and how far behind those are that lag.
    """

    fix: str
    nats: str
    database: str
    data_dir: str
    config: str = ""
    addresses: dict[str, str] = {}
    elsewhere: list[str] = []
    core: str = compiled_core.PURE
    pid: int
    pid_start_ticks: int
    started_ns: int
    state: Literal["running", "stopping"] = "running"
    processes: dict[str, int] = {}
    servers: dict[str, int] = {}
    hosts: dict[str, str] = {}
    restarts: dict[str, int] = {}
    failing: dict[str, str] = {}

    def process_of(self, name: str) -> str:
        """The process that this part of the venue runs in: its own, or its host."""
        return self.hosts.get(name, name)

    def pid_of(self, name: str) -> int | None:
        """Of that process, if it is up."""
        return self.processes.get(self.process_of(name))


class Readiness(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line that trading writes to the pipe of its supervisor; the last one says how it ended.

    progress: how far a start is that takes long; more lines come. needs_bytes: a start may succeed
    once the disk has so much room; 0: room does not matter. addresses: of a gate, HOST:PORT for
    the sessions of each kind but trading, by kind.
    """

    ready: bool
    fix: str = ""
    addresses: dict[str, str] = {}
    core: str = compiled_core.PURE
    error: str = ""
    exit: int = 1
    needs_bytes: int = 0
    progress: str = ""


def metrics_addresses(running: RuntimeInfo) -> dict[str, str]:
    """HOST:PORT of the metrics and health of each process that was started; none: they are off."""
    first = running.addresses.get(METRICS.name, "")
    if not first:
        return {}
    host, _, port = first.rpartition(":")
    return {
        name: f"{host}:{int(port) + place}"
        for place, name in enumerate(ENDPOINTS)
        if name in running.restarts
    }


def write_runtime(data_dir: Path, info: RuntimeInfo) -> None:
    """Replace runtime.json as a whole: a reader sees the old one or the new one.

    Raises OSError, and then the old one stays.
    """
    path = DataDirectory(data_dir).runtime
    scratch = path.with_name(f"{path.name}.new")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(info), indent=2) + b"\n")
    scratch.replace(path)


def remove_runtime(data_dir: Path) -> None:
    """Forget the running venue: at a clean stop, or because its process is dead."""
    DataDirectory(data_dir).runtime.unlink(missing_ok=True)


def find_running(data_dir: Path) -> RuntimeInfo | None:
    """The venue that runs on this data directory; None if none does (a stale file counts as none).

    Raises ServerError if the file is there but cannot be read.
    """
    path = DataDirectory(data_dir).runtime
    try:
        info = msgspec.json.decode(path.read_bytes(), type=RuntimeInfo)
    except FileNotFoundError:
        return None
    except (PermissionError, msgspec.MsgspecError) as error:
        raise ServerError(f"{path} cannot be read: {error}") from error
    # The start time distinguishes the venue from another process that got its pid later.
    return info if left_over.start_ticks(info.pid) == info.pid_start_ticks else None


def report_ready(fix: str, addresses: Mapping[str, str] = MappingProxyType({})) -> None:
    """Tell the supervisor, if there is one, that logons are accepted at `fix` (HOST:PORT).

    addresses: see Readiness.
    """
    told = dict(addresses)
    _report(Readiness(ready=True, fix=fix, addresses=told, core=compiled_core.core()))


def report_progress(progress: str) -> None:
    """Tell the supervisor, if there is one, how far the start of trading is."""
    if descriptor := os.environ.get(READY_FD_VARIABLE, ""):
        os.write(int(descriptor), _line(Readiness(ready=False, progress=progress)))


def report_failure(error: str, exit_status: int = 1, needs_bytes: int = 0) -> None:
    """Tell the supervisor, if there is one, the one line why trading cannot start."""
    _report(Readiness(ready=False, error=error, exit=exit_status, needs_bytes=needs_bytes))


def _report(readiness: Readiness) -> None:
    descriptor = os.environ.pop(READY_FD_VARIABLE, "")
    if not descriptor:  # no supervisor, or already reported
        return
    os.write(int(descriptor), _line(readiness))
    os.close(int(descriptor))


def _line(readiness: Readiness) -> bytes:
    return msgspec.json.encode(readiness) + b"\n"
