"""Whatever strangers do, and at whatever moment they leave: the gate forgets them and serves on."""

import random
import socket
import ssl
import struct
from pathlib import Path

import pytest

from tests.gate.running_gate import LOGON, Authority, RunningGate, read_exactly
from tests.gate.stand_in import StandIn, wait_until

STRANGERS = 250


def hello(context: ssl.SSLContext) -> bytes:
    """The first flight of a TLS client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1").do_handshake()
    return outgoing.read()


def mutated(chosen: random.Random, data: bytes) -> bytes:
    """`data` with a few bytes changed, cut or doubled."""
    result = bytearray(data)
    for _ in range(chosen.randint(1, 4)):
        at = chosen.randrange(len(result))
        match chosen.randrange(4):
            case 0:
                result[at] = chosen.randrange(256)
            case 1:
                del result[at : at + chosen.randint(1, 20)]
            case 2:
                result[at:at] = chosen.randbytes(chosen.randint(1, 20))
            case _:
                result[at:at] = result[: chosen.randint(1, 50)]
        result = result or bytearray(b"8")
    return bytes(result)


def leave(connection: socket.socket, chosen: random.Random) -> None:
    """Close in order, or as a machine that has died, or half."""
    match chosen.randrange(3):
        case 0:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        case 1:
            connection.shutdown(socket.SHUT_WR)
        case _:
            pass
    connection.close()


def visit(gate: RunningGate, context: ssl.SSLContext, chosen: random.Random) -> None:
    """What one stranger does."""
    try:
        if chosen.random() < 0.5:
            with gate.connect() as raw:
                raw.sendall(mutated(chosen, chosen.choice([hello(context), LOGON, bytes(300)])))
                leave(raw, chosen)
            return
        with gate.connect(context) as client:
            first = chosen.choice([LOGON, mutated(chosen, LOGON), chosen.randbytes(50)])
            client.sendall(first[: chosen.randint(1, len(first))])
            if chosen.random() < 0.3:
                client.sendall(chosen.randbytes(chosen.randint(1, 100_000)))
            if chosen.random() < 0.3:  # no TLS any more
                socket.socket.send(client, chosen.randbytes(100))
            if chosen.random() < 0.3:
                client.settimeout(0.05)
                client.recv(1000)
            leave(client, chosen)
    except (OSError, ValueError):  # the gate was first
        return


@pytest.mark.parametrize("seed", range(2))
def test_strangers_cost_nothing_that_lasts(tmp_path: Path, authority: Authority, seed: int) -> None:
    chosen, context = random.Random(seed), authority.client_context()
    authority.write_server(tmp_path)
    files = [f'certificate = "{tmp_path}/gate.pem"', f'key = "{tmp_path}/gate.key"']
    limits = ["handshake_seconds = 1", "logon_seconds = 1", "connections_per_minute = 10000"]
    with StandIn(tmp_path), RunningGate(tmp_path, *files, *limits) as gate:
        descriptors = Path(f"/proc/{gate.pid}/fd")
        with gate.connect(context) as member:
            member.sendall(LOGON)
            assert read_exactly(member, len(LOGON)) == LOGON
            with_member = len(list(descriptors.iterdir()))
            for number in range(STRANGERS):
                visit(gate, context, chosen)
                if number % 50 == 0:
                    member.sendall(b"here")
                    assert read_exactly(member, 4) == b"here"
            member.sendall(b"still")
            assert read_exactly(member, 5) == b"still"
            gate.wait_until_all_are_gone(but=1)
            wait_until(lambda: len(list(descriptors.iterdir())) == with_member)
        assert "unexpected" not in gate.log()
        assert gate.stop() == 0
