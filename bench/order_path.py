"""Acknowledged orders a second over the whole way: FIX in, risk, book, journal on disk, FIX out.

Trading runs alone in a scratch directory; the load client is this process, closed loop: every
session keeps WINDOW requests in flight. Usage: python -m bench.order_path [--seconds 10]
"""

import argparse
import json
import os
import selectors
import socket
import time
from pathlib import Path

from bench.scratch_trading import scratch_trading

SESSIONS = ("ALPHA", "BRAVO", "CHARLIE", "DELTA")
WINDOW = 64
SOH = b"\x01"


class LoadSession:
    """One FIX session that keeps WINDOW new orders unanswered; every third order crosses."""

    def __init__(self, name: str, address: tuple[str, int]) -> None:
        self.name = name
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent = self.acknowledged = self.number = 0
        self.rest = b""
        self.latencies: list[int] = []
        self.sent_at: dict[int, int] = {}
        self.send("A", f"98=0|108=30|141=Y|553={name}|554=demo|9001=N|")
        while b"\x0135=A\x01" not in self.socket.recv(4096):
            pass
        self.socket.setblocking(False)

    def send(self, msg_type: str, body: str) -> None:
        """Send one message."""
        self.socket.sendall(self.message(msg_type, body))

    def message(self, msg_type: str, body: str) -> bytes:
        """Bytes of one message with the next MsgSeqNum."""
        self.number += 1
        now = time.time_ns()
        stamp = time.strftime("%Y%m%d-%H:%M:%S", time.gmtime(now // 10**9))
        head = f"35={msg_type}|34={self.number}|49={self.name}|56=VENUE|52={stamp}|"
        text = (head + body).replace("|", "\x01")
        message = f"8=FIX.4.4\x019={len(text)}\x01{text}"
        return f"{message}10={sum(message.encode()) % 256:03}\x01".encode()

    def fill_window(self) -> None:
        """Send new orders until WINDOW are unanswered."""
        messages = []
        while self.sent - self.acknowledged < WINDOW:
            self.sent += 1
            number = self.sent
            buy = (number + len(self.name)) % 2
            offset = number % 7 if number % 3 else -2
            price = 10000 - offset if buy else 10001 + offset
            messages.append(
                self.message(
                    "D",
                    f"11={number}|55=ACME|54={1 if buy else 2}|60=20260101-00:00:00|38=10|40=2|"
                    f"44={price / 100:.2f}|",
                )
            )
            self.sent_at[number] = time.perf_counter_ns()
        if messages:
            self.socket.setblocking(True)
            self.socket.sendall(b"".join(messages))
            self.socket.setblocking(False)

    def read(self) -> None:
        """Count acknowledgements, New and Rejected reports; answer TestRequests."""
        data = self.rest + self.socket.recv(1 << 18)
        messages = data.split(b"8=FIX.4.4\x01")
        self.rest = b"8=FIX.4.4\x01" + messages.pop() if len(messages) > 1 else data
        now = time.perf_counter_ns()
        for message in messages:
            if b"\x01150=0\x01" in message or b"\x01150=8\x01" in message:
                self.acknowledged += 1
                at = message.index(b"\x0111=") + 4
                number = int(message[at : message.index(SOH, at)])
                self.latencies.append(now - self.sent_at.pop(number))
            elif b"\x0135=1\x01" in message:
                at = message.index(b"\x01112=") + 5
                asked = message[at : message.index(SOH, at)].decode()
                self.socket.sendall(self.message("0", f"112={asked}|"))


def load(address: tuple[str, int], seconds: float) -> dict[str, float]:
    """Drive the venue for `seconds`; rate and latencies in microseconds."""
    sessions = [LoadSession(name, address) for name in SESSIONS]
    selector = selectors.DefaultSelector()
    for session in sessions:
        selector.register(session.socket, selectors.EVENT_READ, session)
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds:
        for session in sessions:
            session.fill_window()
        for key, _ in selector.select(1):
            key.data.read()
    elapsed = time.perf_counter() - begin
    latencies = sorted(latency for session in sessions for latency in session.latencies)
    return {
        "acknowledged_per_second": round(len(latencies) / elapsed),
        "p50_us": latencies[len(latencies) // 2] // 1000,
        "p99_us": latencies[len(latencies) * 99 // 100] // 1000,
    }


def fdatasync_microseconds(directory: Path) -> int:
    """Median time of writing 4 KiB and syncing them, on the disk that the journal uses."""
    times = []
    with (directory / "probe").open("wb") as file:
        file.write(bytes(1 << 20))
        os.fsync(file.fileno())
        for _ in range(200):
            begin = time.perf_counter_ns()
            os.pwrite(file.fileno(), bytes(4096), 0)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter_ns() - begin)
    return sorted(times)[100] // 1000


def main() -> None:
    """Start trading alone, load it, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    seconds = parser.parse_args().seconds
    with scratch_trading() as trading:
        result = load(trading.address, seconds)
        result["fdatasync_p50_us"] = fdatasync_microseconds(trading.data_dir)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
