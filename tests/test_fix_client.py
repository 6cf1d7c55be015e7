"""FixClient against a trivial peer: what it writes, reads, keeps count of and answers by itself."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests import fix_client
from tests.fix_client import FixClient
from tests.fix_message import Field, FixClientError, Message, frame, new_order, unframe


class Peer:
    """The other end of one connection: accepts it, reads and writes messages when it is told to."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self.listener.getsockname()
        self.number = 0
        self._buffer = b""
        self._connection: socket.socket | None = None

    @property
    def connection(self) -> socket.socket:
        if self._connection is None:
            self.listener.settimeout(5)
            self._connection = self.listener.accept()[0]
            self._connection.settimeout(5)
        return self._connection

    def send(self, msg_type: str, *fields: Field, number: int | None = None) -> None:
        self.connection.sendall(self.message(msg_type, *fields, number=number))

    def message(self, msg_type: str, *fields: Field, number: int | None = None) -> bytes:
        self.number = self.number + 1 if number is None else number
        header = [(35, msg_type), (49, "VENUE"), (56, "ALPHA"), (34, str(self.number)), (52, "now")]
        return frame([*header, *fields])

    def read(self) -> Message:
        raw, self._buffer = unframe(self._buffer)
        while not raw:
            data = self.connection.recv(65536)
            assert data, "the client closed the connection"
            raw, self._buffer = unframe(self._buffer + data)
        return Message(raw)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self.listener.close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture
def client(peer: Peer) -> Iterator[FixClient]:
    with FixClient(peer.address).connect() as client:
        assert peer.connection
        yield client


def test_frame_counts_body_and_sums_bytes() -> None:
    body = ["35=A", "34=1", "49=EXEC", "52=20121105-23:24:06", "56=BANZAI", "98=0", "108=30"]
    fields = [(int(tag), value) for tag, value in (field.split("=") for field in body)]
    assert frame(fields, "FIX.4.1") == b"".join(
        [b"8=FIX.4.1\x019=61\x01", *(f"{field}\x01".encode() for field in body), b"10=003\x01"]
    )


def test_message_split_over_segments_is_read_whole() -> None:
    message = frame([(35, "0")])
    assert unframe(message[:10]) == (b"", message[:10])
    assert unframe(message + b"8=F") == (message, b"8=F")


@pytest.mark.parametrize("damage", [(b"35=0", b"35=1"), (b"9=5", b"9=4"), (b"8=FIX", b"x=FIX")])
def test_damaged_message_is_an_error(damage: tuple[bytes, bytes]) -> None:
    with pytest.raises(FixClientError):
        unframe(frame([(35, "0")]).replace(*damage) + b"more than enough bytes")


def test_repeated_tags_are_all_there() -> None:
    message = Message(frame([(35, "8"), (448, "X"), (448, "Y")]))
    assert (message.get(448), message.all(448), message.get(58, "none")) == (
        "X",
        ["X", "Y"],
        "none",
    )
    assert 448 in message and 58 not in message
    with pytest.raises(KeyError):
        message[58]


def test_logon_sends_credentials_and_returns_the_answer(peer: Peer) -> None:
    client = FixClient(peer.address, "BRAVO")
    answers: list[Message] = []

    def answer() -> None:
        answers.append(peer.read())
        peer.send("A", (98, "0"), (108, "20"), (141, "Y"))

    thread = threading.Thread(target=answer)
    thread.start()
    assert client.logon("secret", heartbeat=20, extra=[(9001, "N")]).msg_type == "A"
    thread.join()
    logon = answers[0]
    assert [logon[tag] for tag in (49, 56, 34, 108, 141, 553, 554, 9001)] == [
        *("BRAVO", "VENUE", "1", "20", "Y", "BRAVO", "secret", "N")
    ]
    assert (client.next_out, client.next_in) == (2, 2)
    client.close()


