"""Orders without end from one session, by a process of its own, for tests under load.

The process reads the answers and throws them away: `python -m tests.fix.flood HOST PORT SESSION`.
"""

import selectors
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fix_client import FixClient
from tests.fix_message import frame, new_order, sending_time
from tests.running import RunningTrading

_ORDERS_A_SEND = 200
_STOP_SECONDS = 10


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


def _orders(session: str) -> Iterator[bytes]:
    """Chunks of orders, numbered from 2 on."""
    number = 2
    while True:
        time = sending_time()
        chunk = []
        for _ in range(_ORDERS_A_SEND):
            header = [(35, "D"), (49, session), (56, "VENUE"), (34, str(number)), (52, time)]
            chunk.append(frame([*header, *new_order(f"f{number}", "1", "1", "99.00")]))
            number += 1
        yield b"".join(chunk)


def _run(host: str, port: int, session: str) -> None:
    client = FixClient((host, port), session)
    client.logon()
    print("logged on", flush=True)
    connection = client.detach()
    connection.setblocking(False)
    selector = selectors.DefaultSelector()
    selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
    orders = _orders(session)
    unsent = b""
    while True:
        for _, events in selector.select():
            if events & selectors.EVENT_READ and not connection.recv(1 << 20):
                raise SystemExit("the venue has ended the session")
            if events & selectors.EVENT_WRITE:
                unsent = unsent or next(orders)
                unsent = unsent[connection.send(unsent) :]


if __name__ == "__main__":
    _run(sys.argv[1], int(sys.argv[2]), sys.argv[3])
