"""Keeps drop copies over FIX in a file, each once, and goes on where it stopped.

Usage: python examples/drop_copies_fix.py HOST:PORT COMP_ID PASSWORD FILE
(a session of kind "dropcopy"; needs simplefix)
"""

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from simplefix import FixMessage, FixParser

TOLD = {17: "exec_id", 150: "exec_type", 37: "order_id", 11: "cl_ord_id", 115: "session",
        55: "symbol", 54: "side", 32: "last_qty", 31: "last_px", 151: "leaves_qty"}  # fmt: skip


class Session:
    """A session whose numbers begin with each connection: it keeps none."""

    def __init__(self, address: str, comp_id: str) -> None:
        host, port = address.split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=30)
        self.comp_id, self.number = comp_id, 0

    def send(self, msg_type: str, *fields: tuple[int, str]) -> None:
        """Send a message with the next number."""
        self.number += 1
        message = FixMessage()
        header = [(8, "FIX.4.4"), (35, msg_type), (49, self.comp_id), (56, "VENUE")]
        for tag, value in (*header, (34, str(self.number))):
            message.append_pair(tag, value, header=True)
        message.append_utc_timestamp(52, header=True)
        for tag, value in fields:
            message.append_pair(tag, value)
        self.socket.sendall(message.encode())

    def messages(self) -> Iterator[FixMessage]:
        """What comes, until the venue closes the connection."""
        parser = FixParser()
        while True:
            try:
                data = self.socket.recv(1 << 16)
            except TimeoutError:
                self.send("0")
                continue
            if not data:
                return
            parser.append_buffer(data)
            while (message := parser.get_message()) is not None:
                yield message


def main(address: str, comp_id: str, password: str, file: Path) -> None:
    """Write a copy before the TestRequest behind it is answered: then it never comes again."""
    text = file.read_bytes() if file.exists() else b""
    whole = text[: text.rfind(b"\n") + 1]
    file.write_bytes(whole)
    known = {json.loads(line)["exec_id"] for line in whole.splitlines()}
    session = Session(address, comp_id)
    session.send("A", (98, "0"), (108, "30"), (141, "Y"), (553, comp_id), (554, password))
    with file.open("a") as out:
        for message in session.messages():
            kind = message.get(35).decode()
            if kind == "8" and message.get(17).decode() not in known:
                copy = {name: (message.get(tag) or b"").decode() for tag, name in TOLD.items()}
                known.add(copy["exec_id"])
                out.write(json.dumps(copy) + "\n")
            elif kind == "1":
                out.flush()
                session.send("0", (112, message.get(112).decode()))
            elif kind == "5":
                sys.exit((message.get(58) or b"logged out").decode())


if __name__ == "__main__":
    main(*sys.argv[1:4], Path(sys.argv[4]))
