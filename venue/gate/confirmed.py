"""How many of the venue's bytes a client's machine has confirmed, by the acknowledgements of TCP.

Knows one TCP socket of Linux; never writes. TLS makes other bytes of those that are written: marks
remember how many bytes of the connection carry how many bytes of the venue.
"""

import socket
import struct
from collections import deque
from typing import NamedTuple

_BYTES_ACKED_AT = 120
"""Offset of tcpi_bytes_acked, 64 bits, in Linux' tcp_info."""
_U64 = struct.Struct("=Q")
_MOST_MARKS = 64


class _Mark(NamedTuple):
    """The venue's first `written` bytes are within the connection's first `sent` bytes."""

    written: int
    sent: int


class Confirmed:
    """The counts of one connection, from its first byte on. Has to be closed at its end."""

    def __init__(self, connection: socket.socket) -> None:
        """Duplicate the socket, which is closed before the last look. Raises OSError."""
        self._socket = connection.dup()
        self._before = self._acked()
        self._marks: deque[_Mark] = deque()
        self._written = 0
        self._sent = 0
        self._confirmed = 0

    @property
    def is_all(self) -> bool:
        """Whether the last look has found all bytes confirmed."""
        return not self._marks

    def wrote(self, written: int, sent: int) -> None:
        """Count `written` more bytes of the venue, which became `sent` bytes of the connection."""
        self._written += written
        self._sent += sent
        if written:
            if len(self._marks) >= _MOST_MARKS:
                self.look()
            if len(self._marks) >= _MOST_MARKS:  # fewer marks confirm less, and nothing wrongly
                self._marks = deque(list(self._marks)[1::2])
            self._marks.append(_Mark(self._written, self._sent))

    def close(self) -> int:
        """Take a last look and close the duplicate. Returns the bytes confirmed."""
        confirmed = self.look()
        self._socket.close()
        return confirmed

    def look(self) -> int:
        """How many of the venue's bytes are confirmed now."""
        if self._marks:
            acked = self._acked() - self._before
            while self._marks and self._marks[0].sent <= acked:
                self._confirmed = self._marks.popleft().written
        return self._confirmed

    def _acked(self) -> int:
        info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_ACKED_AT + 8)
        acked: int = _U64.unpack_from(info, _BYTES_ACKED_AT)[0]
        return acked
