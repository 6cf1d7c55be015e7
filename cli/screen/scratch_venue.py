"""A venue of its own in a temporary directory, started as a child and removed afterwards.

Knows how to start, find and stop a venue; leaves no process and no file behind.
"""

import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from venue.servers import child
from venue.servers.runtime import RuntimeInfo, find_running
from venue.settings.settings import Settings, load_settings
from venue.settings.urls import URLS

_READY_SECONDS = 120.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.05


class ScratchVenueError(Exception):
    """The scratch venue did not start; the text is the one line that says why."""


class ScratchVenue(NamedTuple):
    """A running scratch venue: where it is and what it was started with."""

    data_dir: Path
    settings: Settings
    runtime: RuntimeInfo
    process: child.Child

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of FIX order entry."""
        host, _, port = self.runtime.fix.rpartition(":")
        return host, int(port)


@contextmanager
def scratch_venue(config: Path | None = None) -> Iterator[ScratchVenue]:
    """Run a whole venue on free ports until the context is left.

    Raises ScratchVenueError when it does not start, ConfigurationError.
    """
    with tempfile.TemporaryDirectory(prefix="venue-demo-", ignore_cleanup_errors=True) as directory:
        data_dir = Path(directory) / "data"
        log_file = Path(directory) / "venue.log"
        sections = ("fix", "fix_marketdata", "fix_dropcopy", "nats", "postgres")
        overrides = [f"{section}.port=0" for section in sections]
        overrides += ["journal.segment_mib=16", *(f"{url}=" for url in URLS)]
        settings = load_settings(config, overrides, data_dir)
        argv = [sys.executable, "-P", "-m", "venue", "run", "--data-dir", str(data_dir)]
        argv += ["--config", str(config)] if config else []
        argv += [word for setting in overrides for word in ("--set", setting)]
        process = child.spawn("venue", argv, log_file=log_file, death_signal=signal.SIGTERM)
        try:
            yield ScratchVenue(data_dir, settings, _await_ready(data_dir, process), process)
        finally:
            process.stop(seconds=_STOP_SECONDS)


def _await_ready(data_dir: Path, process: child.Child) -> RuntimeInfo:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if not process.is_alive():
            raise ScratchVenueError(f"the venue did not start: {process.last_log_line()}")
        runtime = find_running(data_dir)
        if runtime is not None:
            return runtime
        time.sleep(_POLL_SECONDS)
    raise ScratchVenueError(f"the venue was not ready within {_READY_SECONDS:g} s")
