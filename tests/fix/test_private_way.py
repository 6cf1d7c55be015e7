"""The only way to QuickFIX: what it accepts is what the venue connected, whoever else tries.

By construction: one place in the queue, the venue's end stands in it, and the listener is shut
before QuickFIX looks. Here others know the name, or look for it, and try all the time.
"""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.running import RunningTrading
from venue.fix.private_way import PrivateWay, PrivateWayError, listening_descriptor

OFFERS = 20_000
KNOWN = b"known to everybody in here"
INTRUDER = """
import socket, sys
known = sys.argv[1].encode()
print("ready", flush=True)
while True:
    names = [known]
    if not known:
        table = open("/proc/net/unix", "rb").read().splitlines()
        names = [line.split(b" @", 1)[1] for line in table if b" @" in line]
    for name in names:
        intruder = socket.socket(socket.AF_UNIX)
        intruder.setblocking(False)
        try:
            intruder.connect(b"\\0" + name)
            intruder.send(b"intruder")
        except OSError:
            pass
        intruder.close()
"""


class QuickFix:
    """Listens under a descriptor as QuickFIX does, and accepts one connection a poll."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("0.0.0.0", 0))
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self.accepted: list[socket.socket] = []
        self.polls = 0
        self.refuses = 0
        """So many polls accept nobody."""

    @property
    def descriptor(self) -> int:
        return self._listener.fileno()

    def poll(self) -> None:
        """What is behind the descriptor now is asked, whatever it was made as."""
        self.polls += 1
        if self.polls <= self.refuses:
            return
        listener = socket.socket(fileno=os.dup(self.descriptor))
        listener.setblocking(False)
        try:
            self.accepted.append(listener.accept()[0])
        except BlockingIOError:
            pass
        finally:
            listener.close()

    def close(self) -> None:
        for each in self.accepted:
            each.close()
        self._listener.close()


@pytest.fixture
def quickfix() -> Iterator[QuickFix]:
    quickfix = QuickFix()
    yield quickfix
    quickfix.close()


@pytest.fixture
def way(quickfix: QuickFix) -> Iterator[PrivateWay]:
    way = PrivateWay(quickfix.descriptor)
    yield way
    way.close()


@contextmanager
def intruder(name: bytes) -> Iterator[None]:
    """Another process that connects to this name all the time; no name: to every name there is."""
    process = subprocess.Popen(
        [sys.executable, "-c", INTRUDER, name.decode()], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        process.stdout.readline()
        yield
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


def abstract_listeners() -> set[str]:
    """Names without a file that somebody listens on."""
    rows = [line.split() for line in Path("/proc/net/unix").read_bytes().splitlines()[1:]]
    return {repr(row[7]) for row in rows if len(row) > 7 and row[3] == b"00010000"}


@pytest.mark.parametrize("name", [KNOWN, b""], ids=["the name is known", "names are looked for"])
def test_nobody_else_is_ever_accepted(
    quickfix: QuickFix, way: PrivateWay, name: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name:
        monkeypatch.setattr(secrets, "token_bytes", lambda _: name)
    own = kept_out = 0
    with intruder(name):
        for number in range(OFFERS):
            try:
                end = way.connect(quickfix.poll)
            except PrivateWayError:  # an intruder stood in the one place each time
                kept_out += 1
                assert not quickfix.accepted
                continue
            own += 1
            (accepted,) = quickfix.accepted
            end.send(b"%d" % number)
            assert accepted.recv(100) == b"%d" % number
            accepted.close()
            end.close()
            quickfix.accepted.clear()
    assert own + kept_out == OFFERS
    assert own > 0
    assert not kept_out or name, "a name that was found is of no use for the next try"


def test_between_two_hand_overs_quickfix_is_reachable_by_nobody(
    quickfix: QuickFix, way: PrivateWay
) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", quickfix.port), 5)
    names = abstract_listeners()
    end = way.connect(quickfix.poll)
    assert abstract_listeners() == names
    with socket.socket(fileno=os.dup(quickfix.descriptor)) as listener:
        assert listener.family == socket.AF_UNIX
        path = listener.getsockname()
        assert path
        assert not Path(path).exists()
        with (
            socket.socket(socket.AF_UNIX) as stranger,
            pytest.raises(OSError, match=r"No such|refused|Not a directory"),
        ):
            stranger.connect(path)
    quickfix.poll()
    assert len(quickfix.accepted) == 1
    end.close()


def test_end_does_not_block_and_carries_bytes_both_ways(
    quickfix: QuickFix, way: PrivateWay
) -> None:
    with way.connect(quickfix.poll) as end:
        with pytest.raises(BlockingIOError):
            end.recv(1)
        (accepted,) = quickfix.accepted
        accepted.send(b"out")
        end.send(b"in")
        assert (end.recv(9), accepted.recv(9)) == (b"out", b"in")


def test_poll_that_accepts_nobody_is_followed_by_another(
    quickfix: QuickFix, way: PrivateWay
) -> None:
    quickfix.refuses = 3
    with way.connect(quickfix.poll):
        assert len(quickfix.accepted) == 1
        assert quickfix.polls == 4


def test_quickfix_that_never_accepts_is_said(quickfix: QuickFix, way: PrivateWay) -> None:
    quickfix.refuses = 1_000_000
    with pytest.raises(PrivateWayError, match="did not accept"):
        way.connect(quickfix.poll)
    assert quickfix.polls < 1_000


def test_taken_name_is_an_error_and_hands_nothing_over(
    quickfix: QuickFix, way: PrivateWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "token_bytes", lambda _: KNOWN)
    with socket.socket(socket.AF_UNIX) as thief:
        thief.bind(b"\0" + KNOWN)
        thief.listen()
        with pytest.raises(PrivateWayError):
            way.connect(quickfix.poll)
    assert not quickfix.accepted


def test_listening_descriptor_is_found_by_its_port(quickfix: QuickFix) -> None:
    assert listening_descriptor(quickfix.port) == quickfix.descriptor
    with socket.socket() as bound:
        bound.bind(("0.0.0.0", 0))  # does not listen
        with pytest.raises(PrivateWayError, match="does not listen"):
            listening_descriptor(bound.getsockname()[1])


def test_trading_listens_on_its_own_port_and_no_other(tmp_path: Path) -> None:
    with RunningTrading(tmp_path / "venue") as venue:
        venue.client("ALPHA").logon()
        own = {str(each.readlink()) for each in Path(f"/proc/{venue.pid}/fd").iterdir()}
        tcp = Path(f"/proc/{venue.pid}/net/tcp").read_text().splitlines()[1:]
        tcp += Path(f"/proc/{venue.pid}/net/tcp6").read_text().splitlines()[1:]
        rows = [line.split() for line in tcp]
        ports = [
            int(row[1].rpartition(":")[2], 16)
            for row in rows
            if f"socket:[{row[9]}]" in own and row[3] == "0A"
        ]
        assert ports == [venue.address[1]]
