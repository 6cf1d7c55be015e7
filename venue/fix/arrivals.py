"""Incoming connections: accepts them, chooses those to read now, closes those that are too late.

Knows links and stages, never what a message says. While earlier messages of a connection wait it is
not read; its bytes then wait in the buffers of the client's own machine.
"""

import os
import resource
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import structlog

from venue.addresses import address_key
from venue.admin.address import short_address
from venue.data_directory import DataDirectory
from venue.fix.connection import Connection
from venue.fix.link import GateLink, Link, TcpLink
from venue.fix.stage import Stage
from venue.peer import Peer, read_peer
from venue.rate_cap import RateCap

_log = structlog.get_logger("fix")
_BACKLOG = 256
_ACCEPTED_AT_ONCE = 4
_LOGON_SECONDS = 10.0
_MOST_WAITING = 100
_MOST_STRANGERS = 1_000
"""Of those that are no session's, whatever they wait for: each takes a descriptor, and a look. Half
of all descriptors at most, for the journal needs some."""
_COUNT_SECONDS = 0.1
_TOLD_SECONDS = 1.0
_MOST_UNREAD_BYTES = 1 << 20
_CONNECTIONS_A_MINUTE = 3_000


class ListenError(Exception):
    """The address cannot be listened on; text says why."""


class GateSocket:
    """The packet socket in the data directory at which gates hand in connections.

    kind: of the sessions that log on over them.
    """

    def __init__(self, data_dir: Path, kind: str = "trading") -> None:
        self._path = DataDirectory(data_dir).gate_socket(kind)
        self._path.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        mask = os.umask(0o177)
        try:
            with short_address(self._path) as address:
                self.socket.bind(address)
        finally:
            os.umask(mask)

    def close(self) -> None:
        """Close and remove it."""
        self.socket.close()
        self._path.unlink(missing_ok=True)


