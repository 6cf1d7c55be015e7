"""Bytes through the gate: all of them, in order, at the reader's pace, and how it ended."""

import array
import asyncio
import fcntl
import random
import signal
import socket
import ssl
import struct
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.gate.running_gate import LOGON, Authority, RunningGate, is_closed, read_exactly
from tests.gate.stand_in import Call, StandIn, wait_until
from venue.peer import DATA, MOST_TO_GATE, MOST_TO_TRADING

TLS = (True, False)
NEVER_READ = 64 << 20
"""More than all buffers between trading and a client together."""


@pytest.fixture(params=TLS, ids=["tls", "plain"], scope="module")
def secure(request: pytest.FixtureRequest) -> bool:
    is_secure: bool = request.param
    return is_secure


def running(trading: StandIn, authority: Authority, secure: bool) -> RunningGate:
    directory = trading.data_dir
    authority.write_server(directory)
    files = [f'certificate = "{directory}/gate.pem"', f'key = "{directory}/gate.key"']
    limits = ["connections_per_address = 300", "logon_seconds = 20"]
    return RunningGate(directory, *(files if secure else []), *limits)


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory, secure: bool) -> Iterator[StandIn]:
    """A stand-in that does not echo: what a client gets is the test's to say."""
    with StandIn(tmp_path_factory.mktemp("gate"), echoes=False) as trading:
        yield trading


@pytest.fixture(scope="module")
def gate(trading: StandIn, authority: Authority, secure: bool) -> Iterator[RunningGate]:
    with running(trading, authority, secure) as gate:
        yield gate


def context_of(authority: Authority, secure: bool) -> ssl.SSLContext | None:
    return authority.client_context() if secure else None


@contextmanager
def answered(
    gate: RunningGate, trading: StandIn, context: ssl.SSLContext | None
) -> Iterator[tuple[socket.socket, Call]]:
    """A client whose first message was answered by `answer`, and its call."""
    number = len(trading.calls)
    with gate.connect(context) as client:
        client.sendall(LOGON)
        call = trading.call_of(number)
        trading.wait(lambda: bytes(call.data) == LOGON)
        call.data.clear()
        call.send(b"answer")
        assert read_exactly(client, 6) == b"answer"
        yield client, call


Pair = tuple[socket.socket, Call]


@pytest.fixture
def pair(gate: RunningGate, trading: StandIn, authority: Authority, secure: bool) -> Iterator[Pair]:
    with answered(gate, trading, context_of(authority, secure)) as pair:
        yield pair


def reset(client: socket.socket) -> None:
    """Close as a machine that knows nothing of the connection any more."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.socket.close(client)


def test_many_bytes_arrive_in_order_both_ways(trading: StandIn, pair: Pair) -> None:
    client, call = pair
    chosen = random.Random(4)
    up = chosen.randbytes(3_000_000)
    down = chosen.randbytes(3_000_000)
    sizes = [1, MOST_TO_TRADING - 1, MOST_TO_TRADING, MOST_TO_TRADING + 1, 500_000]
    at = 0
    while at < len(up):
        size = chosen.choice(sizes)
        client.sendall(up[at : at + size])
        at += size
    trading.wait(lambda: len(call.data) == len(up))
    assert bytes(call.data) == up
    received = bytearray()
    for at in range(0, len(down), MOST_TO_GATE):
        call.connection.send(DATA + down[at : at + MOST_TO_GATE])
        received += read_exactly(client, len(down[at : at + MOST_TO_GATE]))
    assert bytes(received) == down


def test_client_that_does_not_read_is_trading_s_to_see(trading: StandIn, pair: Pair) -> None:
    client, call = pair
    sent = call.fill(NEVER_READ, 2.0)
    assert sent < NEVER_READ, "the gate has taken it all"
    client.sendall(b"still heard")
    trading.wait(lambda: bytes(call.data) == b"still heard")
    assert read_exactly(client, sent) == bytes(sent)


def test_client_that_trading_does_not_read_waits_and_nobody_else(
    gate: RunningGate, authority: Authority, secure: bool, trading: StandIn, pair: Pair
) -> None:
    client, call = pair
    number = len(trading.calls)
    call.reads.clear()
    client.settimeout(1.0)
    sent = 0
    with pytest.raises(TimeoutError):
        while sent < NEVER_READ:
            sent += client.send(bytes(1 << 16))
    with gate.connect(context_of(authority, secure)) as another:
        another.sendall(LOGON)
        trading.call_of(number).send(b"heard")
        assert read_exactly(another, 5) == b"heard"
    call.reads.set()
    trading.wait(lambda: len(call.data) >= sent)


def test_end_says_what_the_client_s_machine_has(trading: StandIn, pair: Pair) -> None:
    client, call = pair
    call.send(bytes(100_000))
    read_exactly(client, 100_000)
    client.close()
    trading.wait(lambda: call.end is not None)
    assert call.end is not None
    assert call.end.confirmed == len(b"answer") + 100_000
    assert call.end.why == "the client closed"
    trading.wait(lambda: call.is_over)


def test_what_has_arrived_is_told_with_what_comes_and_soon_if_nothing_does(
    trading: StandIn, pair: Pair
) -> None:
    client, call = pair
    for count in (1, 100_000):
        call.send(bytes(count))
        read_exactly(client, count)
    client.sendall(b"has it")
    trading.wait(lambda: bytes(call.data) == b"has it")
    assert call.confirmed == len(b"answer") + 100_001
    call.send(b"more")
    trading.wait(lambda: call.confirmed == len(b"answermore") + 100_001)


def test_what_arrived_but_was_not_read_is_confirmed_and_a_reset_is_told(
    trading: StandIn, pair: Pair
) -> None:
    client, call = pair
    call.send(b"x" * 5000)
    wait_until(lambda: arrived(client) >= 5000)
    reset(client)
    trading.wait(lambda: call.end is not None)
    assert call.end is not None
    assert call.end.confirmed == len(b"answer") + 5000
    assert call.end.why.startswith("connection lost")


def arrived(client: socket.socket) -> int:
    """Bytes in the client's kernel (of the connection, which with TLS are a few more)."""
    count = array.array("i", [0])
    fcntl.ioctl(client, termios.FIONREAD, count)
    return count[0]


