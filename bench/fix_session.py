"""One FIX session for the benches whose load is of their own kind; others use venue.load."""

import socket
import time


class FixSession:
    """Logged on with 141=Y and 9001=N once made; its socket does not block."""

    def __init__(self, name: str, address: tuple[str, int]) -> None:
        self.name = name
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number = 0
        self.rest = b""
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
