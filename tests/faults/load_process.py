"""The load client's process: started, told when to pause, looked at without waiting, ended."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from tests.faults.load import LoadStatus
from tests.faults.processes import EndedByItself


class LoadProcess:
    """The load client's process."""

    def __init__(self, port: int, logs: Path, seed: str, rate: int) -> None:
        arguments = ["--port", str(port), "--logs", str(logs), "--seed", seed, "--rate", str(rate)]
        with (logs.parent / "load.stderr").open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.load", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        self._rest = b""
        self.status = LoadStatus()

    def look(self) -> None:
        """Take in what it has said. Raises EndedByItself."""
        if self._process.poll() is not None:
            raise EndedByItself(f"the load client ended with status {self._process.returncode}")
        assert self._process.stdout is not None
        try:
            said = os.read(self._process.stdout.fileno(), 1 << 16)
        except BlockingIOError:
            return
        *lines, self._rest = (self._rest + said).split(b"\n")
        if lines:
            self.status = msgspec.json.decode(lines[-1], type=LoadStatus)

    def tell(self, word: str) -> None:
        """`pause`, `go` or `quit`."""
        assert self._process.stdin is not None
        self._process.stdin.write(word.encode() + b"\n")
        self._process.stdin.flush()

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
