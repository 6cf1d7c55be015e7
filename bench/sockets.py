"""What WebSockets of the gateway cost: delay to each, memory and the gateway's processor for them.

The gateway runs as it does in a venue; its books come from a feed made here. Usage of one
measurement's readers: python -m bench.sockets PORT SOCKETS
"""

import asyncio
import base64
import json
import os
import selectors
import socket
import sys
import time
from decimal import Decimal
from pathlib import Path

import msgspec
from nats.aio.client import Client as NatsClient

from bench.live_books import Feed, measure
from bench.machine import ROOT, load_average
from bench.options import Options
from bench.subscribers import SYMBOLS, TARGET_P99_MS, Heard
from bench.table import Row
from venue.domain.types import Side
from venue.load.quantiles import Quantiles
from venue.marketdata.levels import Levels
from venue.marketdata.messages import (
    Action,
    OrderByOrder,
    OrderChange,
)
from venue.servers import nats
from venue.servers.child import Child, spawn
from venue.servers.open_files import allow_most_open_files
from venue.servers.ports import free_port

SOCKETS = (200, 2_000)
UPDATES_A_SECOND = 20
"""Of all symbols: each is of one book, which a quarter of the sockets hear."""
CONNECTS_A_SECOND = 150
"""The gateway takes 200 requests a second of one address."""
_PRICE = "100.25"
_READY_SECONDS = 60.0
_QUIET_SECONDS = 3.0
_STAMP = b'"timestamp_ns":'
_PING, _PONG = b"\x89\x04", b"\x8a\x84\x00\x00\x00\x00"
"""Heads of uvicorn's ping, and of the answer with a mask of zeros; four bytes follow."""


def rows(options: Options) -> list[Row]:
    """Delay for so many sockets, each of which hears one book."""
    return [_row(options, sockets) for sockets in SOCKETS]


def _row(options: Options, sockets: int) -> Row:
    with options.scratch("sockets") as scratch:
        server = nats.start(scratch)
        port = free_port()
        process = _started(scratch, server.url, port)
        try:
            found = asyncio.run(
                measure(
                    server.url,
                    process,
                    _Feed,
                    lambda: _wait_until_it_knows_the_books(port),
                    ("bench.sockets", str(port), str(sockets)),
                    sockets,
                    options.closed_seconds,
                )
            )
        finally:
            process.stop(seconds=5.0)
            server.stop()
    heard, share = found.heard, found.used_ns / 1e9 / found.seconds * 100
    rate = UPDATES_A_SECOND * sockets // len(SYMBOLS)
    return Row(
        f"gateway, {sockets:,} WebSockets of a book each, {rate:,} messages/s in all",
        f"p99 {TARGET_P99_MS:g} ms",
        f"p50 {heard.p50_ms:.2f}, p99 {heard.p99_ms:.2f} ms; gateway {share:.0f} % of a core, "
        f"{found.used_ns / 1e3 / max(heard.messages, 1):.1f} us a message, "
        f"{found.each_kib:.0f} KiB a socket",
        TARGET_P99_MS / max(heard.p99_ms, 0.01),
        heard.p99_ms <= TARGET_P99_MS and not heard.lost,
        f"{heard.messages:,} messages in {found.seconds:.0f} s, {heard.lost} sockets lost; "
        f"{load_average()}",
    )


def _started(scratch: Path, nats_url: str, port: int) -> Child:
    """The gateway, without members and without a ledger."""
    (scratch / "data").mkdir(mode=0o700)
    argv = [sys.executable, "-P", "-m", "venue", "run", "gateway"]
    argv += ["--data-dir", str(scratch / "data"), "--config", str(ROOT / "venue.toml")]
    argv += ["--set", f"gateway.port={port}", "--set", "gateway.sockets_per_address=100000"]
    nobody = "postgresql://nobody@127.0.0.1:1/none"
    environment = {**os.environ, "VENUE_NATS_URL": nats_url}
    environment |= {"VENUE_DATABASE_URL": nobody, "VENUE_DATABASE_READER_URL": nobody}
    return spawn("gateway", argv, log_file=scratch / "log", environment=environment)


