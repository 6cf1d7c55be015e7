"""What the gateway does: orders over HTTP at a fixed rate, and reads of books and tickers.

Everything is on: each order goes by HTTP to the gateway, by FIX to trading, to disk, and back. The
client is this process, on the same cores. Latency counts from the moment at which a request was
due, or, of reads one after the other, from the moment at which it was sent.
"""

import asyncio
import json
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import httpx

from bench.machine import cpu_seconds, load_average
from bench.options import Options
from bench.running import Running, whole_venue
from bench.table import Row
from venue.data_directory import DataDirectory
from venue.gateway.scopes import Scope
from venue.gateway.store import Store
from venue.gateway.users import Users

RATE = 1_000
ORDERS_AIM_MS = 50.0
READS_AIM_MS = 1.0
CONNECTIONS = 64
READS = 4_000
MEMBER, USER, PASSWORD = "LOAD1", "load", "not so secret here"
_READY_SECONDS = 60.0


class Address(NamedTuple):
    """Where the gateway is, and whose token it takes. pid: its process."""

    host: str
    port: int
    token: str
    pid: int


class Measured(NamedTuple):
    """Latencies in ms, in order of size. done: answered as they should be, of all.

    cpu_us: processor time of the gateway for one request.
    """

    latencies: list[float]
    done: int
    seconds: float
    cpu_us: float

    def quantile(self, share: float) -> float:
        """At most so many of all are later than this; ms."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]

    def text(self) -> str:
        """In a line."""
        return (
            f"p50 {self.quantile(0.5):.2f} p99 {self.quantile(0.99):.2f} "
            f"p99.9 {self.quantile(0.999):.2f} ms, {self.done} of {len(self.latencies)} in "
            f"{self.seconds:.1f} s, gateway {self.cpu_us:.0f} us CPU each"
        )


def rows(options: Options) -> list[Row]:
    """Orders at RATE, and reads, each so often as the closed loop is measured."""
    with (
        options.scratch("gateway") as scratch,
        whole_venue(scratch, 1, gateway=True) as running,
    ):
        address = _log_in(running)
        books = [asyncio.run(_reads(address, "book")) for _ in range(options.closed_runs)]
        tickers = [asyncio.run(_reads(address, "ticker")) for _ in range(options.closed_runs)]
        orders = [
            asyncio.run(_orders(address, options.closed_seconds))
            for _ in range(options.closed_runs)
        ]
    return [
        _row(f"orders over HTTP at {RATE:,}/s, everything on: p99", ORDERS_AIM_MS, orders),
        _row("book over HTTP, one after the other: p99", READS_AIM_MS, books),
        _row("ticker over HTTP, one after the other: p99", READS_AIM_MS, tickers),
    ]


def _log_in(running: Running) -> Address:
    """Add a user and log him in, once the gateway is well."""
    assert running.runtime is not None
    host, _, port = running.runtime.addresses["gateway"].rpartition(":")
    pid = running.runtime.processes["gateway"]
    store = Store(DataDirectory(running.data_dir).gateway)
    scopes = frozenset({Scope.READ, Scope.TRADE})
    Users(store).add(USER, MEMBER, scopes, PASSWORD, time.time_ns())
    store.close()
    deadline = time.monotonic() + _READY_SECONDS
    with httpx.Client(base_url=f"http://{host}:{port}") as client:
        while not _is_well(client):
            if time.monotonic() > deadline:
                raise RuntimeError("the gateway is not well")
            time.sleep(0.1)
        form = {"grant_type": "password", "username": USER, "password": PASSWORD}
        token = client.post("/oauth/token", data=form).raise_for_status().json()["access_token"]
    return Address(host, int(port), token, pid)


def _is_well(client: httpx.Client) -> bool:
    try:
        return client.get("/v1/status").status_code == 200
    except httpx.TransportError:
        return False


class Connection:
    """A connection that is kept, with one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, request: bytes) -> int:
        """Send a request; the status of its answer, once that was read as a whole."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await self._reader.readexactly(length)
        return int(head[9:12])

    def close(self) -> None:
        """Close it."""
        self._writer.close()


async def _reads(address: Address, what: str) -> Measured:
    """READS of a book or ticker, one after the other."""
    request = _request(address, "GET", f"/v1/instruments/SYM1/{what}", b"")
    connection = Connection(*await asyncio.open_connection(address.host, address.port))
    latencies, done = [], 0
    cpu, begin = cpu_seconds(address.pid), time.perf_counter()
    for _ in range(READS):
        sent = time.perf_counter()
        done += await connection.ask(request) == 200
        latencies.append((time.perf_counter() - sent) * 1e3)
    seconds = time.perf_counter() - begin
    connection.close()
    return _measured(latencies, done, seconds, cpu_seconds(address.pid) - cpu)


async def _orders(address: Address, seconds: float) -> Measured:
    """New orders at RATE, each due at its moment whatever became of those before."""
    connections = [
        Connection(*await asyncio.open_connection(address.host, address.port))
        for _ in range(CONNECTIONS)
    ]
    loop = asyncio.get_running_loop()
    due: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    latencies: list[float] = []
    done = 0

    async def work(connection: Connection) -> None:
        nonlocal done
        while True:
            at, request = await due.get()
            taken = await connection.ask(request) == 201  # the others count meanwhile
            done += taken
            latencies.append((loop.time() - at) * 1e3)
            due.task_done()

    workers = [asyncio.create_task(work(each)) for each in connections]
    cpu, begin, count = cpu_seconds(address.pid), loop.time(), int(RATE * seconds)
    for number in range(count):
        at = begin + number / RATE
        if at > loop.time():
            await asyncio.sleep(at - loop.time())
        due.put_nowait((at, _order(address, number)))
    await due.join()
    took = loop.time() - begin
    for worker in workers:
        worker.cancel()
    for connection in connections:
        connection.close()
    return _measured(latencies, done, took, cpu_seconds(address.pid) - cpu)


def _order(address: Address, number: int) -> bytes:
    """Orders of both sides around the reference price; some of them trade."""
    side = "buy" if number % 2 else "sell"
    price = f"{95 + number % 11}.00"
    body = {"symbol": f"SYM{1 + number % 5}", "side": side, "quantity": "1", "price": price}
    return _request(address, "POST", "/v1/orders", json.dumps(body).encode())


def _request(address: Address, method: str, path: str, body: bytes) -> bytes:
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {address.host}\r\n"
        f"Authorization: Bearer {address.token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _measured(latencies: list[float], done: int, seconds: float, cpu: float) -> Measured:
    return Measured(sorted(latencies), done, seconds, cpu * 1e6 / max(len(latencies), 1))


def _row(figure: str, aim_ms: float, runs: list[Measured]) -> Row:
    middle = _median(runs, lambda run: run.quantile(0.99))
    all_done = all(run.done == len(run.latencies) for run in runs)
    half = _median(runs, lambda run: run.quantile(0.5))
    refused = "" if all_done else ", not all were taken"
    return Row(
        figure,
        f"{aim_ms:g} ms",
        f"{middle:.2f} ms (p50 {half:.2f}){refused}",
        aim_ms / max(middle, 0.001),
        middle <= aim_ms and all_done,
        load_average(),
        [run.text() for run in runs],
    )


def _median(runs: list[Measured], of: Callable[[Measured], float]) -> float:
    return median(map(of, runs))
