"""Messages taken in bulk, however the bytes of the socket are cut."""

import asyncio

import pytest

from venue.bus.bulk import BulkClient, _BulkParser

HEAD = b"NATS/1.0\r\nNats-Msg-Id: 7\r\n\r\n"
EVENT = b"HMSG venue.events.A._ 1 $JS.ACK.x %d %d\r\n" % (len(HEAD), len(HEAD) + 9)
WIRE = b"".join(
    [
        b"PING\r\n",
        EVENT + HEAD + b"pay\r\nload\r\n",
        b"+OK\r\n",
        b"MSG other 2 5\r\nMSG 1\r\n",
        b"MSG inbox.1 1 12\r\nxxxxxxxxxxxx\r\n",
        b"PING\r\n",
    ]
)
TAKEN = [(b"venue.events.A._", HEAD, b"pay\r\nload"), (b"inbox.1", b"", b"x" * 12)]


class _Client(BulkClient):
    """Notes what nats-py's own parser hands it, instead of a connection."""

    def __init__(self) -> None:
        super().__init__()
        self.pings = 0
        self.others: list[tuple[int, bytes]] = []

    async def _process_ping(self) -> None:
        self.pings += 1

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes
    ) -> None:
        self.others.append((sid, data))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, len(WIRE)])
def test_every_cut_gives_the_same_messages(size: int) -> None:
    client = _Client()
    taken: list[tuple[bytes, bytes, bytes]] = []
    parser = _BulkParser(client, {1: lambda *message: taken.append(message)})

    async def scenario() -> None:
        for begin in range(0, len(WIRE), size):
            await parser.parse(WIRE[begin : begin + size])

    asyncio.run(scenario())
    assert taken == TAKEN
    assert client.others == [(2, b"MSG 1")]
    assert client.pings == 2
