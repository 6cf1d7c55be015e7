"""A FIX session over a socket that waits: log on, send, expect, log out.

One thread, no timers: what the session owes is answered while it waits. Every wait has a deadline.
"""

import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from venue.fixclient.message import Field, Message, encoded
from venue.fixclient.session import Session
from venue.fixclient.wire import FixClientError

Wanted = str | Callable[[Message], bool]
RESENDS = ("resend", "gap fill", "never")
_READ_BYTES = 1 << 16


class Disconnected(FixClientError):
    """The peer has closed the connection."""


class Timeout(FixClientError):
    """What was expected did not come before the deadline."""


class LogonRefused(FixClientError):
    """The peer answered the Logon by Logout (kept in `logout`) or by closing the connection."""

    def __init__(self, text: str, logout: Message | None) -> None:
        super().__init__(text)
        self.logout = logout


class Client:
    """A session of one CompID to the venue. Answers TestRequest and ResendRequest by itself.

    `inbox` holds what has come and nobody has expected yet, `log` all that ever came.
    `resend` is how a ResendRequest is answered: "resend" what was sent, "gap fill" all, "never".
    """

    def __init__(
        self,
        address: tuple[str, int],
        session: Session,
        *,
        username: str = "",
        resend: str = "resend",
        answer_test_requests: bool = True,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """username: of the Logon, mostly the CompID. tls: speak TLS, as to a gate."""
        assert resend in RESENDS
        self.address = address
        self.session = session
        self.username = username
        self.resend = resend
        self.answer_test_requests = answer_test_requests
        self.tls = tls
        self.inbox: deque[Message] = deque()
        self.log: list[Message] = []
        self._socket: socket.socket | None = None

    # The connection

    def connect(self, timeout: float = 5) -> Self:
        """Open the connection; what is left of an earlier one is forgotten. Raises OSError."""
        self.kill()
        self.session.begin()
        self._socket = self._connected(timeout)
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls is not None:
                self._socket = self.tls.wrap_socket(self._socket, server_hostname=self.address[0])
        except BaseException:
            self.close()
            raise
        return self

    def _connected(self, timeout: float) -> socket.socket:
        return socket.create_connection(self.address, timeout)

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
        username = self.username if username is None else username
        more = encoded(extra)
        self.session.log_on(
            password, username=username, heartbeat=heartbeat, reset=reset, more=more
        )
        try:
            self.flush()
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

    def send(self, msg_type: str, fields: Iterable[Field] = ()) -> int:
        """Send a message with the next MsgSeqNum and return that number."""
        number = self.session.send(msg_type.encode("latin-1"), encoded(fields))
        self.flush()
        return number

    def flush(self) -> None:
        """Send what stands in the session's `out`. Raises Disconnected."""
        data = bytes(self.session.out)
        self.session.out.clear()
        self.send_raw(data)

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are. Raises Disconnected."""
        if self._socket is None:
            raise Disconnected("not connected")
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise Disconnected(str(error)) from error

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
                data = self._socket.recv(_READ_BYTES)
            except TimeoutError as error:
                raise Timeout("nothing came") from error
            except OSError as error:
                raise Disconnected(str(error)) from error
            if not data:
                raise Disconnected("the peer closed the connection")
            for raw in self.session.receive(data):
                message = Message(raw)
                self.log.append(message)
                self.inbox.append(message)
                self._follow(message)

    def _follow(self, message: Message) -> None:
        """Keep the incoming number and give the answers that a session owes."""
        self.session.follow(message.raw)
        if message.msg_type == "1" and self.answer_test_requests:
            self.session.answer_test(message.raw)
            self.flush()
        elif message.msg_type == "2" and self.resend != "never":
            self.session.answer_resend(message.raw, orders=self.resend == "resend")
            self.flush()


def _of_type(msg_type: str) -> Callable[[Message], bool]:
    return lambda message: message.msg_type == msg_type
