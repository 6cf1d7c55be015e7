"""What one socket sends: messages at once where there is room, else as the client reads them.

Knows the connection and the outbox. It ends the connection where the outbox has ended: with a
reason, and after some seconds also against a client that reads nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
from starlette.websockets import WebSocketDisconnect

from venue.gateway.streams.feed import encode
from venue.gateway.streams.outbox import Bounds, Outbox
from venue.gateway.streams.wire import GONE, Line

CLOSE_SECONDS = 5.0
"""So long who is closed may take to read why."""


class Sending:
    """line: the connection. close: ends it with a code and a reason, which the client reads."""

    def __init__(
        self, line: Line, close: Callable[[int, str], Awaitable[None]], bounds: Bounds
    ) -> None:
        self._line = line
        self._close = close
        self.outbox = Outbox(self._wake, time.monotonic, bounds, line.write_now)
        self._room_bytes = bounds.conflate_bytes // 2
        self._has_room = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    def say(self, message: msgspec.Struct) -> None:
        """Send a message that is not left out."""
        self.outbox.put(encode(message))

    async def room(self) -> None:
        """Wait while much waits for the client: who asks and does not read is not answered."""
        if self.outbox.ending is None and self.outbox.waiting_bytes > self._room_bytes:
            self._has_room.clear()
            await self._has_room.wait()

    async def stop(self) -> None:
        """Send nothing more; the client has gone, or is being closed."""
        if self._running is not None:
            self._running.cancel()
        if self._closing is not None:
            await self._closing

    def _wake(self) -> None:
        if self.outbox.ending is None:
            if self._running is None:
                self._running = asyncio.create_task(self._run())
        elif self._closing is None:
            self._has_room.set()
            self._closing = asyncio.create_task(self._end(*self.outbox.ending))

    async def _end(self, code: int, reason: str) -> None:
        asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._line.abort)
        if self._running is not None:
            self._running.cancel()
        try:
            await self._close(code, reason)
        except (WebSocketDisconnect, RuntimeError, OSError):
            return  # it has ended meanwhile

    async def _run(self) -> None:
        """Send what waits; ends where nothing does."""
        try:
            while (payload := self.outbox.next()) is not None:
                await self._line.write(payload)
                self.outbox.sent()
                if self.outbox.waiting_bytes <= self._room_bytes:
                    self._has_room.set()
            self._running = None
        except GONE:  # the socket hears of its end too
            self._has_room.set()
