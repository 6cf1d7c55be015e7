"""Venues to measure: started as children in a scratch directory, stopped when it is left."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.configuration import write_configuration
from bench.lag import Positions
from venue import compiled_core
from venue.processes import NAMES
from venue.servers import child
from venue.servers.runtime import RuntimeInfo, find_running

PURE_CORE = {compiled_core.VARIABLE: compiled_core.PURE}
"""What is added to the environment of a venue that runs the source of its core."""
_READY_SECONDS = 120.0
_STOP_SECONDS = 40.0
_POLL_SECONDS = 0.05
_SETTLE_SECONDS = 5.0


class Running(NamedTuple):
    """What runs: where it is, and the pid that does the work. runtime: of a whole venue.

    ca: who signs for it, when it is reached by TLS.
    """

    data_dir: Path
    config: Path
    host: str
    port: int
    pid: int
    runtime: RuntimeInfo | None = None
    ca: Path | None = None


@contextmanager
def trading_alone(
    directory: Path, sessions: int, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """`venue run trading`: order entry, engine and journal, and nothing else.

    `environment` is added to ours.
    """
    config = write_configuration(directory, sessions)
    data_dir = directory / "data"
    argv = [sys.executable, "-P", "-m", "venue", "run", "trading", *_options(config, data_dir)]
    with ready_child("trading", argv, directory, environment) as (process, ready):
        host, _, port = ready["fix"].rpartition(":")
        yield Running(data_dir, config, host, int(port), process.pid)


@contextmanager
def whole_venue(
    directory: Path,
    sessions: int,
    environment: Mapping[str, str] | None = None,
    *,
    gateway: bool = False,
) -> Iterator[Running]:
    """`venue run`: all processes, with embedded nats-server and PostgreSQL.

    `environment` is added to ours. gateway: with it, limits off.
    """
    config = write_configuration(directory, sessions, gateway=gateway)
    data_dir = directory / "data"
    argv = [sys.executable, "-P", "-m", "venue", "run", *_options(config, data_dir)]
    for section in ("nats", "postgres", "fix_marketdata", "fix_dropcopy"):
        argv += ["--set", f"{section}.port=0"]
    process = child.spawn(
        "venue",
        argv,
        log_file=directory / "venue.log",
        environment={**os.environ, **(environment or {})},
        death_signal=signal.SIGTERM,
    )
    try:
        deadline = time.monotonic() + _READY_SECONDS
        while (runtime := find_running(data_dir)) is None:
            if not process.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"the venue did not start: {process.last_log_line()}")
            time.sleep(_POLL_SECONDS)
        runtime = _settled(data_dir)
        host, _, port = runtime.fix.rpartition(":")
        pid = runtime.processes["trading"]
        yield Running(data_dir, config, host, int(port), pid, runtime)
    finally:
        process.stop(seconds=_STOP_SECONDS)


def _settled(data_dir: Path) -> RuntimeInfo:
    """The venue once every process is up and has followed trading to its last event."""
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        runtime = find_running(data_dir)
        if runtime is not None and all(map(runtime.pid_of, NAMES)):
            with Positions(data_dir, runtime) as positions:
                if max(positions.seconds_to_catch_up(_SETTLE_SECONDS).values()) < _SETTLE_SECONDS:
                    return runtime
        time.sleep(_POLL_SECONDS)
    raise RuntimeError("the venue's processes did not come up")


@contextmanager
def ready_child(
    name: str, argv: list[str], directory: Path, more: Mapping[str, str] | None = None
) -> Iterator[tuple[child.Child, dict[str, str]]]:
    """A child that says in one line of JSON, on the pipe VENUE_READY_FD, that it is ready.

    `more` is added to our environment.
    """
    reader, writer = os.pipe()
    environment = {**os.environ, **(more or {}), "VENUE_READY_FD": str(writer)}
    process = child.spawn(
        name, argv, log_file=directory / f"{name}.log", environment=environment, pass_fds=[writer]
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as pipe:
            line = pipe.readline()
        ready = json.loads(line) if line else {}
        if not ready.get("ready"):
            raise RuntimeError(f"{name} did not start: {line or process.last_log_line()}")
        yield process, ready
    finally:
        process.stop(seconds=_STOP_SECONDS)


def _options(config: Path, data_dir: Path) -> list[str]:
    return ["--config", str(config), "--data-dir", str(data_dir), "--set", "fix.port=0"]
