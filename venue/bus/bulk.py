"""A NATS client that sends and takes its own messages in bulk, and leaves the rest to nats-py.

May know NATS' wire protocol. nats-py spends 13 us on each incoming message (objects, headers, a
queue, a task switch), this client 2 us. Must never let a message overtake another.
"""

import re
from collections.abc import Callable, Sequence

from nats.aio.client import Client
from nats.errors import ConnectionClosedError
from nats.protocol.parser import Parser

Take = Callable[[bytes, bytes, bytes], None]
"""A callback: gets subject, header block (empty if there is none) and payload. Must not raise."""

_MESSAGE = re.compile(
    rb"(?:HMSG (\S+) (\d+) (?:\S+ )?(\d+) (\d+)|MSG (\S+) (\d+) (?:\S+ )?(\d+))\r\n"
)
_LINE_END = b"\r\n"
_HEADER_BYTES_MAX = 512


class BulkClient(Client):
    """nats-py's client with two more ways: `take` instead of a callback, `send` of many at once."""

    def __init__(self) -> None:
        super().__init__()
        self._takers: dict[int, Take] = {}
        self._ps = _BulkParser(self, self._takers)

    @property
    def payload_bytes_max(self) -> int:
        """The longest payload that the server takes behind the headers of the venue's messages."""
        return self.max_payload - _HEADER_BYTES_MAX

    async def take(self, subject: str, take: Take) -> None:
        """Subscribe; `take` is called for each message as it is read from the socket."""
        subscription = await self.subscribe(subject)
        self._takers[subscription._id] = take

    async def send(self, frames: Sequence[bytes]) -> None:
        """Send frames made by `frame`, each payload at most `payload_bytes_max` long.

        Raises nats.errors.Error when the connection is gone.
        """
        if not self.is_connected:
            raise ConnectionClosedError
        await self._send_command(b"".join(frames))
        await self._flush_pending()


def frame(subject: str, payload: bytes, headers: str, reply: str = "") -> bytes:
    """One message as `BulkClient.send` takes it; `headers` are whole lines, each with its end."""
    head = f"NATS/1.0\r\n{headers}\r\n".encode()
    length = len(head)
    line = f"HPUB {subject} {reply} {length} {length + len(payload)}\r\n".encode()
    return b"%b%b%b\r\n" % (line, head, payload)


class _BulkParser(Parser):
    """Calls the takers of messages taken in bulk, and gives every other frame to nats-py."""

    def __init__(self, client: Client, takers: dict[int, Take]) -> None:
        self._takers = takers
        super().__init__(client)

    def reset(self) -> None:
        super().reset()
        self._rest = b""

    async def parse(self, data: bytes = b"") -> None:
        buffer = self._rest + data
        begin, size = 0, len(buffer)
        while begin < size:
            message = _MESSAGE.match(buffer, begin)
            if message is None:
                end = buffer.find(_LINE_END, begin) + len(_LINE_END)
                if end < len(_LINE_END):
                    break
            else:
                to, sid, head, total, plain_to, plain_sid, plain_total = message.groups()
                at = message.end()
                end = at + int(total or plain_total) + len(_LINE_END)
                if end > size:
                    break
                take = self._takers.get(int(sid or plain_sid))
                if take is not None:
                    body = at + int(head or 0)
                    take(to or plain_to, buffer[at:body], buffer[body : end - 2])
                    begin = end
                    continue
            line, begin = buffer[begin:end], end
            await super().parse(line)
        self._rest = buffer[begin:]
