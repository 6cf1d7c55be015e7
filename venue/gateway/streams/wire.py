"""Uvicorn's WebSocket connection, with a way to write a message at once and one to cut it off.

Knows uvicorn's protocol (uvicorn.protocols.websockets) and frames of RFC 6455. A message that goes
to thousands of sockets is written to each without a task switch, which ASGI's `send` needs.
"""

from typing import Protocol

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

EXTENSION = "venue.wire"
"""Key of the connection in ASGI's scope, among `extensions`."""
_TEXT_FINAL = 0x81
_SHORT, _TWO_BYTES, _EIGHT_BYTES = 125, 126, 127


class Line(Protocol):
    """What a socket needs of its connection."""

    def write_now(self, payload: bytes) -> bool:
        """Write a text message if it can be written at once. Returns whether it was."""

    async def write(self, payload: bytes) -> None:
        """Write a text message as soon as there is room. Raises ConnectionError at its end."""

    def abort(self) -> None:
        """Cut the connection off; what waits is lost."""


class Wire(WebSocketsSansIOProtocol):
    """A connection as `Line`. Messages are not compressed: uvicorn has to be told so."""

    def handle_connect(self, event: Request) -> None:
        """Take the handshake, and give the application this connection."""
        super().handle_connect(event)
        if hasattr(self, "scope"):  # else the handshake was refused
            extensions = self.scope["extensions"]
            assert extensions is not None
            extensions[EXTENSION] = self  # type: ignore[assignment]

    @property
    def _is_open(self) -> bool:
        closed = self.close_sent or self.disconnected or self.transport.is_closing()
        return self.handshake_complete and not closed

    def write_now(self, payload: bytes) -> bool:
        """Write a text message if it can be written at once. Returns whether it was."""
        if not self.writable.is_set() or not self._is_open:
            return False
        self.transport.write(_head(len(payload)) + payload)
        return True

    async def write(self, payload: bytes) -> None:
        """Write a text message as soon as there is room. Raises ConnectionError at its end."""
        await self.writable.wait()
        if not self._is_open:
            raise ConnectionError("the socket has ended")
        self.transport.write(_head(len(payload)) + payload)

    def abort(self) -> None:
        """Cut the connection off; what waits is lost."""
        self.transport.abort()


def _head(length: int) -> bytes:
    """Head of a frame from the server, which is not masked (RFC 6455, 5.2)."""
    if length <= _SHORT:
        return bytes((_TEXT_FINAL, length))
    if length < 1 << 16:
        return bytes((_TEXT_FINAL, _TWO_BYTES)) + length.to_bytes(2, "big")
    return bytes((_TEXT_FINAL, _EIGHT_BYTES)) + length.to_bytes(8, "big")


GONE = (ClientDisconnected, ConnectionError)
"""What is raised where the other end has gone."""
