"""What QuickFIX still holds back of what it was to send, told from what the kernel has taken.

QuickFIX does not show its queues, and sends one message of each in a poll. Reads numbers of
connections that are QuickFIX's, and tells the kernel when to gather; never writes to one.
"""

import fcntl
import select
import socket
import struct
import termios
from collections.abc import Iterable
from contextlib import suppress

from venue.fix.reading import Seen

_BYTES_ACKED_AT = 120
"""Offset of tcpi_bytes_acked, 64 bits, in Linux' tcp_info."""
_SEGMENTS = 4


class _Connection:
    """given: bytes that QuickFIX was given to send, counted as the kernel counts what it takes.

    gathers: whether it may be held.
    """

    __slots__ = ("descriptor", "gathers", "given")

    def __init__(self, descriptor: int, given: int) -> None:
        self.descriptor = descriptor
        self.given = given
        self.gathers = _has_room(descriptor)


class Outflow:
    """Connections by session, each from its handing over to its end."""

    def __init__(self) -> None:
        self._connections: dict[str, _Connection] = {}
        self._active: set[str] = set()
        self._able_before: dict[str, int | None] = {}
        self._held: list[int] = []

    def begin(self, session: str, descriptor: int) -> None:
        """QuickFIX has the session's connection under `descriptor`; it has sent nothing yet."""
        self._connections[session] = _Connection(descriptor, _taken(descriptor) or 0)

    def end(self, session: str) -> None:
        """The session's connection is gone."""
        self._connections.pop(session, None)
        self._active.discard(session)

    def passed(self, session: str, text: str) -> None:
        """QuickFIX was given a message to send."""
        connection = self._connections.get(session)
        if connection is not None:
            length = len(text) if text.isascii() else len(text.encode(errors="surrogateescape"))
            connection.given += length
            self._active.add(session)

    def hold(self, sessions: Iterable[str]) -> None:
        """Have the kernel gather what these are sent, until `release`: few segments, not many."""
        for session in sessions:
            connection = self._connections.get(session)
            if connection is not None and connection.gathers:
                self._held.append(connection.descriptor)
                _cork(connection.descriptor, 1)

    def release(self) -> None:
        """Let go of what was held; a descriptor that is no connection any more held nothing."""
        for descriptor in self._held:
            _cork(descriptor, 0)
        self._held.clear()

    def seen(self, session: str) -> Seen:
        """What there is to see of a session's connection; of none, nothing."""
        connection = self._connections.get(session)
        if connection is None:
            return Seen(0, 0, None)
        confirmed = _confirmed(connection.descriptor)
        if confirmed is None:
            return Seen(connection.given, 0, None)
        held_back = connection.given - confirmed - _unconfirmed(connection.descriptor)
        return Seen(connection.given, held_back, confirmed)

    def able(self) -> list[str]:
        """Sessions of which QuickFIX holds something back that their connections would take."""
        sessions = {}
        poller = select.poll()
        for session in list(self._active):
            descriptor = self._connections[session].descriptor
            if self.seen(session).held_back > 0:
                sessions[descriptor] = session
                poller.register(descriptor, select.POLLOUT)
            else:
                self._active.discard(session)
        return [sessions[fd] for fd, events in poller.poll(0) if events == select.POLLOUT]

    def stuck(self, able: list[str]) -> list[str]:
        """Those of the able sessions that were when asked last, and have sent nothing since."""
        taken = {name: _taken(self._connections[name].descriptor) for name in able}
        stuck = [name for name in able if self._able_before.get(name) == taken[name]]
        self._able_before = taken
        return stuck


def _has_room(descriptor: int) -> bool:
    """Whether the kernel keeps several segments for it: else what is held fills its buffer, and
    nothing of it leaves, for less than a segment is there."""
    with suppress(OSError):
        connection = socket.SocketType(socket.AF_INET, socket.SOCK_STREAM, 0, descriptor)
        try:
            segment = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
            buffer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
            return buffer >= _SEGMENTS * segment
        finally:
            connection.detach()
    return False


def _cork(descriptor: int, on: int) -> None:
    with suppress(OSError):
        connection = socket.SocketType(socket.AF_INET, socket.SOCK_STREAM, 0, descriptor)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, on)
        finally:
            connection.detach()


def _taken(descriptor: int) -> int | None:
    """Bytes that the kernel has taken of a connection, confirmed by the peer's or not yet."""
    confirmed = _confirmed(descriptor)
    return None if confirmed is None else confirmed + _unconfirmed(descriptor)


def _confirmed(descriptor: int) -> int | None:
    """Bytes that the peer's machine has; None: it is no connection, or the system does not tell."""
    try:
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fileno=descriptor)
    except OSError:
        return None
    try:
        told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_ACKED_AT + 8)
        confirmed: int = struct.unpack_from("Q", told, _BYTES_ACKED_AT)[0]
    except (OSError, struct.error):
        return None
    finally:
        connection.detach()
    return confirmed


def _unconfirmed(descriptor: int) -> int:
    """Bytes that the kernel has and the peer's machine has not confirmed."""
    try:
        return int.from_bytes(fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)), "little")
    except OSError:
        return 0
