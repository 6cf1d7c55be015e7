"""A client's connection as bytes, over TCP and through a gate: nothing waits, nothing is raised."""

import socket
from collections.abc import Iterator

import pytest

from tests.servers.conditions import wait_for
from venue.fix.link import GateLink, Link, TcpLink
from venue.peer import DATA, MOST_TO_GATE, End, Peer, data_packet, end_packet

PEER = Peer("127.0.0.1", 4000)
MUCH = bytearray(b"x" * (64 << 20))


class Tcp:
    """A link and the client at its other end."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.client = socket.create_connection(listener.getsockname(), 5)
            venue, _ = listener.accept()
        venue.setblocking(False)
        self.link: Link = TcpLink(venue, PEER)

    def close(self) -> None:
        self.client.close()
        self.link.close()

    def reset(self) -> None:
        """The client's machine breaks the connection."""
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.client.close()


@pytest.fixture
def tcp() -> Iterator[Tcp]:
    tcp = Tcp()
    yield tcp
    tcp.close()


def received(link: Link) -> bytes:
    """The next bytes, or none when the link has ended."""
    got = bytearray()

    def came() -> bool:
        got.extend(link.receive())
        return bool(got) or link.ended is not None

    wait_for(came)
    return bytes(got)


def test_bytes_come_and_nothing_is_no_end(tcp: Tcp) -> None:
    assert tcp.link.receive() == b""
    assert tcp.link.ended is None
    tcp.client.sendall(b"hello")
    assert received(tcp.link) == b"hello"
    assert tcp.link.ended is None


def test_end_of_the_client_is_an_end(tcp: Tcp) -> None:
    tcp.client.close()
    assert received(tcp.link) == b""
    assert tcp.link.ended == "the client closed it"


def test_broken_connection_is_an_end_and_no_error(tcp: Tcp) -> None:
    tcp.reset()
    assert received(tcp.link) == b""
    assert tcp.link.ended == "Connection reset by peer"
    assert tcp.link.send(bytearray(b"more")) == 0
    tcp.link.finish()
    assert tcp.link.ended == "Connection reset by peer"


def test_client_that_does_not_read_is_sent_what_its_end_takes(tcp: Tcp) -> None:
    sent = tcp.link.send(MUCH)
    assert 0 < sent < len(MUCH)
    while taken := tcp.link.send(MUCH):  # its machine may take more in the meantime
        sent += taken
    assert tcp.link.ended is None
    assert tcp.link.confirmed() < sent
    left = sent
    while left:
        left -= len(tcp.client.recv(left))
    wait_for(lambda: tcp.link.confirmed() == sent)


def test_end_of_what_is_sent_is_not_counted_as_a_byte(tcp: Tcp) -> None:
    assert tcp.link.send(bytearray(b"last words")) == 10
    wait_for(lambda: tcp.link.confirmed() == 10)
    tcp.link.finish()
    assert tcp.link.confirmed() == 10
    assert tcp.client.recv(100) == b"last words"
    assert tcp.client.recv(100) == b""
    tcp.link.close()
    assert tcp.link.confirmed() == 10


@pytest.fixture
def gate() -> Iterator[tuple[socket.socket, GateLink]]:
    """The gate's end of a connection, and the link."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    link = GateLink(ours, PEER)
    yield theirs, link
    link.close()
    theirs.close()


def test_gate_s_packets_carry_bytes_and_what_has_arrived(
    gate: tuple[socket.socket, GateLink],
) -> None:
    theirs, link = gate
    assert (link.receive(), link.ended) == (b"", None)
    theirs.send(data_packet(7, b"hello"))
    assert (link.receive(), link.confirmed(), link.ended) == (b"hello", 7, None)
    theirs.send(data_packet(9, b""))
    assert (link.receive(), link.confirmed(), link.ended) == (b"", 9, None)
    theirs.send(end_packet(End(11, "the client closed it")))
    assert (link.receive(), link.confirmed(), link.ended) == (b"", 11, "the client closed it")


def test_gate_that_dies_is_an_end(gate: tuple[socket.socket, GateLink]) -> None:
    theirs, link = gate
    theirs.close()
    assert (link.receive(), link.ended) == (b"", "the gate has gone")
    assert link.send(bytearray(b"more")) == 0
    link.finish()


@pytest.mark.parametrize(
    "packet", [b"P{}", b"X", b"D", b"D123", b"E", b"E{}", b'E{"confirmed":-1}']
)
def test_packet_that_says_nothing_ends_the_link_or_is_an_error_of_its_own(
    gate: tuple[socket.socket, GateLink], packet: bytes
) -> None:
    theirs, link = gate
    theirs.send(packet)
    if packet[:1] in (b"P", b"X"):
        assert (link.receive(), link.ended) == (b"", "the gate has gone")
    else:
        with pytest.raises(ValueError, match="packet of"):
            link.receive()


def test_bytes_for_the_gate_are_cut_into_packets_and_stop_when_it_takes_no_more(
    gate: tuple[socket.socket, GateLink],
) -> None:
    theirs, link = gate
    some = bytearray(bytes(range(256)) * 1000)
    sent = link.send(some)
    assert sent
    got = bytearray()
    while len(got) < len(some):
        packet = theirs.recv(1 << 20)
        assert packet[:1] == DATA
        assert len(packet) <= MOST_TO_GATE
        got += packet[1:]
        sent += link.send(some[sent:])
    assert got == some
    taken = link.send(MUCH)
    assert taken < len(MUCH)
    assert link.ended is None


def test_a_gate_s_packets_of_a_byte_each_are_few_at_a_time(
    gate: tuple[socket.socket, GateLink],
) -> None:
    end, link = gate
    for _ in range(100):
        end.send(data_packet(0, b"x"))
    assert link.receive() == b"x" * 64
    assert link.receive() == b"x" * 36