@pytest.mark.parametrize(("say", "text"), [("NO", "NO"), ("", "connection closed")])
def test_refused_logon_says_why(peer: Peer, say: str, text: str) -> None:
    def refuse() -> None:
        peer.read()
        if say:
            peer.send("5", (58, say))
        peer.close()

    thread = threading.Thread(target=refuse)
    thread.start()
    with pytest.raises(fix_client.LogonRefused, match=text):
        FixClient(peer.address).logon()
    thread.join()


def test_expect_takes_the_match_and_keeps_the_rest(peer: Peer, client: FixClient) -> None:
    peer.send("8", (11, "one"), (150, "0"))
    peer.send("8", (11, "two"), (150, "0"))
    peer.send("9", (11, "three"))
    assert client.expect_report("two", "0")[11] == "two"
    assert client.expect("9")[11] == "three"
    assert [message[11] for message in client.receive_all(quiet=0.05)] == ["one"]
    assert len(client.log) == 3


def test_expect_gives_up_at_the_deadline(client: FixClient) -> None:
    with pytest.raises(fix_client.Timeout):
        client.expect("8", timeout=0.05)


def test_closed_connection_is_noticed(peer: Peer, client: FixClient) -> None:
    peer.send("8", (11, "last"))
    peer.connection.close()
    client.expect_disconnect()
    assert client.receive()[11] == "last"
    with pytest.raises(fix_client.Disconnected):
        client.receive()


def test_test_request_is_answered(peer: Peer, client: FixClient) -> None:
    peer.send("1", (112, "are you there"))
    client.expect("1")
    heartbeat = peer.read()
    assert (heartbeat.msg_type, heartbeat[112]) == ("0", "are you there")


def test_resend_request_gets_orders_again_and_gap_fills_the_rest(
    peer: Peer, client: FixClient
) -> None:
    client.send("0")
    client.send("1", [(112, "x")])
    order = new_order("c1", "1", "10", "100.00")
    client.send("D", order)
    for _ in range(3):
        peer.read()
    peer.send("2", (7, "1"), (16, "0"))
    client.expect("2")
    gap, again = peer.read(), peer.read()
    assert [gap[tag] for tag in (35, 34, 43, 123, 36)] == ["4", "1", "Y", "Y", "3"]
    assert [again[tag] for tag in (35, 34, 43, 11)] == ["D", "3", "Y", "c1"]
    assert again.fields[-len(order) - 1 : -1] == order


def test_resend_request_can_be_gap_filled_or_left_alone(peer: Peer, client: FixClient) -> None:
    client.send("D", new_order("c1", "1", "10"))
    peer.read()
    client.resend = "gap fill"
    peer.send("2", (7, "1"), (16, "0"))
    client.expect("2")
    gap = peer.read()
    assert (gap[35], gap[34], gap[36]) == ("4", "1", "2")
    client.resend = "never"
    peer.send("2", (7, "1"), (16, "0"))
    client.expect("2")
    client.send("0")
    assert peer.read().msg_type == "0"


def test_numbers_follow_the_peer(peer: Peer, client: FixClient) -> None:
    peer.send("8", (11, "a"), number=7)
    client.expect("8")
    assert client.next_in == 8
    peer.send("4", (123, "Y"), (36, "20"), number=8)
    client.expect("4")
    assert client.next_in == 20
    peer.send("8", (43, "Y"), (11, "old"), number=3)
    client.expect("8")
    assert client.next_in == 20


def test_header_can_be_forged(peer: Peer, client: FixClient) -> None:
    client.send("D", new_order("c1", "1", "10"), t34="77", t97="Y", t49="BRAVO")
    message = peer.read()
    assert [message[tag] for tag in (34, 97, 49)] == ["77", "Y", "BRAVO"]
    assert client.next_out == 1


def test_kill_resets_the_connection(peer: Peer, client: FixClient) -> None:
    client.kill()
    with pytest.raises(ConnectionResetError):
        peer.connection.recv(1)
    with pytest.raises(fix_client.Disconnected):
        client.send("0")
