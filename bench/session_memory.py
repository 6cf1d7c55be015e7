"""Memory that trading needs for each message a session was sent and may ask for again.

Status answers: they change no order, so what grows is the session's store alone. Prints one JSON
object. Usage: python -m bench.session_memory [--messages 100000]
"""

import argparse
import json
import os
from pathlib import Path

from bench.fix_session import FixSession
from bench.scratch_trading import Address, scratch_trading

ASKED_AT_ONCE = 200


class Asker(FixSession):
    """A session with one order, whose status it asks for again and again."""

    def __init__(self, address: Address) -> None:
        super().__init__("ALPHA", address)
        self.socket.setblocking(True)
        self.send("D", "11=1|55=ACME|54=1|60=20260101-00:00:00|38=10|40=2|44=99|")
        self.wait_for(b"\x01150=0\x01", 1)

    def ask(self, count: int) -> None:
        """Ask so many times and read the answers."""
        for begin in range(0, count, ASKED_AT_ONCE):
            lot = min(ASKED_AT_ONCE, count - begin)
            requests = (self.message("H", "11=1|55=ACME|54=1|") for _ in range(lot))
            self.socket.sendall(b"".join(requests))
            self.wait_for(b"\x01150=I\x01", lot)

    def wait_for(self, mark: bytes, count: int) -> None:
        """Read until `mark` has come so many times."""
        seen = b""
        while seen.count(mark) < count:
            data = self.socket.recv(1 << 20)
            assert data, "the venue has ended the session"
            seen += data


def resident_bytes(pid: int) -> int:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Have trading answer, and print what each answer has cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    messages = parser.parse_args().messages
    with scratch_trading() as trading:
        asker = Asker(trading.address)
        asker.ask(messages // 10)  # buffers and caches have their size
        before = resident_bytes(trading.pid)
        asker.ask(messages)
        grown = resident_bytes(trading.pid) - before
    print(json.dumps({"messages": messages, "bytes_each": round(grown / messages)}))


if __name__ == "__main__":
    main()
