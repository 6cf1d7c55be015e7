"""What readers of market data cost over FIX: delay to each, and the process's processor for them.

The process fix-marketdata runs as it does in a venue; its books come from a feed made here. Usage
of one measurement's readers: python -m bench.fix_subscribers PORT READERS
"""

import asyncio
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
from bench.subscribers import SYMBOLS, TARGET_P99_MS, UPDATES_A_SECOND, Heard
from bench.table import Row
from venue.domain.types import Side
from venue.fixclient.client import Client
from venue.fixclient.session import Session
from venue.load.quantiles import Quantiles
from venue.marketdata.levels import Levels
from venue.marketdata.messages import (
    Action,
    OrderByOrder,
    OrderChange,
)
from venue.servers import nats
from venue.servers.child import Child, spawn
from venue.servers.ports import free_port

READERS = (50, 200)
_PRICE, _QUANTITY = "100.25", "1200"
_READY_SECONDS = 60.0
_QUIET_SECONDS = 3.0
_ID = b"\x01278="


def rows(options: Options) -> list[Row]:
    """Delay at 1,000 updates a second of four symbols, for so many sessions that read them all."""
    return [_row(options, readers) for readers in READERS]


def _row(options: Options, readers: int) -> Row:
    with options.scratch("fix-subscribers") as scratch:
        server = nats.start(scratch)
        port = free_port()
        process = _started(scratch, server.url, port, readers)
        try:
            found = asyncio.run(
                measure(
                    server.url,
                    process,
                    _Feed,
                    lambda: _wait_until_it_accepts(port),
                    ("bench.fix_subscribers", str(port), str(readers)),
                    readers,
                    options.closed_seconds,
                )
            )
        finally:
            process.stop(seconds=5.0)
            server.stop()
    heard, share = found.heard, found.used_ns / 1e9 / found.seconds * 100
    return Row(
        f"market data, {readers} FIX readers of {len(SYMBOLS)} symbols at {UPDATES_A_SECOND:,}/s",
        f"p99 {TARGET_P99_MS:g} ms",
        f"p50 {heard.p50_ms:.2f}, p99 {heard.p99_ms:.2f} ms; fix-marketdata {share:.0f} % of a "
        f"core, {share / readers:.2f} % a reader",
        TARGET_P99_MS / max(heard.p99_ms, 0.01),
        heard.p99_ms <= TARGET_P99_MS,
        f"{heard.messages:,} messages in {found.seconds:.0f} s; {found.each_kib:.0f} KiB a reader; "
        f"{load_average()}",
    )


def _started(scratch: Path, nats_url: str, port: int, readers: int) -> Child:
    """fix-marketdata, with so many sessions."""
    names = [f"R{number}" for number in range(readers)]
    shipped = (ROOT / "sessions.cfg").read_text().partition("[SESSION]")[0]
    sections = "".join(f"[SESSION]\nTargetCompID={name}\n\n" for name in names)
    (scratch / "sessions.cfg").write_text(shipped + sections)
    entries = "".join(
        f'[[sessions]]\ncomp_id = "{name}"\nkind = "marketdata"\nmember = "M"\npassword = "demo"\n'
        for name in names
    )
    dictionary = f'[fix]\ndictionary = "{ROOT}/spec/FIX44.xml"\n'
    (scratch / "venue.toml").write_text(f'{dictionary}[[members]]\nname = "M"\n{entries}')
    (scratch / "data").mkdir(mode=0o700)
    argv = [sys.executable, "-P", "-m", "venue", "run", "fix-marketdata"]
    argv += ["--data-dir", str(scratch / "data"), "--config", str(scratch / "venue.toml")]
    argv += ["--set", f"fix_marketdata.port={port}"]
    environment = {**os.environ, "VENUE_NATS_URL": nats_url}
    return spawn("fix-marketdata", argv, log_file=scratch / "log", environment=environment)


def _wait_until_it_accepts(port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("fix-marketdata does not accept")


class _Feed(Feed):
    """A book of one order for each symbol, whose id is the time; each update replaces it."""

    def __init__(self, client: NatsClient) -> None:
        super().__init__(client)
        self._orders = dict.fromkeys(SYMBOLS, "")
        self._seq = 0
        levels = Levels()
        levels.add(True, Decimal(_PRICE), Decimal(_QUANTITY), 1)
        self._checksum = levels.checksum()

    async def run(self, seconds: float) -> None:
        """An update of each symbol at a time, evenly."""
        step, clock = len(SYMBOLS) / UPDATES_A_SECOND, asyncio.get_running_loop().time
        began = clock()
        for number in range(1, int(seconds / step) + 1):
            await asyncio.sleep(max(began + number * step - clock(), 0))
            for symbol in SYMBOLS:
                update = self._update(symbol, number)
                await self.publish(symbol, update)
        await self.flush()

    def _update(self, symbol: str, number: int) -> bytes:
        before, now_ns = self._orders[symbol], time.time_ns()
        self._orders[symbol] = str(now_ns)
        terms = (Side.BUY, _PRICE, _QUANTITY)
        changes = [OrderChange(Action.DELETE, before, *terms)] if before else []
        changes.append(OrderChange(Action.NEW, str(now_ns), *terms))
        message = OrderByOrder(
            event_seq=number, timestamp_ns=now_ns, symbol=symbol, seq=number, update=number,
            epoch=1, changes=tuple(changes), checksum=self._checksum,
        )  # fmt: skip
        return msgspec.json.encode(message)


def read(port: int, readers: int) -> Heard:
    """Log so many sessions on, subscribe to all, and read until nothing comes any more.

    The newest update of what is read at once is timed: who reads late has all its updates late.
    """
    delays, messages, chooser = Quantiles(), 0, selectors.DefaultSelector()
    body = [(262, "r"), (263, "1"), (264, "0"), (265, "1"), (266, "N"), (267, "1"), (269, "0")]
    body += [(146, str(len(SYMBOLS))), *((55, symbol) for symbol in SYMBOLS)]
    for number in range(readers):
        name = f"R{number}"
        client = Client(("127.0.0.1", port), Session(name, "VENUE"), username=name)
        client.logon(heartbeat=3600, timeout=_READY_SECONDS)
        client.send("V", body)
        for _ in SYMBOLS:
            client.expect("W", _READY_SECONDS)
        chooser.register(client.detach(), selectors.EVENT_READ)
    print("ready", flush=True)
    while ready := chooser.select(_QUIET_SECONDS if messages else _READY_SECONDS):
        for key, _ in ready:
            connection = key.fileobj
            assert isinstance(connection, socket.socket)
            data = connection.recv(1 << 18)
            now_ns = time.time_ns()
            if not data:
                raise ConnectionError("a reader was cut off")
            messages += data.count(b"\x0135=X\x01")
            at = data.rfind(_ID, 0, data.rfind(b"\x0110="))
            sent, end, _ = data[at + len(_ID) :].partition(b"\x01")
            if at >= 0 and end:
                delays.record(max(now_ns - int(sent), 0))
    p50, p99 = (delays.quantile(fraction) / 1e6 for fraction in (0.5, 0.99))
    return Heard(messages, 0, p50, p99)  # a reader that is cut off ends the measurement


if __name__ == "__main__":
    print(msgspec.json.encode(read(int(sys.argv[1]), int(sys.argv[2]))).decode())
