"""A DataEdge in a process of its own, before a core that answers each V with a Y.

`python -m tests.fixdata.edge DIRECTORY OWED...` prints its port, then what its core was told.
STUCK_SECONDS in the environment: how long a client may read nothing.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.fix_client import FixClient
from venue import logs
from venue.bus.connection import stop_on_signals
from venue.data_directory import DataDirectory
from venue.domain.outgoing import Kept, Outgoing
from venue.fix import clocks
from venue.fix.arrivals import bind
from venue.fix.frame import Frame
from venue.fix.groups import DecodeError
from venue.fixdata.asked import Act, Ask, Told, ask
from venue.fixdata.edge import DataEdge
from venue.fixdata.serving import serve
from venue.fixdata.shown import DataSession
from venue.fixdata.status import StatusFile
from venue.settings.settings import load_settings

PROCESS = "fix-marketdata"
STUCK = "STUCK_SECONDS"
FLOOD, FLOOD_BYTES = 400, 30_000
"""Answers to 262=flood, and bytes of each: more than the buffers of two sockets together."""
ROOT = Path(__file__).resolve().parents[2]


class Echo:
    """Answers each MarketDataRequest, 262=flood often; breaks over 262=break, and calls 262=wrong a
    wrong value."""

    takes = frozenset("V")

    def __init__(self, edge: DataEdge, owed: list[str]) -> None:
        self.edge = edge
        self.owed = owed

    def received(self, session: str, number: int, frame: Frame) -> None:
        request = frame.fields["262"]
        if request == "break":
            raise RuntimeError("the core broke")
        if request == "wrong":
            raise DecodeError(5, 262)
        if request == "flood":
            for number in range(FLOOD):
                text = f"{number} {'x' * FLOOD_BYTES}"
                self.edge.put(Outgoing(session, f"35=Y\x01262=flood\x0158={text}\x01"), noted=False)
            return
        self.edge.put(Outgoing(session, f"35=Y\x01262={request}\x01281=0\x01"))

    def logged_on(self, session: str, *, reset: bool) -> None:
        print(session, "reset" if reset else "on", flush=True)

    def logged_out(self, session: str) -> None:
        print(session, "out", flush=True)

    def forget_numbers(self, session: str) -> None:
        print(session, "forgets", flush=True)

    def send_owed(self, session: str) -> bool:
        if self.owed:
            self.edge.put(Outgoing(session, f"35=Y\x01262={self.owed.pop(0)}\x01"), again=True)
            self.edge.flush()
        return bool(self.owed)

    def messages_between(
        self, session: str, begin: int, end: int
    ) -> Iterator[tuple[int, Kept] | None]:
        yield from ()


class RunningEdge:
    """That process, as often as wanted on one data directory."""

    def __init__(self, data_dir: Path, *owed: str, stuck_seconds: float = 10.0) -> None:
        data_dir.mkdir(exist_ok=True)
        self.data_dir = data_dir
        self._clients: list[FixClient] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fixdata.edge", str(data_dir.resolve()), *owed],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, STUCK: str(stuck_seconds)},
        )
        self.address = ("127.0.0.1", int(self.heard()))

    def heard(self) -> str:
        """The next line that it says."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def client(self, session: str = "ALPHA-MD") -> FixClient:
        """A client of that session, not connected yet."""
        client = FixClient(self.address, session)
        self._clients.append(client)
        return client

    def told(self, act: Act, session: str = "ALPHA-MD", text: str = "") -> Told:
        """What it answers when trading asks it."""
        place = DataDirectory(self.data_dir).edge_socket(PROCESS)
        return ask(place, Ask(act, session, text), 20.0)

    def stop(self) -> None:
        """A clean stop."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        self._process.send_signal(number)
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for client in self._clients:
            client.close()
        if self._process.poll() is None:
            self.kill()


async def main(data_dir: Path, owed: list[str]) -> None:
    """Serve until SIGTERM."""
    logs.configure(PROCESS, format="console", level="info")
    clocks.STUCK_SECONDS = float(os.environ.get(STUCK, clocks.STUCK_SECONDS))
    listener = bind("127.0.0.1", 0)
    edge = DataEdge(load_settings(data_dir=data_dir), "marketdata", PROCESS, listener)
    edge.serve(Echo(edge, owed))
    said = partial(print, listener.getsockname()[1], flush=True)
    asyncio.get_running_loop().call_soon(said)  # by then `serve` listens
    status = StatusFile(
        data_dir,
        PROCESS,
        "",
        edge,
        lambda session, on: DataSession(session=session, connection=on),
    )
    await serve(edge, status, stop_on_signals())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
