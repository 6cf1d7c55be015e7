"""A trading process of its own in a scratch directory, for the benchmarks; stopped at the end."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

Address = tuple[str, int]


class ScratchTrading(NamedTuple):
    """Where it takes FIX orders, its data directory and its process."""

    address: Address
    data_dir: Path
    pid: int

    def cpu_ms(self) -> float:
        """Processor time it has had since it began, in milliseconds."""
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e6


@contextmanager
def scratch_trading() -> Iterator[ScratchTrading]:
    """With the configuration that ships."""
    with tempfile.TemporaryDirectory(prefix="venue-bench-") as scratch:
        reader, writer = os.pipe()
        command = [sys.executable, "-P", "-m", "venue", "run", "trading", "--data-dir", scratch]
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
            yield ScratchTrading((host, int(port)), Path(scratch), trading.pid)
        finally:
            trading.terminate()
            trading.wait()
