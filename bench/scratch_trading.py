"""A trading process of its own in a scratch directory, for the benchmarks; stopped at the end."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Address = tuple[str, int]


@contextmanager
def scratch_trading() -> Iterator[tuple[Address, Path]]:
    """Address of FIX order entry and the data directory, with the configuration that ships."""
    with tempfile.TemporaryDirectory(prefix="venue-bench-") as scratch:
        reader, writer = os.pipe()
        command = [sys.executable, "-m", "cli.main", "run", "trading", "--data-dir", scratch]
        trading = subprocess.Popen(
            [*command, "--set", "fix.port=0"],
            pass_fds=(writer,),
            env={**os.environ, "VENUE_READY_FD": str(writer)},
        )
        os.close(writer)
        with os.fdopen(reader) as pipe:
            ready = json.loads(pipe.readline())
        host, port = ready["fix"].split(":")
        try:
            yield (host, int(port)), Path(scratch)
        finally:
            trading.terminate()
            trading.wait()
