"""A TCP proxy in front of NATS that loses what the server answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class ReplySwallower:
    """A TCP proxy before NATS that drops every byte of the server's after `swallow_after` bytes."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.swallow_after: int | None = None
        self.swallowed = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection(*self._target)
        limit, self.swallow_after = self.swallow_after, None
        await asyncio.gather(
            self._forward(reader, upstream_writer, None),
            self._forward(upstream_reader, writer, limit),
        )

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None
    ) -> None:
        forwarded = 0
        try:
            while data := await reader.read(4096):
                forwarded += len(data)
                if limit is not None and forwarded > limit:
                    self.swallowed += len(data)
                    continue
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]
