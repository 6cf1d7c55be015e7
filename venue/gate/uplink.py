"""One client's way to trading: packets over a Unix socket. Neither side waits for the other.

Trading is here whichever process the client's session logs on at.

Knows venue/peer.py; never looks into the bytes. `Uplink` belongs to the event loop.
"""

import asyncio
import socket
from collections import deque
from pathlib import Path
from typing import Protocol

from venue.admin.address import short_address
from venue.peer import (
    DATA,
    MOST_TO_GATE,
    MOST_TO_TRADING,
    End,
    Peer,
    data_packet,
    end_packet,
    peer_packet,
)

_PACKETS_A_TURN = 16
"""How many packets for one client are taken before others have their turn."""
_LAST_SECONDS = 5.0
"""How long trading may take to read what came before the end, and to close."""


def connect(way: Path) -> socket.socket:
    """Connect to trading's socket without waiting.

    Raises OSError when it does not listen or has no room.
    """
    connection = socket.socket(
        socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    )
    try:
        with short_address(way) as address:
            connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


class UplinkUser(Protocol):
    """The user of an uplink. After `uplink_gone` nothing more is called."""

    def from_trading(self, data: memoryview) -> None:
        """Bytes for the client."""

    def trading_closed(self) -> None:
        """Trading has no more for the client. The end of the connection can still be told."""

    def trading_room(self, has_room: bool) -> None:
        """Whether trading takes bytes has changed."""

    def uplink_gone(self) -> None:
        """Trading was told the end, or has gone."""


class Uplink:
    """One connection to trading. The user has to call `end` in any case."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        connection: socket.socket,
        peer: Peer,
        user: UplinkUser,
    ) -> None:
        self._loop = loop
        self._socket = connection
        self._user = user
        self._unsent: deque[bytes] = deque()
        self._is_paused = self._is_over = False
        self._ending: asyncio.TimerHandle | None = None
        loop.add_reader(connection, self._read)
        self._send(peer_packet(peer))

    @property
    def is_full(self) -> bool:
        """Whether trading does not take the bytes that it was sent."""
        return bool(self._unsent)

    def send(self, data: bytes, confirmed: int) -> None:
        """Pass on bytes of the client, perhaps none, and how many bytes it has confirmed."""
        for begin in range(0, len(data) or 1, MOST_TO_TRADING):
            self._send(data_packet(confirmed, data[begin : begin + MOST_TO_TRADING]))

    def pause(self) -> None:
        """Take nothing from trading: the client does not read."""
        if not self._is_paused:
            self._is_paused = True
            self._loop.remove_reader(self._socket)

    def resume(self) -> None:
        """Take from trading again."""
        if self._is_paused:
            self._is_paused = False
            if not self._is_over:
                self._loop.add_reader(self._socket, self._read)

    def end(self, end: End) -> None:
        """Tell trading the end, behind all that was sent; close when trading has closed, too."""
        self._ending = self._loop.call_later(_LAST_SECONDS, self._close)
        self.resume()  # bytes for the client are read and dropped, so that the close is no reset
        self._send(end_packet(end))
        self._finish()

    def _send(self, packet: bytes) -> None:
        if not self._unsent:
            try:
                self._socket.send(packet)
                return
            except BlockingIOError:
                self._loop.add_writer(self._socket, self._write)
                self._user.trading_room(False)
            except OSError:  # trading is gone: the reader finds its end
                return
        self._unsent.append(packet)

    def _write(self) -> None:
        """Write what waits: trading has room again, or has gone."""
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
            self._user.trading_room(True)
        self._finish()

    def _finish(self) -> None:
        """The end was told: wait until trading closes, or close if it has closed already."""
        if self._ending is None or self._unsent:
            return
        if self._is_over:
            self._close()
            return
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:  # trading is gone
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
                self._trading_is_over()
                return
            if self._ending is None:
                self._user.from_trading(memoryview(packet)[1:])
            if self._is_paused:
                return

    def _trading_is_over(self) -> None:
        self._is_over = True
        self._loop.remove_reader(self._socket)
        if self._ending is None:
            self._user.trading_closed()
        else:
            self._finish()

    def _close(self) -> None:
        if self._socket.fileno() == -1:
            return
        assert self._ending is not None
        self._ending.cancel()
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()
        self._user.uplink_gone()
