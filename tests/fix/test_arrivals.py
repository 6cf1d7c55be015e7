"""Connections as they come and go: who may be read now, who waits too long, who gives way."""

import os
import socket
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.conditions import wait_for
from venue.data_directory import DataDirectory
from venue.fix import arrivals
from venue.fix.arrivals import Arrivals, GateSocket, ListenError, bind
from venue.fix.connection import Connection
from venue.fix.frame import Frame
from venue.fix.leaving import MOST_LEAVING, Leaving
from venue.fix.stage import Stage
from venue.peer import Peer, data_packet, peer_packet

SECONDS, MOST = 0.5, 3


class Inside:
    """Arrivals with few places, and clients of theirs."""

    def __init__(self, data_dir: Path, a_minute: int = 1_000) -> None:
        self.data_dir = data_dir
        listener = bind("127.0.0.1", 0)
        self.address = listener.getsockname()
        self.arrivals = Arrivals(listener, GateSocket(data_dir), SECONDS, MOST, a_minute)
        self.arrivals.open()
        self.ends: list[socket.socket] = []

    def connect(self, data: bytes = b"", source: str = "") -> socket.socket:
        """A client that has sent this."""
        client = socket.create_connection(self.address, 5, (source, 0))
        client.sendall(data)
        self.ends.append(client)
        return client

    def gate(self, *packets: bytes) -> socket.socket:
        """A connection that a gate hands in, with these packets."""
        gate = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.ends.append(gate)
        gate.connect(os.path.relpath(DataDirectory(self.data_dir).gate_socket()))
        for packet in packets:
            gate.send(packet)
        return gate

    def readable(self, condition: Callable[[list[Connection]], bool] = bool) -> list[Connection]:
        """Those that may be read, once there are some."""
        found: list[Connection] = []

        def is_so() -> bool:
            found[:] = self.arrivals.poll()
            return condition(found)

        wait_for(is_so)
        return found

    def accepted(self, count: int) -> list[Connection]:
        """All connections, once there are so many."""
        self.readable(lambda _: len(list(self.arrivals)) == count)
        return list(self.arrivals)

    def closes(self, end: socket.socket) -> None:
        """The venue closes this connection."""
        end.setblocking(False)

        def is_closed() -> bool:
            self.arrivals.poll()
            try:
                return not end.recv(1)
            except BlockingIOError:
                return False
            except ConnectionError:
                return True

        wait_for(is_closed)


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    inside = Inside(tmp_path)
    yield inside
    inside.arrivals.close()
    for end in inside.ends:
        end.close()


def test_waiting_ends_as_soon_as_something_comes(inside: Inside) -> None:
    began = time.monotonic()
    inside.arrivals.wait(0.01)
    assert time.monotonic() - began >= 0.01, "nothing has come"
    inside.connect()
    inside.arrivals.wait(60)
    client = inside.connect()
    inside.accepted(2)
    client.sendall(b"8=FIX.4.4")
    inside.arrivals.wait(60)
    assert inside.readable()
    inside.gate()
    inside.arrivals.wait(60)
    assert time.monotonic() - began < 30


def test_who_has_sent_may_be_read_and_nobody_else(inside: Inside) -> None:
    inside.connect()
    speaker = inside.connect(b"8=FIX")
    (connection,) = inside.readable()
    host, port = speaker.getsockname()
    assert connection.link.peer == Peer(host, port)
    assert connection.link.receive() == b"8=FIX"
    assert inside.arrivals.poll() == []


@pytest.mark.parametrize("held_by", ["a check", "a held frame", "what it does not read"])
def test_who_is_held_back_is_not_read_and_is_again_afterwards(inside: Inside, held_by: str) -> None:
    client = inside.connect(b"one")
    (connection,) = inside.readable()
    connection.link.receive()
    connection.stage = Stage.DECIDING if held_by == "a check" else Stage.ON
    if held_by == "a held frame":
        connection.held.append(Frame(b"8=FIX.4.4\x019=5\x0135=0\x0110=000\x01"))
    if held_by == "what it does not read":
        connection.put(bytes(2 << 20))
    client.sendall(b"two")
    for _ in range(100):
        assert inside.arrivals.poll() == []
    connection.stage = Stage.ON
    connection.held.clear()
    connection.out.clear()
    assert inside.readable() == [connection]
    assert connection.link.receive() == b"two"


def test_client_that_goes_while_it_is_held_back_is_seen_afterwards(inside: Inside) -> None:
    client = inside.connect(b"one")
    (connection,) = inside.readable()
    connection.link.receive()
    connection.stage = Stage.DECIDING
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    for _ in range(100):
        assert inside.arrivals.poll() == []
    connection.stage = Stage.ON
    assert inside.readable() == [connection]
    connection.link.receive()
    assert connection.link.ended is not None


def test_client_that_goes_without_having_read_is_seen_when_it_is_sent_more(inside: Inside) -> None:
    """Its session may log on again at once, not when a client that does not read is given up."""
    client = inside.connect(b"one")
    (connection,) = inside.readable()
    connection.link.receive()
    connection.stage = Stage.ON
    connection.put(bytes(8 << 20))
    connection.flush()
    assert inside.arrivals.poll() == []
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()

    def is_seen() -> bool:
        connection.flush()
        return connection.link.ended is not None

    wait_for(is_seen)
    assert inside.readable() == [connection]


