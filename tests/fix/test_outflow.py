"""What QuickFIX holds back is told from what the kernel has taken, over real connections."""

import socket
from collections.abc import Iterator

import pytest

from venue.fix.outflow import Outflow

TEXT = "x" * 1000


class Line:
    """A connection of ALPHA's; `write` is what QuickFIX does with what it was given."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
            self.client = socket.create_connection(listener.getsockname())
            self.venue, _ = listener.accept()
        self.venue.setblocking(False)
        self.outflow = Outflow()
        self.outflow.begin("ALPHA", self.venue.fileno())

    def give(self, count: int) -> None:
        for _ in range(count):
            self.outflow.passed("ALPHA", TEXT)

    def write(self, count: int) -> int:
        """Write texts; how many bytes were taken."""
        taken = 0
        for _ in range(count):
            try:
                taken += self.venue.send(TEXT.encode())
            except BlockingIOError:
                break
        return taken

    @property
    def held_back(self) -> int:
        return self.outflow.seen("ALPHA").held_back


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.client.close()
    line.venue.close()


def test_what_was_given_and_not_written_is_held_back(line: Line) -> None:
    line.give(5)
    assert line.held_back == 5000
    line.write(3)
    assert line.held_back == 2000
    line.write(2)
    assert line.held_back == 0
    assert line.outflow.able() == []


def test_bytes_count_not_characters(line: Line) -> None:
    line.outflow.passed("ALPHA", "é\udcff")
    assert line.held_back == 3


def test_session_is_able_while_its_connection_takes_more(line: Line) -> None:
    line.give(10_000)
    assert line.outflow.able() == ["ALPHA"]
    taken = line.write(10_000)
    assert line.outflow.able() == []
    assert line.held_back == 10_000_000 - taken
    line.client.setblocking(True)
    while taken:
        taken -= len(line.client.recv(taken))
    assert line.outflow.able() == ["ALPHA"]


def test_session_is_stuck_when_nothing_goes_out_between_two_looks(line: Line) -> None:
    line.give(3)
    assert line.outflow.stuck() == []
    assert line.outflow.stuck() == ["ALPHA"]
    line.write(1)
    assert line.outflow.stuck() == []
    assert line.outflow.stuck() == ["ALPHA"]
    line.write(2)
    assert line.outflow.stuck() == []


def test_what_a_client_has_sent_and_nobody_read_is_seen(line: Line) -> None:
    assert line.outflow.seen("ALPHA").unread == 0
    line.client.sendall(b"12345")
    assert line.outflow.seen("ALPHA").unread == 5


def test_closed_or_unknown_connection_holds_nothing_back(line: Line) -> None:
    line.give(5)
    line.venue.close()
    assert line.held_back == 0
    assert line.outflow.able() == []
    line.outflow.end("ALPHA")
    line.outflow.passed("ALPHA", TEXT)
    line.outflow.passed("NOBODY", TEXT)
    assert line.outflow.seen("ALPHA") == line.outflow.seen("NOBODY") == (0, 0)
