"""How fast the kill switch works: ALPHA enters orders at a steady rate, and is killed.

Trading runs alone in a scratch directory; the load client is this process and sends on while the
kill is at work. Usage: python -m bench.kill [--open 1000] [--rate 500] [--rounds 5]
"""

import argparse
import json
import select
import socket
import time
from pathlib import Path
from typing import NamedTuple

from bench.fix_session import FixSession
from bench.scratch_trading import Address, ScratchTrading, scratch_trading
from venue.admin.address import short_address, stream_socket
from venue.admin.client import call
from venue.data_directory import DataDirectory
from venue.journal.durable import read_position

MEMBER = "ALPHA"
NEW, REJECTED, CANCELED = b"\x01150=0\x01", b"\x01150=8\x01", b"\x01150=4\x01"
BURST = 100
PATIENCE_S = 30.0


class Round(NamedTuple):
    """One kill: open orders when it was asked for, and milliseconds from then on.

    trading_cpu_ms: processor time of trading until the end; beside a busy machine's other work the
    times on the clock are longer than that.
    """

    open_orders: int
    answered_ms: float
    next_order_refused_ms: float
    all_canceled_on_disk_ms: float
    all_canceled_at_client_ms: float
    trading_cpu_ms: float


class KilledSession(FixSession):
    """A session whose orders rest, and counts of what it has been told."""

    def __init__(self, address: Address) -> None:
        super().__init__(MEMBER, address)
        self.entered = self.accepted = self.answered = self.canceled = 0
        self.refused_at = self.canceled_at = 0.0
        self.last_sequence = 0

    @property
    def open_orders(self) -> int:
        """Orders that were accepted and are not canceled."""
        return self.accepted - self.canceled

    def enter(self, count: int) -> None:
        """Send buy orders below the market, at a hundred prices."""
        data = []
        for _ in range(count):
            self.entered += 1
            price = f"{9500 - self.entered % 100}"
            body = f"11=k{self.entered}|55=ACME|54=1|60=20260101-00:00:00|38=1|40=2|"
            data.append(self.message("D", f"{body}44={price[:-2]}.{price[-2:]}|"))
        self.socket.setblocking(True)
        self.socket.sendall(b"".join(data))
        self.socket.setblocking(False)

    def read(self) -> None:
        """Count the reports that have come."""
        messages = self.session.receive(self.socket.recv(1 << 20))
        now = time.perf_counter()
        for message in messages:
            if NEW in message:
                assert not self.refused_at, "an order was taken after one that was refused"
                self.accepted += 1
                self.answered += 1
            elif REJECTED in message:
                self.refused_at = self.refused_at or now
                self.answered += 1
            elif CANCELED in message:
                self.canceled += 1
                self.canceled_at = now
                at = message.index(b"\x0117=") + 4
                self.last_sequence = int(message[at : message.index(b"\x01", at)]) // 10


def fill(session: KilledSession, open_orders: int) -> None:
    """Enter orders as fast as they are taken until so many are open."""
    while session.open_orders < open_orders:
        session.enter(min(BURST, open_orders - session.open_orders))
        await_answers(session)


def await_answers(session: KilledSession) -> None:
    """Read until every order is answered."""
    while session.answered < session.entered:
        assert wait_readable(session, PATIENCE_S), "orders were not answered"
        session.read()


def wait_readable(session: KilledSession, seconds: float) -> bool:
    """Whether something has come in time."""
    return bool(select.select([session.socket], [], [], seconds)[0])


def send_kill(data_dir: Path) -> socket.socket:
    """Ask for the kill and do not wait for the answer."""
    connection = stream_socket()
    with short_address(DataDirectory(data_dir).admin_socket) as path:
        connection.connect(path)
    command = {"type": "Kill", "scope": "member", "name": MEMBER}
    connection.sendall(json.dumps({"command": command}).encode() + b"\n")
    return connection


def one_kill(session: KilledSession, trading: ScratchTrading, rate: int, seconds: float) -> Round:
    """Load for `seconds`, kill, and load on until every open order is reported canceled."""
    journal, cpu_ms = trading.data_dir / "journal", 0.0
    begin, killed_at, answered_at, open_then, sent = time.perf_counter(), 0.0, 0.0, 0, 0
    connection: socket.socket | None = None
    durable: list[tuple[float, int]] = []
    while not (session.refused_at and session.open_orders == 0 and answered_at):
        now = time.perf_counter()
        assert now - begin < seconds + PATIENCE_S, "the kill did not come to its end"
        due = int((now - begin) * rate) - sent
        if due > 0:
            session.enter(due)
            sent += due
        if connection is None and now - begin >= seconds:
            open_then, cpu_ms = session.open_orders, trading.cpu_ms()
            killed_at = time.perf_counter()
            connection = send_kill(trading.data_dir)
        if connection is not None:
            durable.append((time.perf_counter(), read_position(journal)[0]))
            if not answered_at and select.select([connection], [], [], 0)[0]:
                answered_at = time.perf_counter()
        if wait_readable(session, 0.0005):
            session.read()
    assert connection is not None
    cpu_ms = trading.cpu_ms() - cpu_ms
    connection.close()
    durable.append((time.perf_counter(), read_position(journal)[0]))
    on_disk_at = next(at for at, event_seq in durable if event_seq >= session.last_sequence)
    return Round(
        open_then,
        milliseconds(answered_at - killed_at),
        milliseconds(session.refused_at - killed_at),
        milliseconds(on_disk_at - killed_at),
        milliseconds(session.canceled_at - killed_at),
        round(cpu_ms, 1),
    )


def milliseconds(seconds: float) -> float:
    """To a tenth."""
    return round(seconds * 1000, 1)


def main() -> None:
    """Start trading alone, kill and revive ALPHA several times, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=1000, help="orders open before the load")
    parser.add_argument("--rate", type=int, default=500, help="orders a second, also while killed")
    parser.add_argument("--seconds", type=float, default=2, help="of load before each kill")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    rounds = []
    with scratch_trading() as trading:
        session = KilledSession(trading.address)
        for _ in range(asked.rounds):
            fill(session, asked.open)
            rounds.append(one_kill(session, trading, asked.rate, asked.seconds))
            revive = {"type": "Revive", "scope": "member", "name": MEMBER}
            assert call(trading.data_dir, {"command": revive})["ok"]
            await_answers(session)
            session.refused_at = session.canceled_at = 0.0
    print(json.dumps({"orders_per_second": asked.rate, "kills": [r._asdict() for r in rounds]}))


if __name__ == "__main__":
    main()
