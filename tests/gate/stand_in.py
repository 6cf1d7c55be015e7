"""Trading's end of the gate's socket, for tests: records what comes, and echoes it."""

import contextlib
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from venue.admin.address import short_address
from venue.data_directory import DataDirectory
from venue.peer import (
    DATA,
    END,
    MOST_TO_GATE,
    End,
    Peer,
    read_data,
    read_end,
    read_peer,
)

SECONDS = 20.0


class Call:
    """One connection of the gate's. is_over: the gate has closed, or was closed."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.peer: Peer | None = None
        self.data = bytearray()
        self.end: End | None = None
        self.confirmed = 0
        self.is_over = False
        self.reads = threading.Event()
        """While it is cleared nothing is read (but for what is being read now)."""
        self.reads.set()

    def fill(self, most: int, seconds: float) -> int:
        """Send zeros until the gate has taken nothing for so long; bytes sent, `most` at most."""
        sent = 0
        while sent < most and select.select([], [self.connection], [], seconds)[1]:
            try:
                packet = DATA + bytes(MOST_TO_GATE)
                sent += self.connection.send(packet, socket.MSG_DONTWAIT) - 1
            except BlockingIOError:
                continue
        return sent

    def send(self, data: bytes) -> None:
        """Send bytes for the client; waits while the gate takes none."""
        for begin in range(0, len(data), MOST_TO_GATE):
            self.connection.send(DATA + data[begin : begin + MOST_TO_GATE])


class StandIn:
    """Listens in a data directory. echoes: whether a client gets back what it sends.

    kind: of the sessions for which it stands in.
    """

    def __init__(self, data_dir: Path, *, echoes: bool = True, kind: str = "trading") -> None:
        self.data_dir = data_dir
        self.calls: list[Call] = []
        self.echoes = echoes
        self._changed = threading.Condition()
        self._path = DataDirectory(data_dir).gate_socket(kind)
        self._path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        mask = os.umask(0o177)
        try:
            with short_address(self._path) as address:
                self._listener.bind(address)
        finally:
            os.umask(mask)
        self._listener.listen(64)
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until something that was recorded fulfils the condition."""
        with self._changed:
            assert self._changed.wait_for(condition, SECONDS), "it did not come"

    def call_of(self, number: int) -> Call:
        """The call of that number, once its first bytes are there."""
        self.wait(lambda: len(self.calls) > number and bool(self.calls[number].data))
        return self.calls[number]

    def close(self) -> None:
        """Stop listening and close all calls, as a process that ends."""
        if self._listener.fileno() == -1:
            return
        self._path.unlink(missing_ok=True)
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._changed:
            calls = list(self.calls)
        for call in calls:
            with contextlib.suppress(OSError):  # it is over, or ends right now
                call.connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(SECONDS)
            assert not thread.is_alive()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            call = Call(connection)
            thread = threading.Thread(target=self._read, args=(call,))
            with self._changed:
                self.calls.append(call)
                self._threads.append(thread)
            thread.start()

    def _read(self, call: Call) -> None:
        while call.reads.wait(SECONDS) and (packet := _received(call.connection)):
            with self._changed:
                if packet[:1] == DATA:
                    call.confirmed, data = read_data(packet)
                    call.data += data
                elif packet[:1] == END:
                    call.end = read_end(packet)
                else:
                    assert call.peer is None
                    call.peer = read_peer(packet)
                self._changed.notify_all()
            if packet[:1] == DATA and data and self.echoes:
                try:
                    call.send(data)
                except OSError:
                    break
        call.connection.close()
        with self._changed:
            call.is_over = True
            self._changed.notify_all()


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1 << 17)
    except OSError:
        return b""


def wait_until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait for what no other thread reports: a log line, a file."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.01)
