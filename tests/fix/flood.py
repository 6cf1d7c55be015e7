"""Orders without end from one session, by a process of its own, for tests under load.

The process reads the answers and throws them away: `python -m tests.fix.flood HOST PORT SESSION`.
"""

import re
import selectors
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fix_client import FixClient
from tests.fix_message import Field, frame, new_order, sending_time
from tests.running import RunningTrading

_ORDERS_A_SEND = 200
_STOP_SECONDS = 10
_TEST_REQUEST = re.compile(rb"\x0135=1\x01[^=]*=.*?\x01112=([^\x01]*)\x0110=")


@contextmanager
def flood(venue: RunningTrading, session: str) -> Iterator[None]:
    """Have `session` send orders as fast as the venue takes them, from now to the end."""
    host, port = venue.address
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fix.flood", host, str(port), session],
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"logged on\n"
            yield
            assert process.poll() is None, "the flood ended by itself"
        finally:
            process.kill()
            process.wait(_STOP_SECONDS)


class _Flooder:
    """One logged-on session that sends orders for ever and answers only TestRequests."""

    def __init__(self, client: FixClient) -> None:
        self._session = client.sender
        self._number = client.next_out
        self._connection = client.detach()
        self._connection.setblocking(False)
        self._tail = b""
        self._unsent = b""

    def run(self) -> None:
        """Until the venue ends the session."""
        selector = selectors.DefaultSelector()
        selector.register(self._connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while True:
            for _, events in selector.select():
                if events & selectors.EVENT_READ:
                    self._read()
                if events & selectors.EVENT_WRITE:
                    self._unsent = self._unsent or self._orders()
                    self._unsent = self._unsent[self._connection.send(self._unsent) :]

    def _read(self) -> None:
        data = self._connection.recv(1 << 20)
        if not data:
            raise SystemExit("the venue has ended the session")
        stream = self._tail + data
        for asked in _TEST_REQUEST.finditer(stream):
            self._unsent += self._message("0", [(112, asked[1].decode())])
        self._tail = stream[stream.rfind(b"8=FIX") :]

    def _orders(self) -> bytes:
        return b"".join(
            self._message("D", new_order(f"f{self._number}", "1", "1", "99.00"))
            for _ in range(_ORDERS_A_SEND)
        )

    def _message(self, msg_type: str, body: list[Field]) -> bytes:
        header = [(35, msg_type), (49, self._session), (56, "VENUE"), (34, str(self._number))]
        self._number += 1
        return frame([*header, (52, sending_time()), *body])


if __name__ == "__main__":
    flooder = FixClient((sys.argv[1], int(sys.argv[2])), sys.argv[3])
    flooder.logon()
    print("logged on", flush=True)
    _Flooder(flooder).run()