def test_what_waits_for_a_client_that_does_not_read_is_not_confirmed(
    trading: StandIn, pair: Pair
) -> None:
    client, call = pair
    sent = call.fill(NEVER_READ, 2.0)
    has = arrived(client)
    reset(client)
    trading.wait(lambda: call.end is not None)
    assert call.end is not None
    assert call.end.confirmed <= len(b"answer") + has
    assert has * 0.9 - MOST_TO_GATE <= call.end.confirmed < sent


def test_close_of_trading_comes_behind_all_that_it_sent(trading: StandIn, pair: Pair) -> None:
    client, call = pair
    call.send(b"y" * 200_000 + b"logout")
    call.connection.shutdown(socket.SHUT_RDWR)
    assert read_exactly(client, 200_006).endswith(b"ylogout")
    assert is_closed(client)


def test_trading_that_says_no_more_is_still_told_what_has_arrived(
    trading: StandIn, pair: Pair
) -> None:
    client, call = pair
    call.send(b"logout")
    call.connection.shutdown(socket.SHUT_WR)
    assert read_exactly(client, 6) == b"logout"
    assert is_closed(client)
    client.close()
    trading.wait(lambda: call.end is not None)
    assert call.end is not None
    assert call.end.confirmed == len(b"answerlogout")
    trading.wait(lambda: call.is_over)


def test_bytes_on_their_way_when_trading_closes_do_not_take_the_last_ones_with_them(
    gate: RunningGate, trading: StandIn, pair: Pair
) -> None:
    client, call = pair
    call.send(b"z" * 50_000)
    call.connection.shutdown(socket.SHUT_RDWR)
    client.sendall(b"unread" * 1000)
    assert read_exactly(client, 50_000) == b"z" * 50_000


def test_two_hundred_at_once_all_get_through(
    gate: RunningGate, authority: Authority, secure: bool, trading: StandIn
) -> None:
    context = context_of(authority, secure)

    async def speak(number: int) -> bytes:
        reader, writer = await asyncio.open_connection(*gate.address, ssl=context)
        writer.write(LOGON + b"%d" % number)
        try:
            return await reader.readexactly(len(LOGON) + len(str(number)))
        finally:
            writer.close()
            await writer.wait_closed()

    async def all_at_once() -> list[bytes]:
        return await asyncio.gather(*(speak(number) for number in range(200)))

    trading.echoes = True
    assert asyncio.run(all_at_once()) == [LOGON + b"%d" % number for number in range(200)]
    trading.echoes = False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_trading_s_restart_and_the_gate_s_stop_end_clients_and_the_next_ones_get_through(
    tmp_path: Path, authority: Authority, secure: bool, number: int
) -> None:
    trading, context = StandIn(tmp_path, echoes=False), context_of(authority, secure)
    with trading, running(trading, authority, secure) as gate:
        with answered(gate, trading, context) as (client, _):
            trading.close()
            assert is_closed(client)
        with gate.connect(context) as waits:
            waits.sendall(LOGON)
            wait_until(lambda: "trading does not answer" in gate.log())
            with StandIn(tmp_path) as again:
                assert read_exactly(waits, len(LOGON)) == LOGON
                assert bytes(again.calls[0].data) == LOGON
                wait_until(lambda: gate.log().count("trading answers") == 1)
                with gate.connect() as silent:
                    gate.signal(number)
                    assert is_closed(waits) and is_closed(silent)
                waits.close()
                again.wait(lambda: again.calls[0].end is not None)
                end = again.calls[0].end
                assert end is not None and end.why == "the gate stops"
                assert gate.wait() == 0
                assert (tmp_path / "gate.sock").exists(), "it is trading's"
        assert gate.log().count("trading does not answer") == 1, "said once"
