"""What QuickFIX holds back is told from what the kernel has taken, over real connections."""

import socket
from collections.abc import Iterator

import pytest

from tests.servers.conditions import wait_for
from venue.fix.outflow import Outflow
from venue.fix.reading import Seen

TEXT = "x" * 1000


class Line:
    """A connection of ALPHA's; `write` is what QuickFIX does with what it was given.

    buffer: bytes the kernel keeps for it; None: as many as it likes.
    """

    def __init__(self, buffer: int | None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            if buffer is not None:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
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

    def stuck(self) -> list[str]:
        return self.outflow.stuck(self.outflow.able())

    @property
    def held_back(self) -> int:
        return self.outflow.seen("ALPHA").held_back


@pytest.fixture
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    line = Line(getattr(request, "param", 16384))
    yield line
    line.client.close()
    line.venue.close()


wide = pytest.mark.parametrize("line", [None], indirect=True)


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
    assert line.stuck() == []
    assert line.stuck() == ["ALPHA"]
    line.write(1)
    assert line.stuck() == []
    assert line.stuck() == ["ALPHA"]
    line.write(2)
    assert line.stuck() == []


def test_what_the_client_s_machine_has_is_confirmed(line: Line) -> None:
    begin = line.outflow.seen("ALPHA")
    line.give(10_000)
    line.write(10_000)
    seen = line.outflow.seen("ALPHA")
    assert begin.given == begin.confirmed
    assert begin.confirmed is not None and seen.confirmed is not None
    assert begin.confirmed < seen.confirmed < seen.given - seen.held_back
    line.client.setblocking(True)
    rest = seen.given - seen.held_back - begin.given
    while rest:
        rest -= len(line.client.recv(rest))
    wait_for(lambda: line.outflow.seen("ALPHA").confirmed == seen.given - seen.held_back)


def test_closed_or_unknown_connection_holds_nothing_back(line: Line) -> None:
    line.give(5)
    line.venue.close()
    assert line.held_back == 0
    assert line.outflow.able() == []
    line.outflow.end("ALPHA")
    line.outflow.passed("ALPHA", TEXT)
    line.outflow.passed("NOBODY", TEXT)
    assert line.outflow.seen("ALPHA") == line.outflow.seen("NOBODY") == Seen(0, 0, None)


@wide
def test_what_is_held_leaves_when_released(line: Line) -> None:
    line.outflow.hold(["ALPHA", "NOBODY"])
    line.give(3)
    line.write(3)
    line.client.setblocking(False)
    with pytest.raises(BlockingIOError):
        line.client.recv(1)
    assert line.held_back == 0
    line.outflow.release()
    wait_for(lambda: line.outflow.seen("ALPHA").confirmed == 3000)
    line.write(1)
    wait_for(lambda: line.outflow.seen("ALPHA").confirmed == 4000)


@wide
def test_what_is_held_leaves_with_the_end_of_its_connection(line: Line) -> None:
    line.outflow.hold(["ALPHA"])
    line.write(3)
    line.venue.close()
    line.outflow.release()
    line.client.setblocking(True)
    assert len(line.client.recv(5000, socket.MSG_WAITALL)) == 3000


def test_connection_with_little_room_is_not_held(line: Line) -> None:
    line.outflow.hold(["ALPHA"])
    line.write(3)
    assert len(line.client.recv(3000, socket.MSG_WAITALL)) == 3000
    line.outflow.release()
