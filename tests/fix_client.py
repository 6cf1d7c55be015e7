"""A raw-socket FIX 4.4 client for tests: bytes as they are on the wire, no QuickFIX, no threads.

Knows the session layer only as far as a test needs it; every wait has a deadline, so nothing hangs.
"""

import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self

from tests.fix_message import Field, FixClientError, Message, frame, sending_time, unframe

Wanted = str | Callable[[Message], bool]

_ADMIN = ("0", "1", "2", "3", "4", "5", "A")


class Disconnected(FixClientError):
    """The peer has closed the connection."""


class Timeout(FixClientError):
    """What was expected did not come before the deadline."""


class LogonRefused(FixClientError):
    """The peer answered the Logon by Logout (kept in `logout`) or by closing the connection."""

    def __init__(self, text: str, logout: Message | None) -> None:
        super().__init__(text)
        self.logout = logout


class FixClient:
    """A session of one CompID to the venue. Answers TestRequest and ResendRequest by itself.

    `inbox` holds what has come and nobody has expected yet, `log` all that ever came.
    `resend` is how a ResendRequest is answered: "resend" what was sent, "gap fill" all, "never".
    """

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
        assert resend in ("resend", "gap fill", "never")
        self.address = address
        self.sender = sender
        self.target = target
        self.resend = resend
        self.answer_test_requests = answer_test_requests
        self.tls = tls
        self.source = ""
        """Address to connect from; empty: any."""
        self.receive_buffer = 0
        """Bytes that its machine takes unread; 0: the system's own size."""
        self.next_out = 1
        self.next_in = 1
        self.inbox: deque[Message] = deque()
        self.log: list[Message] = []
        self.sent: dict[int, list[Field]] = {}
        self._socket: socket.socket | None = None
        self._buffer = b""

    # The connection

    def connect(self, timeout: float = 5) -> Self:
        """Open the TCP connection; what is left of an earlier one is forgotten."""
        self.kill()
        self._buffer = b""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if self.receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        self._socket.settimeout(timeout)
        self._socket.bind((self.source, 0))
        self._socket.connect(self.address)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls is not None:
            self._socket = self.tls.wrap_socket(self._socket, server_hostname=self.address[0])
        return self

    @property
    def is_connected(self) -> bool:
        """Whether this end is open."""
        return self._socket is not None

    def close(self) -> None:
        """Close the connection without Logout; the peer reads the end of the stream."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def kill(self) -> None:
        """Break the connection: the peer gets a TCP reset, as when a machine dies."""
        if self._socket is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.close()

    def detach(self) -> socket.socket:
        """The connection itself, which is no longer this client's."""
        assert self._socket is not None
        connection, self._socket = self._socket, None
        return connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # The session

    def logon(
        self,
        password: str = "demo",
        username: str | None = None,
        *,
        reset: bool = True,
        heartbeat: int = 30,
        extra: Iterable[Field] = (),
        timeout: float = 5,
    ) -> Message:
        """Connect, send Logon(A) and return the venue's; LogonRefused when it is refused.

        Without `reset` the session goes on with the numbers this client has.
        """
        self.connect(timeout)
        if reset:
            self.next_out = self.next_in = 1
            self.sent.clear()
        fields: list[Field] = [(98, "0"), (108, str(heartbeat))]
        if reset:
            fields.append((141, "Y"))
        fields += [(553, self.sender if username is None else username), (554, password)]
        self.send("A", [*fields, *extra])
        try:
            answer = self.expect(lambda message: message.msg_type in "A5", timeout)
        except Disconnected as error:
            self.close()
            raise LogonRefused("connection closed", None) from error
        if answer.msg_type == "5":
            self.close()
            raise LogonRefused(answer.get(58), answer)
        return answer

    def logout(self, timeout: float = 5) -> None:
        """Send Logout(5), wait for the venue's and close the connection."""
        self.send("5")
        try:
            self.expect("5", timeout)
        finally:
            self.close()

    # Sending

    def send(self, msg_type: str, fields: Iterable[Field] = (), **header: str) -> int:
        """Send a message with the next MsgSeqNum and return that number.

        `header` replaces or adds header fields by tag: send("D", [...], t97="Y", t34="7").
        """
        values = {int(name[1:]): value for name, value in header.items()}
        number = int(values.get(34, self.next_out))
        body = list(fields)
        if 34 not in values:
            self.next_out += 1
            self.sent[number] = [(35, msg_type), *body]
        self.send_raw(self._message(msg_type, number, body, values))
        return number

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        if self._socket is None:
            raise Disconnected("not connected")
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise Disconnected(str(error)) from error

    def request_resend(self, begin: int, end: int = 0) -> None:
        """Ask for the messages from `begin` to `end`; 0: all that there are."""
        self.send("2", [(7, str(begin)), (16, str(end))])

    def _message(
        self, msg_type: str, number: int, body: list[Field], more: dict[int, str]
    ) -> bytes:
        header = {35: msg_type, 49: self.sender, 56: self.target, 34: str(number)}
        return frame([*(header | {52: sending_time()} | more).items(), *body])

    # Receiving

    def receive(self, timeout: float = 5) -> Message:
        """The next message, whatever it is; Timeout or Disconnected when none comes."""
        if self.inbox:
            return self.inbox.popleft()
        self._read(time.monotonic() + timeout)
        return self.inbox.popleft()

    def expect(self, wanted: Wanted, timeout: float = 5) -> Message:
        """The first message of this MsgType, or that `wanted` takes; others stay in `inbox`."""
        deadline = time.monotonic() + timeout
        matches = wanted if callable(wanted) else _of_type(wanted)
        seen = 0
        while True:
            for position in range(seen, len(self.inbox)):
                if matches(self.inbox[position]):
                    message = self.inbox[position]
                    del self.inbox[position]
                    return message
            seen = len(self.inbox)
            try:
                self._read(deadline)
            except FixClientError as error:
                raise type(error)(
                    f"{error}; waited for {wanted}, has {list(self.inbox)}"
                ) from error

    def expect_report(self, cl_ord_id: str, exec_type: str, timeout: float = 5) -> Message:
        """The first ExecutionReport with this ClOrdID and ExecType."""
        return self.expect(
            lambda m: (m.msg_type, m.get(11), m.get(150)) == ("8", cl_ord_id, exec_type), timeout
        )

    def receive_all(self, quiet: float = 0.2, timeout: float = 5) -> list[Message]:
        """All messages up to `quiet` seconds of silence, or the end of the connection."""
        deadline = time.monotonic() + timeout
        try:
            while True:
                self._read(min(deadline, time.monotonic() + quiet))
        except (Timeout, Disconnected):
            messages = list(self.inbox)
            self.inbox.clear()
            return messages

    def expect_disconnect(self, timeout: float = 5) -> None:
        """Wait for the end of the connection; what comes before stays in `inbox`."""
        deadline = time.monotonic() + timeout
        try:
            while True:
                self._read(deadline)
        except Disconnected:
            self.close()

    def _read(self, deadline: float) -> None:
        """Read until at least one more message is in `inbox`."""
        count = len(self.log)
        while len(self.log) == count:
            if self._socket is None:
                raise Disconnected("not connected")
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise Timeout("nothing came")
            self._socket.settimeout(remaining)
            try:
                data = self._socket.recv(65536)
            except TimeoutError as error:
                raise Timeout("nothing came") from error
            except OSError as error:
                raise Disconnected(str(error)) from error
            if not data:
                raise Disconnected("the peer closed the connection")
            self._buffer += data
            for message in self._whole_messages():
                self.log.append(message)
                self.inbox.append(message)
                self._follow(message)

    def _whole_messages(self) -> Iterator[Message]:
        while True:
            raw, self._buffer = unframe(self._buffer)
            if not raw:
                return
            yield Message(raw)

    def _follow(self, message: Message) -> None:
        """Keep the incoming number and give the answers that a session owes."""
        if message.msg_type == "4":
            self.next_in = int(message[36])
        elif message.get(43) != "Y":
            self.next_in = message.msg_seq_num + 1
        if message.msg_type == "1" and self.answer_test_requests:
            self.send("0", [(112, message[112])])
        elif message.msg_type == "2" and self.resend != "never":
            self._resend(int(message[7]), int(message[16]))

    def _resend(self, begin: int, end: int) -> None:
        last = min(end or self.next_out - 1, self.next_out - 1)
        number = begin
        while number <= last:
            if self._is_resendable(number):
                (_, msg_type), *body = self.sent[number]
                more = {43: "Y", 122: sending_time()}
                self.send_raw(self._message(msg_type, number, body, more))
                number += 1
                continue
            following = number
            while following <= last and not self._is_resendable(following):
                following += 1
            body = [(123, "Y"), (36, str(following))]
            self.send_raw(self._message("4", number, body, {43: "Y", 122: sending_time()}))
            number = following

    def _is_resendable(self, number: int) -> bool:
        fields = self.sent.get(number)
        return self.resend == "resend" and fields is not None and fields[0][1] not in _ADMIN


def _of_type(msg_type: str) -> Callable[[Message], bool]:
    return lambda message: message.msg_type == msg_type
