"""The FIX client as tests use it: forged headers, lost connections, reports by ClOrdID.

A thin user of `venue.fixclient`; bytes can be sent as they are, by `send_raw`.
"""

import socket
import ssl
import time
from collections.abc import Iterable

from venue.fixclient.client import Client, Disconnected, LogonRefused, Timeout, Wanted
from venue.fixclient.message import Field, Message, encoded, sending_time
from venue.fixclient.session import Session
from venue.fixclient.wire import framed

__all__ = ["Disconnected", "FixClient", "LogonRefused", "Timeout", "Wanted"]


class FixClient(Client):
    """A session of one CompID to the venue, whose header and numbers can be forged."""

    def __init__(
        self,
        address: tuple[str, int],
        sender: str = "ALPHA",
        target: str = "VENUE",
        *,
        resend: str = "resend",
        answer_test_requests: bool = True,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(
            address,
            Session(sender, target),
            username=sender,
            resend=resend,
            answer_test_requests=answer_test_requests,
            tls=tls,
        )
        self.sender = sender
        self.target = target
        self.source = ""
        """Address to connect from; empty: any."""
        self.receive_buffer = 0
        """Bytes that its machine takes unread; 0: the system's own size."""

    def _connected(self, timeout: float) -> socket.socket:
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            if self.receive_buffer:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
            connection.settimeout(timeout)
            connection.bind((self.source, 0))
            connection.connect(self.address)
        except BaseException:
            connection.close()
            raise
        return connection

    @property
    def next_out(self) -> int:
        """MsgSeqNum of the next message sent."""
        return self.session.next_out

    @next_out.setter
    def next_out(self, number: int) -> None:
        self.session.next_out = number

    @property
    def next_in(self) -> int:
        """MsgSeqNum of the next message expected."""
        return self.session.next_in

    @next_in.setter
    def next_in(self, number: int) -> None:
        self.session.next_in = number

    def send(self, msg_type: str, fields: Iterable[Field] = (), **header: str) -> int:
        """Send a message with the next MsgSeqNum and return that number.

        `header` replaces or adds header fields by tag: send("D", [...], t97="Y", t34="7").
        """
        if not header:
            return super().send(msg_type, fields)
        forged = {int(name[1:]): value for name, value in header.items()}
        body, stamp = encoded(fields), sending_time()
        if 34 in forged:
            number = int(forged[34])
        else:
            number = self.session.take_number(msg_type.encode("latin-1"), body, stamp.encode())
        plain = {35: msg_type, 49: self.sender, 56: self.target, 34: str(number), 52: stamp}
        self.send_raw(framed(encoded((plain | forged).items()) + body))
        return number

    def request_resend(self, begin: int, end: int = 0) -> None:
        """Ask for the messages from `begin` to `end`; 0: all that there are."""
        self.send("2", [(7, str(begin)), (16, str(end))])

    def expect_report(self, cl_ord_id: str, exec_type: str, timeout: float = 5) -> Message:
        """The first ExecutionReport with this ClOrdID and ExecType."""
        return self.expect(
            lambda m: (m.msg_type, m.get(11), m.get(150)) == ("8", cl_ord_id, exec_type), timeout
        )

    def expect_disconnect(self, timeout: float = 5) -> None:
        """Wait for the end of the connection; what comes before stays in `inbox`."""
        deadline = time.monotonic() + timeout
        try:
            while True:
                self._read(deadline)
        except Disconnected:
            self.close()
