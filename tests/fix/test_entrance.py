"""The entrance: a first message goes on whole and alone, and whoever sends none does not stay."""

import socket
from collections.abc import Iterator

import pytest

from tests.fix_message import frame
from tests.servers.conditions import wait_for
from venue.fix.entrance import Entrance, first_message_end

LOGON = frame([(35, "A"), (34, "1"), (49, "ALPHA"), (56, "VENUE")])
ORDER = frame([(35, "D"), (34, "2"), (49, "ALPHA"), (56, "VENUE")])
NO_LENGTH = b"8=FIX.4.4\x019=x\x0135=A\x01"
SILLY_LENGTH = b"8=FIX.4.4\x019=" + b"9" * 5000 + b"\x01"
SECONDS = 0.3


class Inside:
    """An entrance with few places, and what stands for QuickFIX behind it."""

    def __init__(self) -> None:
        self.acceptor = socket.create_server(("127.0.0.1", 0))
        outer = socket.socket()
        outer.bind(("127.0.0.1", 0))
        self.address = outer.getsockname()
        self.entrance = Entrance(SECONDS, most=3)
        self.entrance.open(outer, self.acceptor.fileno())
        self.acceptor.setblocking(False)
        self.ends: list[socket.socket] = []

    def connect(self, data: bytes = b"") -> socket.socket:
        """A client that has sent this."""
        client = socket.create_connection(self.address, 5)
        client.sendall(data)
        self.ends.append(client)
        return client

    def accept(self) -> socket.socket:
        """The next connection that QuickFIX would be given."""
        accepted: list[socket.socket] = []

        def is_there() -> bool:
            self.entrance.poll()
            try:
                accepted.append(self.acceptor.accept()[0])
            except BlockingIOError:
                return False
            return True

        wait_for(is_there)
        self.ends += accepted
        accepted[0].settimeout(5)
        return accepted[0]

    def closes(self, client: socket.socket) -> None:
        """The entrance closes this client's connection."""
        client.setblocking(False)

        def is_closed() -> bool:
            self.entrance.poll()
            try:
                return not client.recv(1)
            except BlockingIOError:
                return False
            except ConnectionError:
                return True

        wait_for(is_closed)


@pytest.fixture
def inside() -> Iterator[Inside]:
    inside = Inside()
    yield inside
    inside.entrance.close()
    inside.acceptor.close()
    for end in inside.ends:
        end.close()


@pytest.mark.parametrize(
    ("data", "end"),
    [
        (LOGON, len(LOGON)),
        (LOGON + ORDER, len(LOGON)),
        (b"\r\n" + LOGON + ORDER[:9], len(LOGON) + 2),
        (LOGON.replace(b"\x019=", b"\x019=" + b"0" * 20), len(LOGON) + 20),
        (NO_LENGTH, len(NO_LENGTH)),
        (SILLY_LENGTH, len(SILLY_LENGTH)),
        (LOGON[:-1], None),
        (LOGON[:20], None),
        (b"8=FIX.4.4\x019=", None),
        (b"8=FIX.4.4\x019=12", None),
        (b"GET / HTTP/1.1", None),
        (b"", None),
    ],
)
def test_end_of_the_first_message_is_found(data: bytes, end: int | None) -> None:
    assert first_message_end(data) == end


def test_first_message_goes_on_alone_and_the_connection_behind_it(inside: Inside) -> None:
    client = inside.connect(LOGON + ORDER)
    given = inside.accept()
    assert given.recv(4096) == LOGON
    inside.entrance.arrived(LOGON.decode())
    assert given.recv(4096) == ORDER
    assert given.getpeername() == client.getsockname()
    given.sendall(b"answer")
    assert client.recv(100) == b"answer"
    given.close()
    assert client.recv(1) == b""


def test_message_of_another_connection_hands_nothing_over(inside: Inside) -> None:
    inside.connect(LOGON)
    given = inside.accept()
    inside.entrance.arrived(ORDER.decode())
    assert given.recv(4096) == LOGON


def test_one_connection_is_given_after_the_other(inside: Inside) -> None:
    inside.connect(LOGON)
    inside.connect(ORDER)
    first = inside.accept()
    inside.entrance.poll()
    with pytest.raises(BlockingIOError):
        inside.acceptor.accept()
    inside.entrance.arrived(first.recv(4096).decode())
    assert inside.accept().recv(4096) in (LOGON, ORDER)


def test_connection_that_quickfix_closes_is_closed(inside: Inside) -> None:
    client = inside.connect(LOGON)
    given = inside.accept()
    given.recv(4096)
    given.close()
    inside.closes(client)


@pytest.mark.parametrize("data", [b"", LOGON[:-4], b"GET / HTTP/1.1\r\n\r\n"])
def test_connection_without_a_whole_message_is_closed_in_time(inside: Inside, data: bytes) -> None:
    inside.closes(inside.connect(data))


def test_first_message_without_end_is_closed(inside: Inside) -> None:
    client = inside.connect(b"8=FIX.4.4\x019=999999\x01")
    inside.entrance.poll()
    client.sendall(b"58=" + b"x" * 70_000)
    inside.closes(client)


def test_longest_waiting_gives_way_when_too_many_wait(inside: Inside) -> None:
    waiting = [inside.connect() for _ in range(3)]
    while len(inside.entrance._visitors) < 3:
        inside.entrance.poll()
    inside.connect(LOGON)
    given = inside.accept()
    assert given.recv(4096) == LOGON
    inside.closes(waiting[0])
