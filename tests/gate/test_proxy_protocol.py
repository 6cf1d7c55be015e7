"""PROXY protocol: whom a load balancer speaks for, and what a forged or broken header comes to."""

import socket
import struct
from collections.abc import Iterator

import pytest

from tests.gate.running_gate import LOGON, Authority, RunningGate, is_closed, read_exactly
from tests.gate.stand_in import StandIn
from venue.gate.proxy_protocol import SIGNATURE, ProxyHeaderError, client_of

BALANCER = "127.0.0.77"


def header(
    source: str, port: int = 5000, *, command: int = 0x21, more: bytes = b"", family: int = 0
) -> bytes:
    """A PROXY header of version 2 with further data `more` behind its addresses."""
    is_v6 = ":" in source
    kind = socket.AF_INET6 if is_v6 else socket.AF_INET
    packed = socket.inet_pton(kind, source)
    body = packed + packed + struct.pack("!HH", port, 9888) + more
    family = family or (0x21 if is_v6 else 0x11)
    return SIGNATURE + struct.pack("!BBH", command, family, len(body)) + body


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with StandIn(tmp_path_factory.mktemp("gate")) as trading:
        yield trading


@pytest.fixture(scope="module")
def gate(trading: StandIn, authority: Authority) -> Iterator[RunningGate]:
    """A gate behind a load balancer at 127.0.0.77, for clients of 10.1.0.0/16 and this machine."""
    directory = trading.data_dir
    authority.write_server(directory)
    with RunningGate(
        directory,
        f'certificate = "{directory}/gate.pem"',
        f'key = "{directory}/gate.key"',
        f'proxy_protocol_from = ["{BALANCER}"]',
        'allowed_addresses = ["10.1.0.0/16", "2001:db8::/32", "127.0.0.0/8"]',
        "handshake_seconds = 1",
        "logon_seconds = 1",
    ) as gate:
        yield gate


def speak(
    gate: RunningGate, authority: Authority, first: bytes, source: str = BALANCER
) -> tuple[str, int]:
    """Send a header, then TLS and a Logon; the client's own address."""
    with gate.connect(source=source) as raw:
        raw.sendall(first)
        with authority.client_context().wrap_socket(raw, server_hostname="127.0.0.1") as client:
            own = client.getsockname()
            client.sendall(LOGON)
            assert read_exactly(client, len(LOGON)) == LOGON
            return str(own[0]), int(own[1])


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (header("10.1.2.3", 4711), ("10.1.2.3", 4711)),
        (header("2001:db8::7", 4712), ("2001:db8::7", 4712)),
        (header("::ffff:10.1.2.4", 4713), ("10.1.2.4", 4713)),
        (header("10.1.2.3", 4714, more=b"\x20\x00\x05hello"), ("10.1.2.3", 4714)),
    ],
)
def test_client_is_who_the_balancer_speaks_for(
    gate: RunningGate,
    trading: StandIn,
    authority: Authority,
    first: bytes,
    expected: tuple[str, int],
) -> None:
    number = len(trading.calls)
    speak(gate, authority, first)
    peer = trading.call_of(number).peer
    assert peer is not None and (peer.address, peer.port) == expected


def test_balancer_that_speaks_for_itself_is_itself(
    gate: RunningGate, trading: StandIn, authority: Authority
) -> None:
    number = len(trading.calls)
    own = speak(gate, authority, header("10.1.2.3", command=0x20))
    peer = trading.call_of(number).peer
    assert peer is not None and (peer.address, peer.port) == own


def test_who_is_no_balancer_needs_no_header(
    gate: RunningGate, trading: StandIn, authority: Authority
) -> None:
    number = len(trading.calls)
    own = speak(gate, authority, b"", source="127.0.0.1")
    peer = trading.call_of(number).peer
    assert peer is not None and (peer.address, peer.port) == own


def test_header_of_who_is_no_balancer_is_no_tls(gate: RunningGate, trading: StandIn) -> None:
    before = len(trading.calls)
    with gate.connect(source="127.0.0.1") as client:
        client.sendall(header("10.1.2.3"))
        while not is_closed(client):
            pass  # the alert
    assert len(trading.calls) == before


@pytest.mark.parametrize(
    "first",
    [
        header("10.2.0.1"),
        b"PROXY TCP4 10.1.2.3 10.1.2.4 5 6\r\n",
        b"\x16\x03\x01\x02\x00",
        LOGON,
        header("10.1.2.3")[:15],
        header("10.1.2.3")[:20],
        header("10.1.2.3", command=0x11),
        header("10.1.2.3", command=0x22),
        header("10.1.2.3", family=0x12),
        header("10.1.2.3", family=0x31),
        header("10.1.2.3", family=0x21),
        header("10.1.2.3", more=bytes(3000)),
        b"",
    ],
    ids=range(13),
)
def test_balancer_s_header_that_is_none_is_closed(
    gate: RunningGate, trading: StandIn, first: bytes
) -> None:
    before = len(trading.calls)
    with gate.connect(source=BALANCER) as client:
        client.sendall(first)
        assert is_closed(client)
    assert len(trading.calls) == before


@pytest.mark.parametrize("length", range(12))
def test_body_too_short_for_its_addresses_is_an_error(length: int) -> None:
    with pytest.raises(ProxyHeaderError):
        client_of(0x21, 0x11, bytes(length))
    with pytest.raises(ProxyHeaderError):
        client_of(0x21, 0x21, bytes(24 + length))
