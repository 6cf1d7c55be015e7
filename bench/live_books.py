"""What readers of market data cost a process that serves them: books made here, it is watched.

Knows NATS, whose messages the process follows, and nothing of how it serves them.
"""

import asyncio
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
from nats.aio.client import Client as NatsClient
from nats.aio.msg import Msg

from bench.machine import ROOT, all_cpu_ns, rss_bytes
from bench.subscribers import SYMBOLS, Heard
from venue.bus.connection import connected
from venue.bus.subjects import ALL_SNAPSHOTS
from venue.domain.events import NO_SYMBOL
from venue.marketdata.levels import Levels
from venue.marketdata.messages import (
    ORDER_BY_ORDER,
    Snapshot,
    SymbolList,
    market_data_subject,
)
from venue.servers.child import Child


class Measured(NamedTuple):
    """What readers have heard. used_ns: the process's processor meanwhile. each_kib: its memory."""

    heard: Heard
    used_ns: int
    seconds: float
    each_kib: float


class Feed(ABC):
    """Books of SYMBOLS, empty before the first update."""

    def __init__(self, client: NatsClient) -> None:
        self._client = client

    async def answer(self, question: Msg) -> None:
        """Answer who asks for the symbols or for a book."""
        symbol = question.subject.partition(".")[2]
        answer: SymbolList | Snapshot = SymbolList(symbols=SYMBOLS)
        if symbol != NO_SYMBOL:
            answer = Snapshot(
                symbol=symbol, epoch=1, seq=0, event_seq=0, timestamp_ns=0, page=1, pages=1,
                checksum=Levels().checksum(), orders=(),
            )  # fmt: skip
        await question.respond(msgspec.json.encode(answer))

    @abstractmethod
    async def run(self, seconds: float) -> None:
        """Publish updates, evenly."""

    async def publish(self, symbol: str, update: bytes) -> None:
        """Publish an update of a symbol."""
        await self._client.publish(market_data_subject(symbol, ORDER_BY_ORDER), update)

    async def flush(self) -> None:
        """Have all of it at the server."""
        await self._client.flush()


async def measure(
    nats_url: str,
    process: Child,
    feed_of: Callable[[NatsClient], Feed],
    wait: Callable[[], None],
    reading: Sequence[str],
    readers: int,
    seconds: float,
) -> Measured:
    """Feed the process for so many seconds while another one reads.

    wait: until the process serves. reading: module and arguments of the reader, which says `ready`
    once all readers are there, and in the end what they have heard.
    """
    async with connected(nats_url, "bench-feed") as connection:
        feed = feed_of(connection.client)
        await connection.client.subscribe(ALL_SNAPSHOTS, cb=feed.answer)
        await asyncio.to_thread(wait)
        alone = rss_bytes(process.pid)
        argv = [sys.executable, "-m", *reading]
        reader = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        try:
            assert reader.stdout is not None
            assert await asyncio.to_thread(reader.stdout.readline) == "ready\n"
            each_kib = (rss_bytes(process.pid) - alone) / readers / 1024
            before_ns, began = all_cpu_ns(process.pid), time.monotonic()
            await feed.run(seconds)
            took, used_ns = time.monotonic() - began, all_cpu_ns(process.pid) - before_ns
            output, _ = await asyncio.to_thread(reader.communicate)
        finally:
            if reader.poll() is None:
                reader.kill()
            reader.wait()
    heard = msgspec.json.decode(output.splitlines()[-1], type=Heard)
    return Measured(heard, used_ns, took, each_kib)
