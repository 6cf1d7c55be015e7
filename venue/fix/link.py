"""A client's connection as bytes: over TCP on this machine, or through a gate.

Knows sockets, never what the bytes say. Nothing here waits. A client that has gone raises nothing:
its link reads as ended.
"""

import fcntl
import socket
import struct
import termios
from typing import Protocol

from venue.peer import DATA, END, MOST_TO_GATE, Peer, read_data, read_end

_PACKETS_AT_ONCE = 64
"""Of a gate: they may be of a byte each."""

READ_BYTES = 8192
"""As much as QuickFIX takes in one poll."""


class Link(Protocol):
    """A way to a client. peer: who is at the other end. ended: why nothing more comes, or None."""

    peer: Peer
    ended: str | None

    def fileno(self) -> int:
        """Descriptor to wait on."""

    def receive(self, most: int = READ_BYTES) -> bytes:
        """What has come: about `most` bytes. Empty: nothing now, or nothing ever if `ended`."""

    def send(self, data: bytearray) -> int:
        """Send from the beginning of `data`. Returns how many bytes were taken."""

    def confirmed(self) -> int:
        """How many of all bytes that were sent the client's machine has confirmed."""

    def finish(self) -> None:
        """Say that nothing more will be sent; what was sent still arrives."""

    def close(self) -> None:
        """Close the link at once."""


class TcpLink:
    """A connection of TCP; `connection` does not block."""

    def __init__(self, connection: socket.socket, peer: Peer) -> None:
        self._connection = connection
        self.peer = peer
        self.ended: str | None = None
        self._sent = 0
        self._confirmed: int | None = None

    def fileno(self) -> int:
        """Descriptor to wait on."""
        return self._connection.fileno()

    def receive(self, most: int = READ_BYTES) -> bytes:
        """What has come."""
        try:
            data = self._connection.recv(most)
        except BlockingIOError:
            return b""
        except OSError as error:
            self.ended = error.strerror or "it broke"
            return b""
        if not data:
            self.ended = "the client closed it"
        return data

    def send(self, data: bytearray) -> int:
        """Hand to the kernel what it takes."""
        try:
            taken = self._connection.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            self.ended = self.ended or error.strerror or "it broke"
            return 0
        self._sent += taken
        return taken

    def confirmed(self) -> int:
        """Bytes sent, less those that still wait for an acknowledgement of TCP (SIOCOUTQ)."""
        if self._confirmed is not None:
            return self._confirmed
        waiting = fcntl.ioctl(self._connection.fileno(), termios.TIOCOUTQ, bytes(4))
        return max(0, self._sent - int(struct.unpack("i", waiting)[0]))

    def finish(self) -> None:
        """Let what was sent arrive, then the end."""
        self._confirmed = self.confirmed()  # the end itself would count as a byte
        try:
            self._connection.shutdown(socket.SHUT_WR)
        except OSError as error:
            self.ended = self.ended or error.strerror or "it broke"

    def close(self) -> None:
        """Close it."""
        if self._confirmed is None:
            self._confirmed = self.confirmed()
        self._connection.close()


class GateLink:
    """A connection that a gate has accepted; `connection` is the packet socket to the gate."""

    def __init__(self, connection: socket.socket, peer: Peer) -> None:
        self._connection = connection
        self.peer = peer
        self.ended: str | None = None
        self._confirmed = 0

    def fileno(self) -> int:
        """Descriptor to wait on."""
        return self._connection.fileno()

    def receive(self, most: int = READ_BYTES) -> bytes:
        """The client's bytes in the next packets."""
        data = b""
        for _ in range(_PACKETS_AT_ONCE):
            if len(data) >= most:
                break
            try:
                packet = self._connection.recv(1 << 16)
            except BlockingIOError:
                break
            except OSError as error:
                self.ended = f"the gate: {error.strerror}"
                break
            if packet[:1] != DATA:
                self.ended = "the gate has gone"
                if packet[:1] == END:
                    end = read_end(packet)
                    self._confirmed, self.ended = end.confirmed, end.why
                break
            self._confirmed, more = read_data(packet)
            data += more
            if not more:  # the packet only says what has arrived
                break
        return data

    def send(self, data: bytearray) -> int:
        """Hand packets to the gate while it takes them."""
        sent = 0
        while sent < len(data):
            chunk = data[sent : sent + MOST_TO_GATE - 1]
            try:
                self._connection.send(DATA + chunk)
            except BlockingIOError:
                break
            except OSError as error:
                self.ended = self.ended or f"the gate: {error.strerror}"
                break
            sent += len(chunk)
        return sent

    def confirmed(self) -> int:
        """What the gate's latest packet has said: every one says it."""
        return self._confirmed

    def finish(self) -> None:
        """The gate closes the connection when it has sent all."""
        try:
            self._connection.shutdown(socket.SHUT_WR)
        except OSError as error:
            self.ended = self.ended or f"the gate: {error.strerror}"

    def close(self) -> None:
        """Close it."""
        self._connection.close()


__all__ = ["READ_BYTES", "GateLink", "Link", "TcpLink"]
