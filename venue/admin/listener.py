"""The venue's end of the admin socket: non-blocking, polled by the loop of trading.

Reads requests and hands them on, not knowing what they mean. A bad line is answered, not raised.
"""

import json
import os
import select
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from venue.admin.address import short_address, stream_socket
from venue.admin.caller import uid_of
from venue.data_directory import DataDirectory

_log = structlog.get_logger("admin")
MOST_REQUEST_BYTES = 1 << 20
MOST_CONNECTIONS = 256
"""Of one Unix account at once; one more is closed, and others come in all the same."""

Reply = Callable[[dict[str, Any]], None]
Answer = Callable[[dict[str, Any], Reply, int], None]
"""answer(request, reply, uid): calls reply once, now or later. uid: account that asks."""


class _Client:
    """A connection, what has come of its requests, and what it has not read of its answers."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.uid = uid_of(connection)
        self.received = bytearray()
        self.unsent = bytearray()


class AdminListener:
    """Serves `data_dir`/admin.sock, for its owner only, or for those of a group too."""

    def __init__(
        self,
        data_dir: Path,
        answer: Answer,
        group: int | None = None,
        path: Path | None = None,
    ) -> None:
        """group: a gid. path: serve this one instead. Raises OSError where it cannot be served."""
        self._path = path or DataDirectory(data_dir).admin_socket
        self._answer = answer
        self._path.unlink(missing_ok=True)
        self._listener = stream_socket()
        self._listener.setblocking(False)
        mask = os.umask(0o177)
        try:
            with short_address(self._path) as address:
                self._listener.bind(address)
        finally:
            os.umask(mask)
        if group is not None:
            _let_in(self._path, group)
        self._listener.listen(16)
        self._poller = select.poll()
        self._poller.register(self._listener, select.POLLIN)
        self._connections: dict[int, _Client] = {}

    def poll(self) -> None:
        """Accept and read what is there; returns at once."""
        while self._look():
            pass  # a request comes right behind its connection: a kill does not wait a turn for it
        for client in list(self._connections.values()):
            self._take_line(client)

    def _look(self) -> bool:
        """Do what the connections are ready for; whether there is a new one."""
        known = len(self._connections)
        ready = self._poller.poll(0)
        for descriptor, happened in ready:
            if descriptor == self._listener.fileno():
                self._accept()
            elif happened & select.POLLOUT:
                self._send(self._connections[descriptor])
            else:
                self._read(descriptor)
        return len(self._connections) > known

    def close(self) -> None:
        """Stop listening and remove the socket."""
        for descriptor in list(self._connections):
            self._drop(descriptor)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # the client has left, or no descriptor is free now
        connection.setblocking(False)
        client = _Client(connection)
        of_account = sum(other.uid == client.uid for other in self._connections.values())
        if of_account >= MOST_CONNECTIONS:
            connection.close()
            return
        self._connections[connection.fileno()] = client
        self._poller.register(connection, select.POLLIN)

    def _read(self, descriptor: int) -> None:
        client = self._connections[descriptor]
        received = client.received
        try:
            chunk = client.connection.recv(1 << 16)
        except OSError:
            chunk = b""  # the other end is gone: the connection is dropped below
        received += chunk
        if not chunk or len(received) > MOST_REQUEST_BYTES:
            self._drop(descriptor)
            return

    def _take_line(self, client: _Client) -> None:
        """Take one request, if it is whole and the client has read the answers before it."""
        end = client.received.find(b"\n")
        if end != -1 and not client.unsent:
            line = bytes(client.received[:end])
            del client.received[: end + 1]
            self._take(line, client)

    def _take(self, line: bytes, client: _Client) -> None:
        def reply(answer: dict[str, Any]) -> None:
            client.unsent += json.dumps(answer).encode() + b"\n"
            self._send(client)

        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise ValueError("a request is a JSON object")
        except (ValueError, RecursionError) as error:
            reply({"ok": False, "error": f"not understood: {error}"})
            return
        try:
            self._answer(request, reply, client.uid)
        except (ValueError, OverflowError, RecursionError) as error:  # text or numbers JSON has not
            reply({"ok": False, "error": f"not understood: {error}"})

    def _send(self, client: _Client) -> None:
        """Send what the client takes now; while there is a rest, nothing more is read from it."""
        try:
            del client.unsent[: client.connection.send(client.unsent)]
        except BlockingIOError:
            pass  # the rest goes when the client has read
        except OSError as error:
            _log.warning("an admin client left before its answer", error=str(error))
            client.unsent.clear()
        if client.connection.fileno() != -1:
            wanted = select.POLLOUT if client.unsent else select.POLLIN
            self._poller.modify(client.connection, wanted)

    def _drop(self, descriptor: int) -> None:
        client = self._connections.pop(descriptor)
        self._poller.unregister(descriptor)
        client.connection.close()


def _let_in(path: Path, group: int) -> None:
    """Let those of a group pass through the directory, where they list nothing, to the socket."""
    directory = path.parent
    os.chown(directory, -1, group)
    directory.chmod(stat.S_IMODE(directory.stat().st_mode) | stat.S_IXGRP)
    os.chown(path, -1, group)
    path.chmod(0o660)
