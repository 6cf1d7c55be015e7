"""The fan-out's processes as real ones, started on one data directory, told where to die."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from venue.fault_points import VARIABLE

RUN = """
import asyncio, importlib, pathlib, sys
from venue.settings.settings import load_settings
module, data_dir, *urls = sys.argv[1:]
settings = load_settings(data_dir=pathlib.Path(data_dir))
asyncio.run(importlib.import_module(module).run(settings, *urls))
"""
PUBLISHER = "venue.bus.publisher"
CLEARING = "venue.clearing.worker"
AUDIT = "venue.audit.worker"
DROPCOPY = "venue.dropcopy.worker"
PATIENCE_SECONDS = 30.0


def start(
    module: str, data_dir: Path, *urls: str, fault: str | None = None
) -> subprocess.Popen[bytes]:
    """One process; `fault` is POINT:PASSING:ACTION."""
    environment = {**os.environ, VARIABLE: fault or ""}
    return subprocess.Popen(
        [sys.executable, "-c", RUN, module, str(data_dir), *urls],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )


def run_until_it_dies(module: str, data_dir: Path, *urls: str, fault: str) -> None:
    """Start a process that has to end as kill -9 ends it, at its fault point."""
    process = start(module, data_dir, *urls, fault=fault)
    try:
        assert process.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9, and wait for it."""
    process.kill()
    process.wait(PATIENCE_SECONDS)


def stop(process: subprocess.Popen[bytes]) -> int:
    """SIGTERM; its exit status."""
    process.send_signal(signal.SIGTERM)
    return process.wait(PATIENCE_SECONDS)