def _wait_until_it_knows_the_books(port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as asking:
                asking.sendall(b"GET /v1/tickers HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                answer = b"".join(iter(lambda: asking.recv(1 << 16), b""))
        except OSError:
            answer = b""
        if all(symbol.encode() in answer for symbol in SYMBOLS):
            return
        time.sleep(0.1)
    raise TimeoutError("the gateway does not know the books")


class _Feed(Feed):
    """A book of one order for each symbol; each update gives it another quantity."""

    def __init__(self, client: NatsClient) -> None:
        super().__init__(client)
        self._checksums = {text: _checksum(text) for text in ("1200", "1300")}

    async def run(self, seconds: float) -> None:
        """An update of one symbol after the other, evenly."""
        step, clock = 1 / UPDATES_A_SECOND, asyncio.get_running_loop().time
        began = clock()
        for number in range(int(seconds / step)):
            await asyncio.sleep(max(began + number * step - clock(), 0))
            symbol, seq = SYMBOLS[number % len(SYMBOLS)], number // len(SYMBOLS) + 1
            update = self._update(symbol, seq)
            await self.publish(symbol, update)
        await self.flush()

    def _update(self, symbol: str, seq: int) -> bytes:
        quantity = "1200" if seq % 2 else "1300"
        action = Action.NEW if seq == 1 else Action.CHANGE
        message = OrderByOrder(
            event_seq=seq, timestamp_ns=time.time_ns(), symbol=symbol, seq=seq, update=seq,
            epoch=1, changes=(OrderChange(action, symbol, Side.BUY, _PRICE, quantity),),
            checksum=self._checksums[quantity],
        )  # fmt: skip
        return msgspec.json.encode(message)


def _checksum(quantity: str) -> int:
    levels = Levels()
    levels.add(True, Decimal(_PRICE), Decimal(quantity), 1)
    return levels.checksum()


class _Reader:
    """Reads all sockets, answers their pings, and times the updates."""

    def __init__(self) -> None:
        self._chooser = selectors.DefaultSelector()
        self._delays = Quantiles()
        self.messages = self._lost = 0
        self.last = time.monotonic()

    def add(self, connection: socket.socket) -> None:
        self._chooser.register(connection, selectors.EVENT_READ)

    def read(self, seconds: float) -> None:
        """Take what is there, or comes within that time."""
        for key, _ in self._chooser.select(seconds):
            found = key.fileobj
            assert isinstance(found, socket.socket)
            data = found.recv(1 << 16)
            now_ns = time.time_ns()
            if not data:
                self._lost += 1
                self._chooser.unregister(found)
            ping = data.find(_PING)
            if ping >= 0:
                found.sendall(_PONG + data[ping + len(_PING) : ping + len(_PING) + 4])
            if b'"book.update"' in data:
                self.messages += data.count(b'"book.update"')
                self.last = time.monotonic()
                stamp, _, _ = data[data.rfind(_STAMP) + len(_STAMP) :].partition(b"}")
                self._delays.record(max(now_ns - int(stamp), 0))

    def heard(self) -> Heard:
        p50, p99 = (self._delays.quantile(fraction) / 1e6 for fraction in (0.5, 0.99))
        return Heard(self.messages, self._lost, p50, p99)


def read(port: int, sockets: int) -> Heard:
    """Open so many sockets, hear a book on each, and read until no update comes any more."""
    allow_most_open_files()
    reader = _Reader()
    for number in range(sockets):
        time.sleep(1 / CONNECTS_A_SECOND)
        reader.add(_opened(port, SYMBOLS[number % len(SYMBOLS)]))
        reader.read(0)
    print("ready", flush=True)
    reader.last = time.monotonic()
    while time.monotonic() - reader.last < (_QUIET_SECONDS if reader.messages else _READY_SECONDS):
        reader.read(0.5)
    return reader.heard()


def _opened(port: int, symbol: str) -> socket.socket:
    """A socket behind its handshake (RFC 6455, 4.1) that has had the book's snapshot."""
    connection = socket.create_connection(("127.0.0.1", port), _READY_SECONDS)
    key = base64.b64encode(os.urandom(16)).decode()
    head = "GET /v1/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    head += f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    connection.sendall(head.encode())
    _until(connection, b"\r\n\r\n")
    said = json.dumps({"op": "subscribe", "channel": "book", "symbol": symbol}).encode()
    assert len(said) <= 125, "the length is one byte"
    # a mask of zeros leaves what is said as it is
    connection.sendall(bytes((0x81, 0x80 | len(said), 0, 0, 0, 0)) + said)
    _until(connection, b'"book.snapshot"')
    connection.setblocking(False)
    return connection


def _until(connection: socket.socket, mark: bytes) -> None:
    heard = b""
    while mark not in heard:
        data = connection.recv(1 << 16)
        heard += data
        if not data or b'"error"' in heard or heard.startswith(b"HTTP/1.1 4"):
            raise ConnectionError(f"the gateway has refused a socket: {heard!r}")


if __name__ == "__main__":
    print(msgspec.json.encode(read(int(sys.argv[1]), int(sys.argv[2]))).decode())
