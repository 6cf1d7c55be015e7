"""What readers of market data cost on NATS: delay to each, and the server's processor for them.

Usage of one measurement's readers: BENCH_NATS_URL=... python -m bench.subscribers READERS
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from bench.machine import all_cpu_ns, load_average, rss_bytes
from bench.options import Options
from bench.table import Row
from venue.bus.connection import connected
from venue.domain.types import Side
from venue.load.quantiles import Quantiles
from venue.marketdata.messages import (
    Action,
    OrderByOrder,
    OrderChange,
    market_data_subject,
)
from venue.servers import nats

READERS = (25, 50, 100, 200)
SYMBOLS = ("ACME", "GLOBEX", "INITECH", "UMBRELLA")
UPDATES_A_SECOND = 1_000
TARGET_P99_MS = 50.0
_NATS_URL = "BENCH_NATS_URL"
_END = "md.END.l3"
_SECONDS_MAX = 120.0


class Heard(NamedTuple):
    """What the readers of one run have heard, in all; lost: so many were cut off as too slow."""

    messages: int
    lost: int
    p50_ms: float
    p99_ms: float


class _Stamped(msgspec.Struct):
    timestamp_ns: int


def rows(options: Options) -> list[Row]:
    """Delay at 1,000 updates a second of four symbols, for so many readers of all of them."""
    return [_row(options, readers) for readers in READERS]


def _row(options: Options, readers: int) -> Row:
    with options.scratch("subscribers") as scratch:
        server = nats.start(scratch)
        try:
            assert server.pid is not None
            alone = rss_bytes(server.pid)
            with reading(server.url, readers) as process:
                each_kib = (rss_bytes(server.pid) - alone) / readers / 1024
                before_ns, busy = all_cpu_ns(server.pid), load_average()
                began = time.monotonic()
                asyncio.run(_publish(server.url, options.closed_seconds))
                took = time.monotonic() - began
                used_ns = all_cpu_ns(server.pid) - before_ns
                output, _ = process.communicate(timeout=_SECONDS_MAX)
        finally:
            server.stop()
    heard = msgspec.json.decode(output.splitlines()[-1], type=Heard)
    share = used_ns / 1e9 / took / readers * 100
    return Row(
        f"market data, {readers} NATS readers of {len(SYMBOLS)} symbols at {UPDATES_A_SECOND:,}/s",
        f"p99 {TARGET_P99_MS:g} ms",
        f"p50 {heard.p50_ms:.2f}, p99 {heard.p99_ms:.2f} ms; nats-server {share:.2f} % of a core a "
        f"reader, {used_ns / 1e3 / max(heard.messages, 1):.2f} us a message",
        TARGET_P99_MS / max(heard.p99_ms, 0.01),
        heard.p99_ms <= TARGET_P99_MS and not heard.lost,
        f"{heard.messages:,} messages delivered in {took:.0f} s, {heard.lost} readers lost; "
        f"nats-server {each_kib:.0f} KiB a reader; {busy}",
    )


@contextmanager
def reading(nats_url: str, readers: int) -> Iterator["subprocess.Popen[str]"]:
    """The readers in a process of their own, all of which have subscribed."""
    argv = [sys.executable, "-m", "bench.subscribers", str(readers)]
    environment = {**os.environ, _NATS_URL: nats_url}  # not for everybody's eyes in `ps`
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


async def _publish(nats_url: str, seconds: float) -> None:
    """An update of each symbol at a time, evenly; then the end."""
    step = len(SYMBOLS) / UPDATES_A_SECOND
    async with connected(nats_url, "bench") as connection:
        client, clock = connection.client, asyncio.get_running_loop().time
        began = clock()
        for number in range(int(seconds / step)):
            await asyncio.sleep(max(began + number * step - clock(), 0))
            for symbol in SYMBOLS:
                await client.publish(market_data_subject(symbol, "l3"), _update(symbol, number))
        await client.publish(_END, b"")
        await client.flush()


def _update(symbol: str, number: int) -> bytes:
    changes = tuple(
        OrderChange(action, f"{number:016x}", Side.BUY, "100.25", "1200")
        for action in (Action.NEW, Action.CHANGE)
    )
    message = OrderByOrder(
        event_seq=number, timestamp_ns=time.time_ns(), symbol=symbol, seq=number, update=number,
        epoch=1, changes=changes, checksum=number,
    )  # fmt: skip
    return msgspec.json.encode(message)


async def read(nats_url: str, readers: int) -> Heard:
    """Hear everything until the end, on so many connections."""
    delays, decoder, lost = Quantiles(), msgspec.json.Decoder(_Stamped), 0

    async def hear(is_there: asyncio.Event) -> None:
        nonlocal lost
        ended = asyncio.Event()

        def take(_subject: bytes, _head: bytes, payload: bytes) -> None:
            if payload:
                delays.record(max(time.time_ns() - decoder.decode(payload).timestamp_ns, 0))
            else:
                ended.set()

        async with connected(nats_url, "reader") as connection:
            connection.on_lost = ended.set
            await connection.client.take("md.*.l3", take)
            await connection.client.flush()
            is_there.set()
            await ended.wait()
            lost += not connection.client.is_connected

    async with asyncio.TaskGroup() as group:
        for _ in range(readers):
            is_there = asyncio.Event()
            group.create_task(hear(is_there))
            await is_there.wait()
        print("ready", flush=True)
    p50, p99 = (delays.quantile(fraction) / 1e6 for fraction in (0.5, 0.99))
    return Heard(delays.count, lost, p50, p99)


if __name__ == "__main__":
    print(msgspec.json.encode(asyncio.run(read(os.environ[_NATS_URL], int(sys.argv[1])))).decode())
