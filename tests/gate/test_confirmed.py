"""What a client's machine has acknowledged: never more than it has, and all of it in the end."""

import socket
from collections.abc import Iterator

import pytest

from venue.gate.confirmed import Confirmed

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Both ends of a TCP connection: ours, and the client's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        ours, _ = listener.accept()
    with ours, client:
        yield ours, client


def received(client: socket.socket, count: int) -> None:
    while count:
        count -= len(client.recv(count))


def test_what_was_received_is_confirmed_also_after_our_close(pair: Pair) -> None:
    ours, client = pair
    confirmed = Confirmed(ours)
    ours.sendall(bytes(1000))
    confirmed.wrote(1000, 1000)
    received(client, 1000)
    ours.close()
    assert confirmed.close() == 1000


def test_bytes_of_tls_beside_the_venue_s_are_counted_apart(pair: Pair) -> None:
    ours, client = pair
    confirmed = Confirmed(ours)
    for written, sent in ((0, 700), (100, 122), (0, 24), (50, 72)):
        ours.sendall(bytes(sent))
        confirmed.wrote(written, sent)
    received(client, 700 + 122 + 24 + 72)
    assert confirmed.close() == 150


def test_what_is_not_sent_is_not_confirmed(pair: Pair) -> None:
    ours, client = pair
    confirmed = Confirmed(ours)
    ours.sendall(bytes(122))
    confirmed.wrote(100, 122)
    confirmed.wrote(100, 122)
    received(client, 122)
    assert confirmed.close() == 100


def test_part_of_a_write_confirms_nothing_of_it(pair: Pair) -> None:
    ours, client = pair
    confirmed = Confirmed(ours)
    ours.sendall(bytes(121))
    confirmed.wrote(100, 122)
    received(client, 121)
    assert confirmed.close() == 0


def test_reset_of_the_client_takes_nothing_back(pair: Pair) -> None:
    ours, client = pair
    confirmed = Confirmed(ours)
    ours.sendall(bytes(1000))
    confirmed.wrote(1000, 1000)
    received(client, 999)
    client.close()  # with a byte unread: a reset
    with pytest.raises(ConnectionResetError):
        while ours.recv(1):
            pass
    ours.close()
    assert confirmed.close() == 1000


def test_marks_are_few_and_still_right(pair: Pair) -> None:
    ours, client = pair
    confirmed = Confirmed(ours)
    written = 0
    for _ in range(500):
        sent = ours.send(bytes(100))
        confirmed.wrote(sent, sent)
        written += sent
    for _ in range(1000):  # these wait in a buffer of ours
        confirmed.wrote(100, 100)
    assert len(confirmed._marks) <= 64
    received(client, written)
    assert written / 2 <= confirmed.close() <= written


def test_bytes_before_the_counting_do_not_count(pair: Pair) -> None:
    ours, client = pair
    ours.sendall(bytes(500))
    received(client, 500)
    confirmed = Confirmed(ours)
    confirmed.wrote(400, 400)
    assert confirmed.close() == 0
