"""Each kind of sessions has a port of the gate, a way behind it, and room of its own."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.gate.running_gate import LOGON, RunningGate, is_closed, read_exactly
from tests.gate.stand_in import StandIn, wait_until
from tests.gate.test_start import start

KINDS = ("trading", "marketdata", "dropcopy")
PORTS = ("marketdata_port = 0", "dropcopy_port = 0")


@pytest.fixture
def places(tmp_path: Path) -> Iterator[dict[str, StandIn]]:
    """Who stands in for the process behind each port."""
    with ExitStack() as stack:
        yield {kind: stack.enter_context(StandIn(tmp_path, kind=kind)) for kind in KINDS}


def test_each_port_leads_to_its_own_process(tmp_path: Path, places: dict[str, StandIn]) -> None:
    with RunningGate(tmp_path, *PORTS) as gate:
        assert len({gate.address, *gate.addresses.values()}) == len(KINDS)
        for kind in KINDS:
            with gate.connect(kind=kind) as client:
                client.sendall(LOGON + kind.encode())
                assert read_exactly(client, len(LOGON + kind.encode())).endswith(kind.encode())
            assert {name: len(place.calls) for name, place in places.items()} == {
                name: int(KINDS.index(name) <= KINDS.index(kind)) for name in KINDS
            }
            peer = places[kind].calls[0].peer
            assert peer is not None and peer.address == "127.0.0.1"


def test_full_port_leaves_the_others_their_room(tmp_path: Path, places: dict[str, StandIn]) -> None:
    limits = ("connections = 2", "connections_per_address = 2", "connections_per_minute = 3")
    with RunningGate(tmp_path, *PORTS, *limits) as gate, ExitStack() as stack:
        for _ in range(2):
            reader = stack.enter_context(gate.connect(kind="marketdata"))
            reader.sendall(LOGON)
            assert read_exactly(reader, len(LOGON)) == LOGON
        assert is_closed(stack.enter_context(gate.connect(kind="marketdata")))
        for kind in ("trading", "dropcopy"):
            client = stack.enter_context(gate.connect(kind=kind))
            client.sendall(LOGON)
            assert read_exactly(client, len(LOGON)) == LOGON


def test_process_that_is_away_is_called_until_it_comes_and_named(tmp_path: Path) -> None:
    with RunningGate(tmp_path, *PORTS) as gate, gate.connect(kind="dropcopy") as client:
        client.sendall(LOGON)
        wait_until(lambda: "fix-dropcopy does not answer" in gate.log())
        with StandIn(tmp_path, kind="dropcopy"):
            assert read_exactly(client, len(LOGON)) == LOGON
            wait_until(lambda: "fix-dropcopy answers" in gate.log())


def test_kind_without_a_port_does_not_come_from_outside(tmp_path: Path) -> None:
    with StandIn(tmp_path), RunningGate(tmp_path) as gate:
        assert gate.addresses == {}


def test_two_kinds_at_one_port_are_refused(tmp_path: Path) -> None:
    status, line = start(tmp_path, "gate.port=9888", "gate.dropcopy_port=9888")
    assert status == 2
    assert line == "--set gate.dropcopy_port: 9888 is another port of the gate, too"
