"""The venue's end of the admin socket: non-blocking, polled by the loop of trading.

Reads requests and hands them on, not knowing what they mean. A bad line is answered, not raised.
"""

import json
import os
import select
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from venue.admin.address import SOCKET_NAME, short_address, stream_socket

_log = structlog.get_logger("admin")
MOST_REQUEST_BYTES = 1 << 20

Reply = Callable[[dict[str, Any]], None]
Answer = Callable[[dict[str, Any], Reply], None]
"""answer(request, reply): calls reply once, now or later."""


class AdminListener:
    """Serves `data_dir`/admin.sock, readable and writable by the owner only."""

    def __init__(self, data_dir: Path, answer: Answer) -> None:
        self._path = data_dir / SOCKET_NAME
        self._answer = answer
        self._path.unlink(missing_ok=True)
        self._listener = stream_socket()
        self._listener.setblocking(False)
        mask = os.umask(0o177)
        try:
            with short_address(data_dir) as address:
                self._listener.bind(address)
        finally:
            os.umask(mask)
        self._listener.listen(16)
        self._poller = select.poll()
        self._poller.register(self._listener, select.POLLIN)
        self._connections: dict[int, tuple[socket.socket, bytearray]] = {}

    def poll(self) -> None:
        """Accept and read what is there; returns at once."""
        for descriptor, _ in self._poller.poll(0):
            if descriptor == self._listener.fileno():
                connection, _ = self._listener.accept()
                connection.setblocking(False)
                self._connections[connection.fileno()] = (connection, bytearray())
                self._poller.register(connection, select.POLLIN)
            else:
                self._read(descriptor)

    def close(self) -> None:
        """Stop listening and remove the socket."""
        for descriptor in list(self._connections):
            self._drop(descriptor)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _read(self, descriptor: int) -> None:
        connection, received = self._connections[descriptor]
        try:
            chunk = connection.recv(1 << 16)
        except OSError:
            chunk = b""  # the other end is gone: the connection is dropped below
        received += chunk
        if not chunk or len(received) > MOST_REQUEST_BYTES:
            self._drop(descriptor)
            return
        while (end := received.find(b"\n")) != -1:
            line = bytes(received[:end])
            del received[: end + 1]
            self._take(line, descriptor)

    def _take(self, line: bytes, descriptor: int) -> None:
        connection = self._connections[descriptor][0]

        def reply(answer: dict[str, Any]) -> None:
            try:
                connection.setblocking(True)
                connection.settimeout(1.0)
                connection.sendall(json.dumps(answer).encode() + b"\n")
                connection.setblocking(False)
            except OSError as error:
                _log.warning("an admin client left before its answer", error=str(error))

        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise ValueError("a request is a JSON object")
        except (ValueError, RecursionError) as error:
            reply({"ok": False, "error": f"not understood: {error}"})
            return
        self._answer(request, reply)

    def _drop(self, descriptor: int) -> None:
        connection, _ = self._connections.pop(descriptor)
        self._poller.unregister(descriptor)
        connection.close()
