"""How a venue is started as a child: its command line, and its word that it is ready.

Knows `venue run` and the pipe and file by which it says so. Must never wait without a deadline.
"""

import os
import select
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from venue.servers.child import Child
from venue.servers.ports import is_listened_on
from venue.servers.runtime import Readiness, RuntimeInfo, find_running

_POLL_SECONDS = 0.02
_CHUNK = 65_536


class VenueNotReady(Exception):
    """The venue did not start; the text is the one line that says why."""


def command_line(*words: str) -> list[str]:
    """The program and its words, as `venue WORDS` runs it; never a package of the directory."""
    return [sys.executable, "-P", "-m", "venue", *words]


def run_line(
    data_dir: Path, overrides: Iterable[str], *, process: str = "", config: Path | None = None
) -> list[str]:
    """Command line of `venue run`, or of one process of it. overrides: as --set takes them."""
    words = ["run", *filter(None, [process]), "--data-dir", str(data_dir)]
    words += [] if config is None else ["--config", str(config)]
    return command_line(*words, *(word for each in overrides for word in ("--set", each)))


def last_word(reader: int, seconds: float) -> Readiness | None:
    """What trading says at the end of its start, from its pipe, which is closed.

    None: it has ended, or so many seconds have passed, without a word.
    """
    deadline, said = time.monotonic() + seconds, b""
    with os.fdopen(reader, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            chunk = pipe.read(_CHUNK)
            if not chunk:
                return None
            *lines, said = (said + chunk).split(b"\n")
            for line in lines:
                readiness = msgspec.json.decode(line, type=Readiness)
                if not readiness.progress:
                    return readiness
    return None


def await_running(data_dir: Path, child: Child, seconds: float) -> RuntimeInfo:
    """Where the whole venue can be reached, once all of that is. Raises VenueNotReady."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not child.is_alive():
            raise VenueNotReady(f"the venue did not start: {child.last_log_line()}")
        running = find_running(data_dir)
        if running is not None and all(map(is_listened_on, running.addresses.values())):
            return running
        time.sleep(_POLL_SECONDS)
    raise VenueNotReady(f"the venue was not ready within {seconds:g} s")
