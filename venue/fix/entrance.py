"""Where connections wait until their first message is whole; QuickFIX gets them one by one then.

Left alone, QuickFIX waits in its loop for the rest of a Logon, and leaves what came with it unread
until more comes. Knows sockets and where a FIX message ends; never what it says (decision 0008).
"""

import os
import re
import selectors
import socket
import time
from collections import deque
from typing import NamedTuple

import structlog

from venue.fix.descriptors import connected_to

_log = structlog.get_logger("fix")
_BACKLOG = 128
_MOST_BYTES = 1 << 16
_BODY_LENGTH = re.compile(rb"\x019=0*(\d{1,9})\x01")
_OPTIONS = ((socket.IPPROTO_TCP, socket.TCP_NODELAY),)
_SIZES = (socket.SO_SNDBUF, socket.SO_RCVBUF)


class _Visitor(NamedTuple):
    """A connection that has not sent a whole message yet. until: when it is closed, monotonic."""

    connection: socket.socket
    until: float


class _HandOver(NamedTuple):
    """A connection whose first message is on its way to QuickFIX over `inner`."""

    connection: socket.socket
    message: bytes
    inner: socket.socket


class Entrance:
    """Listens in QuickFIX's place. seconds: how long a first message may take to become whole.

    most: so many connections may wait for theirs; the one that has waited longest goes first.
    """

    def __init__(self, seconds: float = 10.0, most: int = 100) -> None:
        self._seconds = seconds
        self._most = most
        self._selector = selectors.DefaultSelector()
        self._listener: socket.socket | None = None
        self._inner_address = ("", 0)
        self._visitors: dict[int, _Visitor] = {}
        self._ready: deque[tuple[socket.socket, bytes]] = deque()
        self._hand_over: _HandOver | None = None

    def open(self, listener: socket.socket, descriptor: int) -> None:
        """Accept on `listener`, which is bound. QuickFIX listens on `descriptor` from now on.

        What QuickFIX was told to set on its connections goes over from there.
        """
        with socket.socket(fileno=os.dup(descriptor)) as scratch:
            _copy_options(scratch, listener)
        with socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as inner:
            self._inner_address = inner.getsockname()
            os.dup2(inner.fileno(), descriptor)
        listener.setblocking(False)
        listener.listen(_BACKLOG)
        self._selector.register(listener, selectors.EVENT_READ)
        self._listener = listener

    def poll(self) -> None:
        """Accept, look at what has come, and have QuickFIX given one that is whole."""
        for key, _ in self._selector.select(0):
            if key.fileobj is self._listener:
                self._accept()
            else:
                self._look_at(key.fd)
        if self._visitors:
            self._close_late()
        if self._hand_over is not None:
            self._end_refused(self._hand_over)
        if self._hand_over is None and self._ready:
            self._begin(*self._ready.popleft())

    def arrived(self, text: str) -> int | None:
        """QuickFIX has read a message: if it is the one handed over, give it the connection.

        Returns the descriptor under which QuickFIX has it from now on.
        """
        given = self._hand_over
        if given is None or text.encode(errors="surrogateescape") not in given.message:
            return None
        self._hand_over = None
        with given.inner, given.connection:
            descriptor = connected_to(given.inner.getsockname())
            assert descriptor is not None
            os.dup2(given.connection.fileno(), descriptor)
        return descriptor

    def close(self) -> None:
        """Close everything that QuickFIX has not been given."""
        if self._hand_over is not None:
            self._hand_over.inner.close()
            self._hand_over.connection.close()
        for connection, _ in self._ready:
            connection.close()
        for visitor in self._visitors.values():
            visitor.connection.close()
        self._visitors.clear()
        self._selector.close()
        if self._listener is not None:
            self._listener.close()

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            connection, _ = self._listener.accept()
        except OSError as error:  # gone again, or no descriptor left
            _log.warning("a connection was not accepted", error=str(error))
            return
        connection.setblocking(False)
        if len(self._visitors) >= self._most:
            self._close_visitor(next(iter(self._visitors)), "too many wait")
        self._visitors[connection.fileno()] = _Visitor(connection, time.monotonic() + self._seconds)
        self._selector.register(connection, selectors.EVENT_READ)

    def _look_at(self, descriptor: int) -> None:
        connection = self._visitors[descriptor].connection
        try:
            data = connection.recv(_MOST_BYTES, socket.MSG_PEEK)
        except OSError:
            data = b""
        if not data:
            self._close_visitor(descriptor, "it ended")
            return
        end = first_message_end(data)
        if end is None and len(data) == _MOST_BYTES:
            self._close_visitor(descriptor, "its first message is too long")
        elif end is not None:
            self._selector.unregister(connection)
            del self._visitors[descriptor]
            self._ready.append((connection, connection.recv(end)))

    def _close_late(self) -> None:
        now = time.monotonic()
        while self._visitors:
            descriptor, visitor = next(iter(self._visitors.items()))
            if visitor.until > now:
                return
            self._close_visitor(descriptor, "no whole message came in time")

    def _close_visitor(self, descriptor: int, why: str) -> None:
        connection = self._visitors.pop(descriptor).connection
        self._selector.unregister(connection)
        connection.close()
        _log.info("connection closed before a logon", why=why)

    def _begin(self, connection: socket.socket, message: bytes) -> None:
        """Give QuickFIX a connection of ours that has the first message and nothing else."""
        try:
            inner = socket.create_connection(self._inner_address)
        except OSError as error:  # no descriptor left
            _log.error("a connection cannot be handed over", error=str(error))
            connection.close()
            return
        inner.sendall(message)
        inner.shutdown(socket.SHUT_WR)
        inner.setblocking(False)
        self._hand_over = _HandOver(connection, message, inner)

    def _end_refused(self, given: _HandOver) -> None:
        """Close the connection when QuickFIX has closed its end: it knows no such session."""
        try:
            refused = not given.inner.recv(1)
        except BlockingIOError:
            refused = False
        except OSError:
            refused = True
        if refused:
            self._hand_over = None
            given.inner.close()
            given.connection.close()


def first_message_end(data: bytes) -> int | None:
    """Where what QuickFIX takes for the first message ends; None: not all of it is there.

    What has no readable BodyLength(9) is left to QuickFIX whole, which closes the connection.
    """
    begin = data.find(b"8=")
    at = data.find(b"\x019=", begin)
    if begin < 0 or at < 0 or data.find(b"\x01", at + 1) < 0:
        return None
    length = _BODY_LENGTH.match(data, at)
    if length is None:
        return len(data)
    body_end = length.end() + int(length[1])
    check_sum = data.find(b"\x0110=", body_end - 1)
    end = data.find(b"\x01", check_sum + 4)
    if body_end > len(data) or check_sum < 0 or end < 0:
        return None
    return end + 1


def _copy_options(source: socket.socket, target: socket.socket) -> None:
    """Have `target`, and what it accepts, be as QuickFIX has made `source`."""
    for level, option in _OPTIONS:
        target.setsockopt(level, option, source.getsockopt(level, option))
    with socket.socket() as plain:
        for size in _SIZES:
            chosen = source.getsockopt(socket.SOL_SOCKET, size)
            if chosen != plain.getsockopt(socket.SOL_SOCKET, size):
                # the system has doubled what was asked for
                target.setsockopt(socket.SOL_SOCKET, size, chosen // 2)
