"""Who may come, how often, how many, how long without a logon, and with what first."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.gate.running_gate import LOGON, RunningGate, is_closed, read_exactly
from tests.gate.stand_in import StandIn, wait_until
from venue.gate.caps import Caps

DEADLINE_SECONDS = 1


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with StandIn(tmp_path_factory.mktemp("gate")) as trading:
        yield trading


@pytest.fixture(scope="module")
def gate(trading: StandIn) -> Iterator[RunningGate]:
    """A gate without TLS, for six connections, three of an address."""
    with RunningGate(
        trading.data_dir,
        "connections = 6",
        "connections_per_address = 3",
        'allowed_addresses = ["127.0.0.0/25"]',
        f"logon_seconds = {DEADLINE_SECONDS}",
    ) as gate:
        yield gate


@pytest.fixture(autouse=True)
def nobody_is_left(gate: RunningGate) -> Iterator[None]:
    """The next test has the gate for itself."""
    yield
    gate.wait_until_all_are_gone()


def speaks(client: socket.socket) -> bool:
    """Whether a client gets through to trading."""
    try:
        client.sendall(LOGON)
        return read_exactly(client, len(LOGON)) == LOGON
    except (AssertionError, OSError):
        return False


def test_address_that_is_not_allowed_is_closed(gate: RunningGate, trading: StandIn) -> None:
    before = len(trading.calls)
    with gate.connect(source="127.0.0.128") as client:
        assert is_closed(client)
    assert len(trading.calls) == before
    wait_until(lambda: "127.0.0.128 is none of allowed_addresses" in gate.log())
    with gate.connect(source="127.0.0.127") as client:
        assert speaks(client)


def test_address_has_so_many_connections_at_once_and_others_theirs(gate: RunningGate) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(gate.connect(source="127.0.0.5")) for _ in range(3)]
        assert all(map(speaks, clients))
        with gate.connect(source="127.0.0.5") as fourth:
            assert is_closed(fourth)
        with gate.connect(source="127.0.0.6") as other:
            assert speaks(other)
        clients[0].close()
        wait_until(lambda: connects(gate, "127.0.0.5"))


def connects(gate: RunningGate, source: str) -> bool:
    with gate.connect(source=source) as client:
        return speaks(client)


def test_longest_wait_makes_room_for_the_next_and_who_is_logged_on_stays(
    gate: RunningGate,
) -> None:
    with ExitStack() as stack:
        inside = [stack.enter_context(gate.connect(source="127.0.0.7")) for _ in range(3)]
        assert all(map(speaks, inside))
        silent = [stack.enter_context(gate.connect(source="127.0.0.8")) for _ in range(3)]
        late = stack.enter_context(gate.connect(source="127.0.0.9"))
        assert speaks(late)
        assert is_closed(silent[0])
        for client in inside:
            client.sendall(b"inside")
            assert read_exactly(client, 6) == b"inside"


def test_nobody_who_is_logged_on_makes_room(gate: RunningGate) -> None:
    with ExitStack() as stack:
        sources = ("127.0.0.10", "127.0.0.11")
        inside = [
            stack.enter_context(gate.connect(source=source)) for source in sources for _ in range(3)
        ]
        assert all(map(speaks, inside))
        with gate.connect(source="127.0.0.12") as seventh:
            assert is_closed(seventh)
        for client in inside:
            client.sendall(b"inside")
            assert read_exactly(client, 6) == b"inside"


@pytest.mark.parametrize(
    "first",
    [b"GET / HTTP/1.1\r\n\r\n", b"\0", b"8", b"8=FIX", LOGON[:-1], LOGON[: len(LOGON) // 2],
     b"8=FIX.4.4\x019=5\x0135=0\x01", b"8=FIX" + b"x" * 4091, b"8=FIX" + b"x" * 4092,
     b"8=FIX" + b"x" * 100_000, b"8=FIX" + b"x" * 4090 + LOGON, b" " + LOGON, b"8=fix" + LOGON],
    ids=lambda first: f"{len(first)}-{first[:8]!r}",
)  # fmt: skip
def test_what_is_no_whole_first_message_is_closed_and_trading_does_not_see_it(
    gate: RunningGate, trading: StandIn, first: bytes
) -> None:
    before = len(trading.calls)
    with gate.connect(source="127.0.0.20") as client:
        client.sendall(first)
        assert is_closed(client)
    assert len(trading.calls) == before


def test_first_message_may_drip_and_more_may_come_behind_it(
    gate: RunningGate, trading: StandIn
) -> None:
    number = len(trading.calls)
    more = bytes(range(256)) * 100
    with gate.connect(source="127.0.0.21") as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(len(LOGON)):
            client.sendall(LOGON[at : at + 1])
        client.sendall(more)
        assert read_exactly(client, len(LOGON + more)) == LOGON + more
    assert bytes(trading.call_of(number).data) == LOGON + more


@pytest.mark.parametrize("length", [4096 - 8, 4096])
def test_first_message_may_have_four_kib(gate: RunningGate, length: int) -> None:
    first = b"8=FIX" + b"x" * (length - 5 - 8) + b"\x0110=123\x01"
    assert len(first) == length
    with gate.connect(source="127.0.0.22") as client:
        client.sendall(first)
        assert read_exactly(client, length) == first


def test_logon_that_is_not_answered_ends_at_its_deadline(tmp_path: Path) -> None:
    with (
        StandIn(tmp_path, echoes=False) as trading,
        RunningGate(tmp_path, f"logon_seconds = {DEADLINE_SECONDS}") as gate,
        gate.connect() as client,
    ):
        client.sendall(LOGON)
        assert is_closed(client)
        trading.wait(lambda: trading.calls[0].end is not None)
        end = trading.calls[0].end
        assert end is not None and end.why == "no logon was answered in time"


def test_address_may_try_so_often_a_minute(tmp_path: Path) -> None:
    with StandIn(tmp_path), RunningGate(tmp_path, "connections_per_minute = 5") as gate:
        assert all(connects(gate, "127.0.0.1") for _ in range(5))
        assert not connects(gate, "127.0.0.1")
        assert connects(gate, "127.0.0.2")
        assert "too many connections in a minute" in gate.log()


def test_caps_count_by_address_and_by_network_of_ipv6() -> None:
    caps = Caps(2)
    taken = [caps.take(address) for address in ("10.0.0.1", "::ffff:10.0.0.1", "10.0.0.1")]
    assert taken == [True, True, False]
    caps.give_back("10.0.0.1")
    assert caps.take("10.0.0.1")
    taken = [caps.take(address) for address in ("2001:db8::1", "2001:db8::2", "2001:db8::3")]
    assert taken == [True, True, False]
    assert caps.take("2001:db8:0:1::1")
