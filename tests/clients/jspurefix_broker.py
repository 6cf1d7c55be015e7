"""jspurefix: a session engine on node, in a process of its own.

Knows how `jspurefix/session.js` is driven. jspurefix 5.11 pads BodyLength with zeros, hands on what
comes behind a gap before the gap is filled, and answers a ResendRequest by a gap fill only.
"""

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.clients.broker import (
    HEARTBEAT_SECONDS,
    PASSWORD,
    SESSION,
    VENUE,
    WAIT_SECONDS,
    Broker,
    Fields,
)

HERE = Path(__file__).parent / "jspurefix"


def why_not() -> str:
    """Why there is no jspurefix here; empty when there is."""
    if shutil.which("node") is None:
        return "node is not on this machine"
    if not (HERE / "node_modules" / "jspurefix" / "package.json").is_file():
        return "jspurefix is not installed: see tests/clients/README.md"
    return ""


class JspurefixBroker(Broker):
    """Keeps numbers in jspurefix's memory."""

    def __init__(self, address: tuple[str, int], directory: Path) -> None:
        super().__init__(address, directory)
        host, port = address
        arguments = [host, port, SESSION, VENUE, "FIX_PASSWORD", HEARTBEAT_SECONDS]
        self._process = subprocess.Popen(
            ["node", str(HERE / "session.js"), *map(str, arguments)],
            env={**os.environ, "FIX_PASSWORD": PASSWORD},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._rest = b""
        self._logged_on = False

    def log_on(self) -> None:
        """See Broker."""
        self._tell({"log_on": True})
        self.wait_for(lambda: self._logged_on)

    def send_order(self, fields: Fields) -> None:
        """See Broker."""
        self._tell({"order": fields})

    def log_out(self) -> None:
        """See Broker."""
        self._tell({"log_out": True})
        self.lose()

    def lose(self) -> None:
        """See Broker."""
        self.wait_for(lambda: not self._logged_on)

    def close(self) -> None:
        """See Broker."""
        with self._process:  # waits, and closes the pipes
            self._process.kill()

    def wait_for(self, happened: Callable[[], bool]) -> None:
        """See Broker."""
        deadline = time.monotonic() + WAIT_SECONDS
        assert self._process.stdout is not None
        while not happened():
            left = max(0.0, deadline - time.monotonic())
            ready, _, _ = select.select([self._process.stdout], [], [], left)
            assert ready, "it did not happen in time"
            data = os.read(self._process.stdout.fileno(), 1 << 16)
            assert data, "node has ended"
            *lines, self._rest = (self._rest + data).split(b"\n")
            for line in lines:
                self._hear(json.loads(line))

    def _hear(self, said: dict[str, Any]) -> None:
        if "report" in said:
            self.reports.append({int(tag): value for tag, value in said["report"].items()})
        else:
            self._logged_on = "logged_on" in said

    def _tell(self, command: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        self._process.stdin.flush()
