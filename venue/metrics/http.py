"""A port that answers GET for a few paths, and nothing else: one answer, then it closes.

Knows HTTP/1.1 as far as Prometheus, probes and curl need it. A client that is slow or sends much is
cut off.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import NamedTuple

REQUEST_SECONDS = 5.0
MOST_BYTES = 8_192
MOST_CLIENTS = 32
"""At a port at once; further ones are turned away."""
_HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d+)?")
PLAIN = "text/plain; charset=utf-8"


class Reply(NamedTuple):
    """What a path answers."""

    status: HTTPStatus
    body: bytes
    content_type: str = PLAIN


Answer = Callable[[str, str], Awaitable[Reply | None]]
"""Gets path and host, as the client has asked for them; None: there is no such path."""


class Port:
    """One port. `open` begins to listen."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._clients = 0

    async def open(self, host: str, port: int) -> None:
        """Listen. Raises OSError."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=MOST_BYTES)

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients += 1
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                await self._reply(reader, writer)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # this client hears nothing; the next one is served
        finally:
            self._clients -= 1
            writer.close()

    async def _reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._clients > MOST_CLIENTS:
            reply = Reply(HTTPStatus.SERVICE_UNAVAILABLE, b"too many ask at once\n")
        else:
            head = await reader.readuntil(b"\r\n\r\n")
            first, *lines = head.split(b"\r\n")
            reply = await self._replied(first.split(b" "), _host_in(lines))
        status = reply.status
        writer.write(
            f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {reply.content_type}\r\n"
            f"Content-Length: {len(reply.body)}\r\nCache-Control: no-store\r\n"
            "Connection: close\r\n\r\n".encode()
            + reply.body
        )
        await writer.drain()

    async def _replied(self, words: list[bytes], host: str) -> Reply:
        if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
            return Reply(HTTPStatus.BAD_REQUEST, b"this is no request of HTTP/1.1\n")
        if words[0] != b"GET":
            return Reply(HTTPStatus.METHOD_NOT_ALLOWED, b"only GET\n")
        path = words[1].partition(b"?")[0].decode("ascii", "replace")
        reply = await self._answer(path, host)
        return reply or Reply(HTTPStatus.NOT_FOUND, b"/metrics, /healthz or /readyz\n")


def _host_in(lines: list[bytes]) -> str:
    """The host of the Host header, without its port; empty: there is none that is one."""
    for line in lines:
        name, _, value = line.partition(b":")
        if name.lower() == b"host":
            found = _HOST.fullmatch(value.strip().decode("ascii", "replace"))
            return found[1] if found else ""
    return ""
