"""The way between a client and the venue: a port that stays, and all that has passed over it.

Knows where FIX messages end, and where the venue listens now; changes nothing on the way.
"""

import selectors
import socket
import threading
from types import TracebackType
from typing import NamedTuple, Self

from tests.fix_message import FixClientError, Message, unframe
from tests.running import RunningTrading

CLIENT, VENUE = "client", "venue"


class Passed(NamedTuple):
    """One message. sender: CLIENT or VENUE; connection: counted from 1."""

    sender: str
    connection: int
    message: Message


class _End:
    """One end of a connection: where what it sends goes, and what is not a whole message yet."""

    def __init__(self, name: str, number: int, other: socket.socket) -> None:
        self.name = name
        self.number = number
        self.other = other
        self.rest = b""


class Wire:
    """Carries connections to the venue, one at a time or several, in a thread of its own."""

    def __init__(self, venue: RunningTrading) -> None:
        self._venue = venue
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listener.getsockname()
        self.passed: list[Passed] = []
        self.garbled: list[str] = []
        """What was no FIX message."""
        self._connections = 0
        self._wake, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._thread = threading.Thread(target=self._carry, name="wire")

    def of(self, sender: str) -> list[Message]:
        """What one side has sent, in order."""
        return [passed.message for passed in self.passed if passed.sender == sender]

    def __enter__(self) -> Self:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._wake.send(b"\0")
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self._selector.close()
        self._wake.close()

    def _carry(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._woken:
                    return
                if key.fileobj is self._listener:
                    self._accept()
                elif key in self._selector.get_map().values():  # the other end has not closed it
                    assert isinstance(key.fileobj, socket.socket)
                    self._read(key.fileobj, key.data)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        try:
            venue = socket.create_connection(self._venue.address)
        except OSError:  # it is down: the client finds that out
            client.close()
            return
        self._connections += 1
        for own, other, name in ((client, venue, CLIENT), (venue, client, VENUE)):
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(own, selectors.EVENT_READ, _End(name, self._connections, other))

    def _read(self, own: socket.socket, end: _End) -> None:
        try:
            data = own.recv(1 << 16)
            self._note(end, data)
            end.other.sendall(data)
        except OSError:  # a side has died
            data = b""
        if not data:
            for side in (own, end.other):
                self._selector.unregister(side)
                side.close()

    def _note(self, end: _End, data: bytes) -> None:
        end.rest += data
        try:
            while True:
                raw, end.rest = unframe(end.rest)
                if not raw:
                    return
                self.passed.append(Passed(end.name, end.number, Message(raw)))
        except FixClientError as error:
            self.garbled.append(f"{end.name}: {error}")
            end.rest = b""
