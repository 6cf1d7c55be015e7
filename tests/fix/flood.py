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
from tests.fix_message import new_order
from tests.running import RunningTrading
from venue.fixclient.message import encoded

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
        self._session = client.session
        self._connection = client.detach()
        self._connection.setblocking(False)
        self._tail = b""

    def run(self) -> None:
        """Until the venue ends the session."""
        selector = selectors.DefaultSelector()
        selector.register(self._connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
        out = self._session.out
        while True:
            for _, events in selector.select():
                if events & selectors.EVENT_READ:
                    self._read()
                if events & selectors.EVENT_WRITE:
                    if not out:
                        self._put_orders()
                    del out[: self._connection.send(out)]

    def _read(self) -> None:
        data = self._connection.recv(1 << 20)
        if not data:
            raise SystemExit("the venue has ended the session")
        stream = self._tail + data
        for asked in _TEST_REQUEST.finditer(stream):
            self._session.send(b"0", b"112=%b\x01" % asked[1])
        self._tail = stream[stream.rfind(b"8=FIX") :]

    def _put_orders(self) -> None:
        for _ in range(_ORDERS_A_SEND):
            order = new_order(f"f{self._session.next_out}", "1", "1", "99.00")
            self._session.send(b"D", encoded(order))


if __name__ == "__main__":
    flooder = FixClient((sys.argv[1], int(sys.argv[2])), sys.argv[3])
    flooder.logon()
    print("logged on", flush=True)
    _Flooder(flooder).run()
