"""An independent reader: simplefix for the bytes, a plain socket, and books of the client's own.

It checks the checksum with every message that has one. Knows no line of the venue's.
"""

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime

import simplefix

from tests.fixmd.client_book import ClientBook

VENUE, PASSWORD = "VENUE", "demo"
WAIT_SECONDS = 60.0


class SimplefixReader:
    """books: by MDReqID and symbol. checked: how many checksums were right; gaps: missing numbers.

    receive_buffer: of its socket; 0: the system's own.
    """

    def __init__(self, address: tuple[str, int], session: str, *, receive_buffer: int = 0) -> None:
        self._address = address
        self._session = session
        self._receive_buffer = receive_buffer
        self._next_out = 1
        self.next_in = 1
        self.looks: dict[str, tuple[int, bool]] = {}
        self.books: dict[tuple[str, str], ClientBook] = {}
        self.checked = 0
        self.conflated = 0
        self.refreshed = 0
        self.gaps: list[tuple[int, int]] = []
        self.seen: dict[str, int] = {}
        self.logout: str | None = None
        self._socket: socket.socket | None = None
        self._parser = simplefix.FixParser()

    def log_on(self, *, reset: bool = False) -> None:
        """Connect and log on."""
        self._socket = socket.socket()
        if self._receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        self._socket.connect(self._address)
        self._parser = simplefix.FixParser()
        self.seen.pop("A", None)
        if reset:
            self._next_out = self.next_in = 1
        more = [(141, "Y")] if reset else []
        self.send("A", [(98, "0"), (108, "30"), *more, (553, self._session), (554, PASSWORD)])
        self.wait_for(lambda: "A" in self.seen)

    def subscribe(
        self, name: str, symbols: tuple[str, ...], *, depth: int = 0, is_by_order: bool = False
    ) -> None:
        """Subscribe to all that there is of these symbols, and wait for their books.

        Asks again while the venue says (j) that it has no books yet.
        """
        self.looks[name] = (depth, is_by_order)
        for symbol in symbols:
            self.books[name, symbol] = ClientBook(depth, is_by_order)
        body = [(262, name), (263, "1"), (264, str(depth)), (265, "1")]
        body += [(266, "N" if is_by_order else "Y"), (267, "3"), (269, "0"), (269, "1"), (269, "2")]
        body += [(146, str(len(symbols))), *((55, symbol) for symbol in symbols)]

        def has_all() -> bool:
            return all(self.books[name, symbol].snapshots for symbol in symbols)

        while not has_all():
            refused = self.seen.get("j", 0)
            self.send("V", body)
            self.wait_for(lambda: has_all() or self.seen.get("j", 0) > refused)  # noqa: B023

    def send(self, msg_type: str, body: list[tuple[int, str]]) -> None:
        """Send a message with the next number."""
        assert self._socket is not None
        message = simplefix.FixMessage()
        message.append_pair(8, "FIX.4.4", header=True)
        message.append_pair(35, msg_type, header=True)
        message.append_pair(34, self._next_out, header=True)
        message.append_pair(49, self._session, header=True)
        sent = datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]
        message.append_pair(52, sent, header=True)
        message.append_pair(56, VENUE, header=True)
        for tag, value in body:
            message.append_pair(tag, value)
        self._next_out += 1
        self._socket.sendall(message.encode())

    def wait_for(self, happened: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
        """Read until it has happened."""
        deadline = time.monotonic() + seconds
        while not happened():
            assert self._socket is not None, f"the connection is closed: {self.logout}"
            assert time.monotonic() < deadline, f"it did not happen in time: {self.seen}"
            self._read(0.2)

    def read_until_quiet(self, seconds: float = 1.0) -> None:
        """Read until nothing has come for so long, or the connection has ended."""
        while self._socket is not None and self._read(seconds):
            pass

    @property
    def is_connected(self) -> bool:
        """Whether the connection has not ended."""
        return self._socket is not None

    def close(self) -> None:
        """Break the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _read(self, seconds: float) -> bool:
        assert self._socket is not None
        self._socket.settimeout(seconds)
        try:
            data = self._socket.recv(1 << 16)
        except TimeoutError:
            return False
        except OSError:
            data = b""
        if not data:
            self.close()
            return False
        self._parser.append_buffer(data)
        while (message := self._parser.get_message()) is not None:
            self._take(message)
        return True

    def _take(self, message: simplefix.FixMessage) -> None:
        fields = [(tag.decode(), value.decode()) for tag, value in message.pairs]
        named = dict(reversed(fields))
        msg_type = named["35"]
        self.seen[msg_type] = self.seen.get(msg_type, 0) + 1
        number = int(named["34"])
        if number != self.next_in and msg_type != "4":
            self.gaps.append((self.next_in, number))
        self.next_in = int(named["36"]) if msg_type == "4" else number + 1
        if msg_type == "1":
            self.send("0", [(112, named["112"])])
        elif msg_type == "2":  # nothing that was asked before is worth asking again
            self.send("4", [(123, "Y"), (36, str(self._next_out))])
        elif msg_type == "5":
            self.logout = named.get("58", "")
        elif msg_type in "WX":
            self._change(msg_type, named, fields)

    def _change(self, msg_type: str, named: dict[str, str], fields: list[tuple[str, str]]) -> None:
        book = self.books[named["262"], named["55"]]
        self.conflated += named.get("58", "").startswith("CONFLATED=")
        self.refreshed += named.get("58", "") == "REFRESHED"
        book.checksum = None
        begin = next(place for place, field in enumerate(fields) if field[0] == "268")
        book.take(msg_type, fields[begin:-1])
        if book.checksum is not None and (book.depth == 0 or book.depth >= 10):
            assert book.own_checksum() == book.checksum, (named["262"], named["55"])
            self.checked += 1


__all__ = ["SimplefixReader"]
