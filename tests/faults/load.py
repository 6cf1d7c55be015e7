"""The load client, a process of its own: python -m tests.faults.load --port P --logs DIR --seed S.

Takes `pause`, `go` and `quit` on stdin, says in JSON lines on stdout how it stands. One thread.
"""

import argparse
import os
import random
import select
import sys
import time
from pathlib import Path

import msgspec

from tests.faults.client_log import ClientLog
from tests.faults.load_orders import OrderFlow
from tests.faults.load_session import Habits, LoadSession

HABITS = {
    "ALPHA": Habits(),
    "BRAVO": Habits(leaves=True, resets=True),
    "CHARLIE": Habits(cancel_on_disconnect=True, leaves=True),
    "DELTA": Habits(cancel_on_disconnect=True, leaves=True, resets=True),
}
SESSIONS = tuple(HABITS)
REQUESTS_PER_SECOND = 500
_STDIN = 0
_TURN_SECONDS = 0.004
_RETRY_SECONDS = 0.02
_STATUS_SECONDS = 0.05
_MOST_AT_ONCE = 20
_LOGOUT_SECONDS = 2.0


class LoadStatus(msgspec.Struct, frozen=True):
    """on: sessions logged on. pending: requests without an answer. working: open orders.

    served_ns: CLOCK_MONOTONIC of the last logon after which a new request was answered.
    """

    on: int = 0
    sent: int = 0
    pending: int = 0
    working: int = 0
    served_ns: int = 0


class Load:
    """Four sessions in one loop."""

    def __init__(self, address: tuple[str, int], logs: Path, seed: str, rate: int) -> None:
        self._rate = rate
        self._random = random.Random(f"{seed}/load")
        self._sessions = [
            LoadSession(name, habits, address, ClientLog(logs, name), OrderFlow(name, seed), seed)
            for name, habits in HABITS.items()
        ]
        self._running = True
        self._stopping = False
        self._status = LoadStatus()

    def run(self) -> None:
        """Until `quit` or the end of stdin."""
        credit, last = 0.0, time.monotonic()
        retry_at = status_at = 0.0
        while not self._stopping:
            self._receive()
            now = time.monotonic()
            credit = min(credit + (now - last) * self._rate, _MOST_AT_ONCE)
            last = now
            while self._running and credit >= 1 and (asking := self._asking()):
                self._random.choice(asking).request()
                credit -= 1
            if now >= retry_at:
                retry_at = now + _RETRY_SECONDS
                self._connect()
            for session in self._sessions:
                session.flush()
            if now >= status_at or self._serves_anew():
                status_at = now + _STATUS_SECONDS
                self._say_status()
        self._end()

    def _asking(self) -> list[LoadSession]:
        return [session for session in self._sessions if session.takes_requests]

    def _receive(self) -> None:
        sockets = [each.socket.fileno() for each in self._sessions if each.socket is not None]
        readable, _, _ = select.select([_STDIN, *sockets], [], [], _TURN_SECONDS)
        if _STDIN in readable:
            for word in os.read(_STDIN, 4096).decode().splitlines() or ["quit"]:
                self._obey(word)
        for session in self._sessions:
            if session.socket is not None and session.socket.fileno() in readable:
                session.read()

    def _obey(self, word: str) -> None:
        assert word in ("pause", "go", "quit"), word
        self._running = word == "go"
        self._stopping = word == "quit"

    def _connect(self) -> None:
        for session in self._sessions:
            session.look_at_clock(self._running)
            if session.socket is None:
                session.connect()

    def _serves_anew(self) -> bool:
        return max(session.served_ns for session in self._sessions) > self._status.served_ns

    def _say_status(self) -> None:
        sessions = self._sessions
        status = LoadStatus(
            sum(session.on for session in sessions),
            sum(session.sent for session in sessions),
            sum(len(session.flow.pending) for session in sessions),
            sum(len(session.flow.working) for session in sessions),
            max(session.served_ns for session in sessions),
        )
        if status != self._status:
            self._status = status
            sys.stdout.buffer.write(msgspec.json.encode(status) + b"\n")
            sys.stdout.flush()

    def _end(self) -> None:
        deadline = time.monotonic() + _LOGOUT_SECONDS
        for session in self._sessions:
            session.log_out()
            session.flush()
        while any(session.on for session in self._sessions) and time.monotonic() < deadline:
            for session in self._sessions:
                if session.socket is not None:
                    session.read()
            time.sleep(_TURN_SECONDS)
        for session in self._sessions:
            session.close()


def main() -> None:
    """Parse, then trade until told to quit."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.load", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--logs", type=Path, required=True)
    parser.add_argument("--seed", required=True)
    parser.add_argument("--rate", type=int, default=REQUESTS_PER_SECOND, help="requests/s in all")
    given = parser.parse_args()
    Load((given.host, given.port), given.logs, given.seed, given.rate).run()


if __name__ == "__main__":
    main()
