"""One FIX session for the benches whose load is of their own kind; others use venue.load."""

from venue.fixclient.client import Client
from venue.fixclient.session import Session


class FixSession:
    """Logged on with 141=Y and 9001=N once made; its socket does not block."""

    def __init__(self, name: str, address: tuple[str, int]) -> None:
        self.name = name
        self.session = Session(name, keeps=False)
        with Client(address, self.session, username=name) as client:
            client.logon(extra=[(9001, "N")])
            self.socket = client.detach()
        self.socket.setblocking(False)

    def send(self, msg_type: str, body: str) -> None:
        """Send one message."""
        self.socket.sendall(self.message(msg_type, body))

    def message(self, msg_type: str, body: str) -> bytes:
        """Bytes of one message with the next MsgSeqNum; `|` ends each field of the body."""
        self.session.send(msg_type.encode(), body.replace("|", "\x01").encode())
        message = bytes(self.session.out)
        self.session.out.clear()
        return message