class Arrivals:
    """All connections. listener: a bound TCP socket. gates: where gates hand connections in.

    seconds: how long the first message may take. most: how many connections may wait for their
    first message; one more closes the one that has waited longest. a_minute: how many connections
    one address may open; what a gate hands in, the gate has counted.
    """

    def __init__(
        self,
        listener: socket.socket,
        gates: GateSocket | None,
        seconds: float = _LOGON_SECONDS,
        most: int = _MOST_WAITING,
        a_minute: int = _CONNECTIONS_A_MINUTE,
    ) -> None:
        self._rate = RateCap(a_minute)
        self._seconds = seconds
        self._most = most
        self._listener = listener
        self._gates = gates
        self._gate_listener = None if gates is None else gates.socket
        self._epoll = select.epoll()
        self._connections: dict[int, Connection] = {}
        self._paused: set[int] = set()
        self._unnamed: dict[int, tuple[socket.socket, float]] = {}
        self._waiting: list[Connection] = []
        self._strangers: list[Connection] = []
        self._count_at = self._told_at = 0.0
        self._refused = 0

    def open(self) -> None:
        """Begin to listen."""
        for each in filter(None, (self._listener, self._gate_listener)):
            each.setblocking(False)
            each.listen(_BACKLOG)
            self._epoll.register(each, select.EPOLLIN)

    def fileno(self) -> int:
        """Descriptor that is readable when a listener or a connection has something."""
        return self._epoll.fileno()

    def __iter__(self) -> Iterator[Connection]:
        """All connections."""
        return iter(list(self._connections.values()))

    def wait(self, seconds: float) -> None:
        """Wait until `poll` has something to do, at most so long."""
        self._epoll.poll(seconds, 1)

    def poll(self) -> list[Connection]:
        """Accept new connections. Returns those that have sent something and may be read."""
        if self._paused:
            self._resume()
        ready: list[Connection] = []
        for descriptor, _ in self._epoll.poll(0):
            connection = self._connections.get(descriptor)
            if connection is None:
                self._other_event(descriptor)
            elif not is_held_back(connection):
                ready.append(connection)
            elif descriptor not in self._paused:
                self._paused.add(descriptor)
                self._epoll.modify(descriptor, 0)
        return ready

    def forget(self, connection: Connection) -> None:
        """Stop reading a connection; its link stays open."""
        descriptor = connection.link.fileno()
        if self._connections.get(descriptor) is connection:
            del self._connections[descriptor]
            self._paused.discard(descriptor)
            self._epoll.unregister(descriptor)

    def close_late(self, now: float) -> None:
        """Close the gates' connections that have not said in time whose they are.

        Logs how many connections were refused besides, in one line: they may be thousands.
        """
        if self._refused and now >= self._told_at + _TOLD_SECONDS:
            _log.warning("connections refused: too many at once", times=self._refused)
            self._refused, self._told_at = 0, now
        for descriptor, (connection, until) in list(self._unnamed.items()):
            if now > until:
                self._drop_unnamed(descriptor, connection, "the gate did not say whose it is")

    def close(self) -> None:
        """Stop listening and close everything."""
        for connection in self:
            connection.link.close()
        for unnamed, _ in self._unnamed.values():
            unnamed.close()
        self._connections.clear()
        self._epoll.close()
        self._listener.close()
        if self._gates is not None:
            self._gates.close()

    def _resume(self) -> None:
        for descriptor in list(self._paused):
            if not is_held_back(self._connections[descriptor]):
                self._paused.discard(descriptor)
                self._epoll.modify(descriptor, select.EPOLLIN)

    def _other_event(self, descriptor: int) -> None:
        if descriptor == self._listener.fileno():
            self._accept(self._listener)
        elif self._gate_listener is not None and descriptor == self._gate_listener.fileno():
            self._accept(self._gate_listener)
        elif descriptor in self._unnamed:
            self._name(descriptor)

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                connection, address = listener.accept()
            except BlockingIOError:
                return
            except OSError as error:  # gone again, or no descriptor left
                _log.warning("a connection was not accepted", error=str(error))
                return
            connection.setblocking(False)
            if listener is self._gate_listener:
                self._unnamed[connection.fileno()] = (
                    connection,
                    time.monotonic() + self._seconds,
                )
                self._epoll.register(connection, select.EPOLLIN)
            elif not self._rate.take(address_key(address[0]), time.monotonic()):
                connection.close()
                self._refused += 1
            else:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._add(TcpLink(connection, Peer(address[0], address[1])))

    def _name(self, descriptor: int) -> None:
        """The first packet of a gate's connection says whose it is."""
        connection, _ = self._unnamed[descriptor]
        try:
            peer = read_peer(connection.recv(1 << 16))
        except (OSError, ValueError) as error:
            self._drop_unnamed(descriptor, connection, str(error))
            return
        del self._unnamed[descriptor]
        self._epoll.unregister(descriptor)
        self._add(GateLink(connection, peer))

    def _add(self, link: Link) -> None:
        now = time.monotonic()
        if not self._has_room(now):
            link.close()
            return
        self._waiting = [
            each for each in self._waiting if each.stage is Stage.ARRIVED and self._knows(each)
        ]
        if len(self._waiting) >= self._most:
            self.drop(self._waiting[0], "too many wait")
        connection = Connection(link, now + self._seconds)
        self._waiting.append(connection)
        self._strangers.append(connection)
        self._connections[link.fileno()] = connection
        self._epoll.register(link.fileno(), select.EPOLLIN)

    def _has_room(self, now: float) -> bool:
        """Whether there is room for one more that is no session's. Counts them now and then."""
        most = min(_MOST_STRANGERS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
        if len(self._strangers) >= most and now >= self._count_at:
            self._count_at = now + _COUNT_SECONDS
            on = (Stage.ON, Stage.ENDING)
            self._strangers = [
                each for each in self._strangers if each.stage not in on and self._knows(each)
            ]
        if len(self._strangers) < most:
            return True
        self._refused += 1
        return False

    def _knows(self, connection: Connection) -> bool:
        return self._connections.get(connection.link.fileno()) is connection

    def drop(self, connection: Connection, why: str) -> None:
        """Close a connection that is no session's."""
        _log.info("connection closed before a logon", address=str(connection.link.peer), why=why)
        self.forget(connection)
        connection.link.close()

    def _drop_unnamed(self, descriptor: int, connection: socket.socket, why: str) -> None:
        _log.warning("a gate's connection was closed", why=why)
        del self._unnamed[descriptor]
        self._epoll.unregister(descriptor)
        connection.close()


def is_held_back(connection: Connection) -> bool:
    """Whether the connection is not to be read now, because earlier messages of it still wait.

    Who has gone will not read what waits for him.
    """
    return (
        connection.stage is Stage.DECIDING
        or bool(connection.held)
        or (len(connection.out) > _MOST_UNREAD_BYTES and connection.link.ended is None)
    )


def bind(host: str, port: int, buffer_bytes: tuple[int, int] = (0, 0)) -> socket.socket:
    """Socket bound to host and port (0: a free one). Raises ListenError.

    buffer_bytes: of what it accepts, to send and to receive; 0: the system's own sizes.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for option, size in zip((socket.SO_SNDBUF, socket.SO_RCVBUF), buffer_bytes, strict=True):
        if size:
            listener.setsockopt(socket.SOL_SOCKET, option, size)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ListenError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listener


__all__ = ["Arrivals", "GateSocket", "ListenError", "bind"]
