"""One client's way to trading: packets over a Unix socket, neither side waiting for the other.

Knows venue/peer.py; never looks into the bytes. `Uplink` lives in the event loop.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from pathlib import Path

from venue.admin.address import short_address
from venue.peer import (
    DATA,
    GATE_SOCKET,
    MOST_TO_GATE,
    MOST_TO_TRADING,
    End,
    Peer,
    end_packet,
    peer_packet,
)

_PACKETS_A_TURN = 16
"""So many are taken of one client before others have their turn."""
_LAST_SECONDS = 5.0
"""How long trading may take to read what came before the end, and to close."""


def connect(data_dir: Path) -> socket.socket:
    """Connect to trading without waiting. Raises OSError when it does not listen or has no room."""
    connection = socket.socket(
        socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    )
    try:
        with short_address(data_dir, GATE_SOCKET) as address:
            connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


class Uplink:
    """on_data(bytes) gets what trading has for the client, on_end() says that it is closed.

    on_room(bool): False when trading takes no more for now, True when it does again.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        connection: socket.socket,
        peer: Peer,
        on_data: Callable[[memoryview], None],
        on_end: Callable[[], None],
        on_room: Callable[[bool], None],
    ) -> None:
        self._loop = loop
        self._socket = connection
        self._on_data = on_data
        self._on_end = on_end
        self._on_room = on_room
        self._unsent: deque[bytes] = deque()
        self._is_paused = False
        self._ending: asyncio.TimerHandle | None = None
        loop.add_reader(connection, self._read)
        self._send(peer_packet(peer))

    @property
    def is_closed(self) -> bool:
        """Whether `on_end` was called."""
        return self._socket.fileno() == -1

    def send(self, data: bytes) -> None:
        """Pass on bytes of the client."""
        for begin in range(0, len(data), MOST_TO_TRADING):
            self._send(DATA + data[begin : begin + MOST_TO_TRADING])

    def pause(self) -> None:
        """Take nothing from trading: the client does not read."""
        if not self._is_paused and not self.is_closed:
            self._is_paused = True
            self._loop.remove_reader(self._socket)

    def resume(self) -> None:
        """Take from trading again."""
        if self._is_paused and not self.is_closed:
            self._is_paused = False
            self._loop.add_reader(self._socket, self._read)

    def end(self, end: End) -> None:
        """Say how it ended behind all that was sent, and close when trading has read it.

        Not when it is closed already.
        """
        self._ending = self._loop.call_later(_LAST_SECONDS, self._close)
        self.resume()  # what comes for the client now is dropped, so that the close is no reset
        self._send(end_packet(end))
        self._shut()

    def _send(self, packet: bytes) -> None:
        if self.is_closed:
            return
        if not self._unsent:
            try:
                self._socket.send(packet)
                return
            except BlockingIOError:
                self._loop.add_writer(self._socket, self._write)
                self._on_room(False)
            except OSError:  # trading is gone: the reader finds its end
                return
        self._unsent.append(packet)

    def _write(self) -> None:
        """Trading has room again."""
        try:
            while self._unsent:
                self._socket.send(self._unsent[0])
                self._unsent.popleft()
        except BlockingIOError:
            return
        except OSError:
            self._unsent.clear()
        self._loop.remove_writer(self._socket)
        if self._ending is None:
            self._on_room(True)
        self._shut()

    def _shut(self) -> None:
        if self._ending is not None and not self._unsent:
            try:
                self._socket.shutdown(socket.SHUT_WR)
            except OSError:  # trading has closed first
                self._close()

    def _read(self) -> None:
        for _ in range(_PACKETS_A_TURN):
            try:
                packet = self._socket.recv(1 + MOST_TO_GATE)
            except BlockingIOError:
                return
            except OSError:
                packet = b""
            if packet[:1] != DATA:  # the end, or not the protocol
                self._close()
                return
            if self._ending is None:
                self._on_data(memoryview(packet)[1:])
            if self._is_paused:
                return

    def _close(self) -> None:
        if self.is_closed:
            return
        if self._ending is not None:
            self._ending.cancel()
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()
        self._on_end()
