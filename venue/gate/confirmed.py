"""How much of what was written to a client its machine has: what its TCP has acknowledged.

Knows one TCP socket of Linux; never writes. With TLS between, bytes written and bytes sent are not
the same: marks say which of the one belong to which of the other.
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
    """The first `written` bytes of the venue's are within the first `sent` of the connection."""

    written: int
    sent: int


class Confirmed:
    """Counts of one connection, from before the first byte of it. `close` it at its end."""

    def __init__(self, connection: socket.socket) -> None:
        """Looks at a duplicate, for the connection is closed before the last look. OSError."""
        self._socket = connection.dup()
        self._before = self._acked()
        self._marks: deque[_Mark] = deque()
        self._written = 0
        self._sent = 0
        self._confirmed = 0

    @property
    def is_all(self) -> bool:
        """Whether the last look has found all confirmed."""
        return not self._marks

    def wrote(self, written: int, sent: int) -> None:
        """So many further bytes of the venue's, which became so many bytes of the connection."""
        self._written += written
        self._sent += sent
        if written:
            if len(self._marks) >= _MOST_MARKS:
                self.look()
            if len(self._marks) >= _MOST_MARKS:  # fewer of them say less, but nothing wrong
                self._marks = deque(list(self._marks)[1::2])
            self._marks.append(_Mark(self._written, self._sent))

    def close(self) -> int:
        """Take a last look and let go of the connection; bytes confirmed."""
        confirmed = self.look()
        self._socket.close()
        return confirmed

    def look(self) -> int:
        """Bytes confirmed by now."""
        if self._marks:
            acked = self._acked() - self._before
            while self._marks and self._marks[0].sent <= acked:
                self._confirmed = self._marks.popleft().written
        return self._confirmed

    def _acked(self) -> int:
        info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_ACKED_AT + 8)
        acked: int = _U64.unpack_from(info, _BYTES_ACKED_AT)[0]
        return acked
