"""One FIX session under load: a socket that never blocks, requests out, answers counted by ClOrdID.

Owns its socket and MsgSeqNum; does not know when anything is due. Reads just enough of a message.
"""

import socket
import ssl
import time
from collections import Counter

from venue.clock import Clock, utc_timestamp
from venue.load.flow import Flow, OpenOrder
from venue.load.quantiles import Quantiles
from venue.load.wire import SOH, field, frame, split

HEARTBEAT_SECONDS = 30
_QUIET_SECONDS = HEARTBEAT_SECONDS * 0.8
_LOGON_SECONDS = 10.0
_LOGOUT_SECONDS = 2.0
_READ_BYTES = 1 << 18
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_TRADE, _REJECTED = b"F", b"8"


class LoadError(Exception):
    """The load cannot begin, or cannot go on; the text is the one line that says why."""


class ClosedAtLogon(LoadError):
    """The venue closed the connection without a word: CompID unknown, or connected already."""


class LoadSession:
    """Logged on once made. Times are of time.perf_counter_ns.

    pending: of requests that are not answered, by ClOrdID: when each was due, and the order that it
    leads to. Latencies of requests that were due before `measure_from` are not counted.
    """

    def __init__(
        self,
        address: tuple[str, int],
        comp_id: str,
        password: str,
        flow: Flow,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Log on with 141=Y and 9001=N, by TLS when there is a context. Raises LoadError."""
        self.comp_id = comp_id
        self.flow = flow
        self.pending: dict[bytes, tuple[int, OpenOrder | None]] = {}
        self.latencies = Quantiles()
        self.measure_from = 0
        self.sent = self.answered = self.fills = 0
        self.rejects: Counter[str] = Counter()
        self._name = comp_id.encode()
        self._number = 0
        self._clock = Clock()
        self._stamp_from = self._sent_at = 0
        self._stamp = b""
        self._out = bytearray()
        self._rest = b""
        self._leaving = self._logged_out = False
        try:
            self.socket = _connected(address, tls)
        except ssl.SSLError as error:
            raise LoadError(f"no TLS at {address[0]}:{address[1]}: {error}") from error
        except OSError as error:
            raise LoadError(f"nothing listens on {address[0]}:{address[1]}: {error}") from error
        try:
            self._log_on(password)
        except BaseException:
            self.socket.close()
            raise

    def send_request(self, due_ns: int, now_ns: int) -> None:
        """Put the flow's next request into the outgoing bytes; `flush` sends them."""
        msg_type, cl_ord_id, body, order = self.flow.next_request()
        self.pending[cl_ord_id] = (due_ns, order)
        self.sent += 1
        self._put(msg_type, body, now_ns)

    def flush(self) -> bool:
        """Send what can be sent; whether nothing is left. Raises LoadError."""
        out = self._out
        if out:
            try:
                del out[: self.socket.send(out)]
            except _NOT_NOW:
                return False
            except OSError as error:
                raise LoadError(f"{self.comp_id}: the connection broke: {error}") from error
        return not out

    def read(self) -> None:
        """Take what has come. Raises LoadError when the session has ended."""
        try:
            data = self.socket.recv(_READ_BYTES)
        except _NOT_NOW:
            return
        except OSError as error:
            raise LoadError(f"{self.comp_id}: the connection broke: {error}") from error
        now_ns = time.perf_counter_ns()
        if not data:
            raise LoadError(f"{self.comp_id}: the venue closed the connection")
        messages, self._rest = split(self._rest + data)
        for message in messages:
            at = message.find(b"\x0135=") + 4
            kind = message[at : at + 2]
            if kind == b"8\x01":
                self._take_report(message, now_ns)
            else:
                self._take_other(kind.rstrip(SOH), message, now_ns)

    def keep_alive(self, now_ns: int) -> None:
        """Send a Heartbeat when nothing else was sent for long."""
        if now_ns - self._sent_at > _QUIET_SECONDS * 1e9:
            self._put(b"0", b"", now_ns)

    def give_up(self, now_ns: int) -> None:
        """Count what is unanswered with the time that it has waited: it would have taken longer."""
        for due_ns, _ in self.pending.values():
            if due_ns >= self.measure_from:
                self.latencies.record(now_ns - due_ns)

    def log_out(self) -> None:
        """Log out and close, waiting a moment for the venue's Logout."""
        self._leaving = True
        try:
            self._put(b"5", b"", time.perf_counter_ns())
            self.socket.settimeout(_LOGOUT_SECONDS)
            self.socket.sendall(self._out)
            deadline = time.monotonic() + _LOGOUT_SECONDS
            while not self._logged_out and time.monotonic() < deadline:
                self.read()
        except (LoadError, OSError):
            self._logged_out = True  # the venue ended the connection first
        finally:
            self.socket.close()

    def close(self) -> None:
        """Close without a word."""
        self.socket.close()

    def _log_on(self, password: str) -> None:
        text = f"98=0|108={HEARTBEAT_SECONDS}|141=Y|553={self.comp_id}|554={password}|9001=N|"
        self._put(b"A", text.replace("|", "\x01").encode(), time.perf_counter_ns())
        self.socket.sendall(self._out)
        self._out.clear()
        messages: list[bytes] = []
        while not messages:
            try:
                data = self.socket.recv(_READ_BYTES)
            except TimeoutError as error:
                raise LoadError(f"{self.comp_id}: no answer to the logon") from error
            if not data:
                raise ClosedAtLogon(
                    f"{self.comp_id}: the venue closed the connection at logon: unknown CompID, or "
                    "session already connected"
                )
            messages, self._rest = split(self._rest + data)
        answer = messages.pop(0)
        if field(answer, b"35") != b"A":
            why = field(answer, b"58").decode(errors="replace") or "no reason given"
            raise LoadError(f"logon as {self.comp_id} was refused: {why}")
        now_ns = time.perf_counter_ns()
        for message in messages:  # reports that fell due while the session was out
            self._take_other(field(message, b"35"), message, now_ns)
        self.socket.setblocking(False)

    def _put(self, msg_type: bytes, body: bytes, now_ns: int) -> None:
        if now_ns >= self._stamp_from + 1_000_000_000 or not self._stamp:
            self._stamp_from = now_ns
            self._stamp = utc_timestamp(self._clock.now_ns()).encode()
        self._number += 1
        self._sent_at = now_ns
        self._out += frame(self._name, msg_type, self._number, self._stamp, body)

    def _take_report(self, message: bytes, now_ns: int) -> None:
        begin = message.find(b"\x0111=") + 4
        cl_ord_id = message[begin : message.find(SOH, begin)]
        begin = message.find(b"\x01150=") + 5
        exec_type = message[begin : begin + 1]
        if exec_type == _TRADE:
            self.fills += 1
            if message.find(b"\x0139=2\x01") >= 0:
                self.flow.filled(cl_ord_id)
            return
        order = self._answer(cl_ord_id, now_ns)
        if exec_type == _REJECTED:
            self._count_reject(message, b"103")
        elif order is not None:
            self.flow.accepted(cl_ord_id, order)

    def _take_other(self, msg_type: bytes, message: bytes, now_ns: int) -> None:
        if msg_type == b"9":
            self._answer(field(message, b"11"), now_ns)
            self._count_reject(message, b"102")
        elif msg_type == b"1":
            self._put(b"0", b"112=%b\x01" % field(message, b"112"), now_ns)
        elif msg_type == b"j":
            self._answer(field(message, b"379"), now_ns)
            self._count_reject(message, b"380")
        elif msg_type == b"3":
            self._count_reject(message, b"373")
        elif msg_type == b"2":
            raise LoadError(f"{self.comp_id}: the venue asks for messages to be sent again")
        elif msg_type == b"5":
            if not self._leaving:
                why = field(message, b"58").decode(errors="replace")
                raise LoadError(f"{self.comp_id} was logged out: {why}")
            self._logged_out = True

    def _answer(self, cl_ord_id: bytes, now_ns: int) -> OpenOrder | None:
        """Count the answer to a request, if it is one; the order that the request leads to."""
        request = self.pending.pop(cl_ord_id, None)
        if request is None:
            return None
        due_ns, order = request
        self.answered += 1
        if due_ns >= self.measure_from:
            self.latencies.record(now_ns - due_ns)
        return order

    def _count_reject(self, message: bytes, tag: bytes) -> None:
        """By reason: the venue's word at the head of Text(58), and the code of FIX."""
        word = field(message, b"58").split(b" ")[0].decode(errors="replace")
        self.rejects[f"{word} {tag.decode()}={field(message, tag).decode()}".strip()] += 1


def _connected(address: tuple[str, int], tls: ssl.SSLContext | None) -> socket.socket:
    connection = socket.create_connection(address, _LOGON_SECONDS)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return tls.wrap_socket(connection, server_hostname=address[0]) if tls else connection
    except BaseException:
        connection.close()
        raise