def test_longest_waiting_gives_way_when_too_many_wait(inside: Inside) -> None:
    first = inside.connect()
    inside.accepted(1)
    others = [inside.connect() for _ in range(MOST - 1)]
    before = inside.accepted(MOST)
    before[1].stage = Stage.ON  # is no longer one that waits
    inside.connect()
    inside.accepted(MOST + 1)
    inside.connect()
    inside.closes(first)
    assert len(inside.accepted(MOST + 1)) == MOST + 1
    for other in others:
        other.setblocking(False)
        with pytest.raises(BlockingIOError):
            other.recv(1)


def test_those_that_are_no_session_s_have_so_many_places(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever they wait for: refused logons that nobody closes take no descriptor after these."""
    monkeypatch.setattr(arrivals, "_MOST_STRANGERS", MOST)
    monkeypatch.setattr(arrivals, "_COUNT_SECONDS", 0.0)
    for number in range(MOST):
        inside.connect()
        inside.accepted(number + 1)[-1].stage = Stage.DECIDING
    inside.closes(inside.connect())
    connections = inside.accepted(MOST)
    connections[0].stage = Stage.ON  # has become a session
    inside.arrivals.drop(connections[1], "has gone")
    inside.connect()
    inside.accepted(MOST)
    inside.connect()
    inside.accepted(MOST + 1)
    inside.closes(inside.connect())


def test_an_address_may_open_so_many_connections_in_a_minute(tmp_path: Path) -> None:
    """Beyond that one is closed for the cost of its acceptance; others' addresses are not."""
    inside = Inside(tmp_path, a_minute=2)
    for number in range(2):
        inside.connect()
        inside.accepted(number + 1)
    inside.closes(inside.connect())
    inside.connect(source="127.0.0.2")
    inside.accepted(3)
    inside.arrivals.close()
    for end in inside.ends:
        end.close()


def test_those_that_leave_are_few_the_oldest_gives_way(inside: Inside) -> None:
    clients = [inside.connect() for _ in range(2)]
    leaving, connections = Leaving(inside.arrivals), inside.accepted(2)
    for connection in connections:
        connection.put(b"answer")
        leaving.add(connection)
    leaving.close_left(time.monotonic())
    assert (len(leaving), clients[0].recv(100), clients[0].recv(100)) == (2, b"answer", b"")
    for _ in range(MOST_LEAVING - 1):
        leaving.add(Connection(connections[1].link, 0.0))
    leaving.close_left(time.monotonic())
    assert len(leaving) == MOST_LEAVING
    assert connections[0].link.fileno() == -1 and connections[1].link.fileno() != -1


def test_connection_that_is_forgotten_stays_open_and_is_read_no_more(inside: Inside) -> None:
    client = inside.connect(b"one")
    (connection,) = inside.readable()
    inside.arrivals.forget(connection)
    inside.arrivals.forget(connection)
    assert inside.arrivals.poll() == []
    assert list(inside.arrivals) == []
    connection.put(b"last words")
    connection.flush()
    assert client.recv(100) == b"last words"
    connection.link.close()


def test_gate_says_whose_connection_it_is_and_then_its_bytes_come(inside: Inside) -> None:
    peer = Peer("192.0.2.7", 4711, "ab" * 32, True)
    gate = inside.gate(peer_packet(peer), data_packet(0, b"8=FIX"))
    (connection,) = inside.readable()
    assert connection.link.peer == peer
    assert connection.link.receive() == b"8=FIX"
    connection.put(b"answer")
    connection.flush()
    assert gate.recv(100) == b"Danswer"


@pytest.mark.parametrize("packet", [b"P", b"P{}", b"P[1]", b"X", data_packet(0, b"8=FIX")])
def test_gate_s_connection_that_does_not_say_whose_it_is_is_closed(
    inside: Inside, packet: bytes
) -> None:
    inside.closes(inside.gate(packet))
    assert list(inside.arrivals) == []


def test_gate_s_connection_that_says_nothing_is_closed_in_time(inside: Inside) -> None:
    gate = inside.gate()
    before = time.monotonic()
    inside.readable(lambda _: len(inside.arrivals._unnamed) == 1)
    inside.arrivals.close_late(before + SECONDS / 2)
    assert len(inside.arrivals._unnamed) == 1
    inside.arrivals.close_late(before + SECONDS * 4)
    inside.closes(gate)


def test_gates_socket_is_the_owner_s_alone_and_goes_at_the_end(tmp_path: Path) -> None:
    inside = Inside(tmp_path)
    path = DataDirectory(tmp_path).gate_socket()
    mode = path.stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert mode & 0o077 == 0
    inside.arrivals.close()
    assert not path.exists()


def test_address_that_is_taken_is_said() -> None:
    with bind("127.0.0.1", 0) as listener:
        listener.listen()
        host, port = listener.getsockname()
        with pytest.raises(ListenError, match=f"cannot listen on {host}:{port}: Address already"):
            bind(host, port)
