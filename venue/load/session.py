"""One FIX session of the load client in Python: requests out, answers counted by ClOrdID.

Owns its socket, which never blocks; does not know when anything is due. Whatever comes has to be
whole and in order. `native/session.c` is the same for the client in C.
"""

import ssl
import time
from collections import Counter

from venue.fixclient.client import Client, LogonRefused, Timeout
from venue.fixclient.message import sending_time
from venue.fixclient.session import Session
from venue.fixclient.wire import SOH, FixClientError, field
from venue.load.flow import Flow, OpenOrder
from venue.load.quantiles import Quantiles
from venue.load.task import LoadError

_QUIET_SHARE = 0.8
"""Of the heartbeat interval, after which a Heartbeat is sent."""
_LOGON_SECONDS = 10.0
_LOGOUT_SECONDS = 2.0
_READ_BYTES = 1 << 18
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_TRADE, _REJECTED = b"F", b"8"


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
        heartbeat_seconds: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Log on with 141=Y and 9001=N, by TLS when there is a context. Raises LoadError."""
        self.comp_id = comp_id
        self.flow = flow
        self.pending: dict[bytes, tuple[int, OpenOrder | None]] = {}
        self.latencies = Quantiles()
        self.measure_from = 0
        self._quiet_ns = int(heartbeat_seconds * _QUIET_SHARE * 1e9)
        self.sent = self.answered = self.fills = self.resend_requests = 0
        self.rejects: Counter[str] = Counter()
        self._stamp_from = self._sent_at = time.perf_counter_ns()
        self._stamp = sending_time().encode()
        self._leaving = self._logged_out = False
        self._session = Session(comp_id, keeps=False)
        with Client(
            address,
            self._session,
            username=comp_id,
            resend="never",
            answer_test_requests=False,
            tls=tls,
        ) as client:
            _log_on(client, password, heartbeat_seconds)
            now_ns = time.perf_counter_ns()
            for message in client.inbox:  # reports that fell due while the session was out
                self._take_other(message.msg_type.encode(), message.raw, now_ns)
            self.socket = client.detach()
        self.socket.setblocking(False)

    def begin_run(self, measure_from: int) -> None:
        """Count rejects, resends and latencies from nothing."""
        self.measure_from = measure_from
        self.latencies = Quantiles()
        self.rejects.clear()
        self.resend_requests = 0

    def send_request(self, due_ns: int, now_ns: int) -> None:
        """Put the flow's next request into the outgoing bytes; `flush` sends them."""
        msg_type, cl_ord_id, body, order = self.flow.next_request()
        self.pending[cl_ord_id] = (due_ns, order)
        self.sent += 1
        self._put(msg_type, body, now_ns)

    def flush(self) -> bool:
        """Send what can be sent; whether nothing is left. Raises LoadError."""
        out = self._session.out
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
        try:
            messages = self._session.receive(data)
        except FixClientError as error:
            raise LoadError(f"{self.comp_id}: a message that is garbled: {error}") from error
        for message in messages:
            if not self._is_next(message):
                continue
            kind = field(message, b"35")
            if kind == b"8":
                self._take_report(message, now_ns)
            else:
                self._take_other(kind, message, now_ns)

    def keep_alive(self, now_ns: int) -> None:
        """Send a Heartbeat when nothing else was sent for long."""
        if now_ns - self._sent_at > self._quiet_ns:
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
            self.socket.sendall(self._session.out)
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

    def _put(self, msg_type: bytes, body: bytes, now_ns: int) -> None:
        if now_ns >= self._stamp_from + 1_000_000_000:
            self._stamp_from = now_ns
            self._stamp = sending_time().encode()
        self._sent_at = now_ns
        self._session.send(msg_type, body, self._stamp)

    def _is_next(self, message: bytes) -> bool:
        """Whether it is the next message; one that came before is not looked at again."""
        due, number = self._session.next_in, field(message, b"34")
        is_reset = field(message, b"35") == b"4" and field(message, b"123") != b"Y"
        if not is_reset and number != b"%d" % due:
            if field(message, b"43") == b"Y" and number.isdigit() and int(number) < due:
                return False
            came = number.decode(errors="replace")
            raise LoadError(f"{self.comp_id}: MsgSeqNum {came} came where {due} was due")
        self._session.follow(message)
        return True

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
            self.resend_requests += 1  # what was lost stays unanswered
            self._session.answer_resend(message, orders=False)
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


def _log_on(client: Client, password: str, heartbeat: int) -> None:
    """Raises LoadError."""
    where, name = "{}:{}".format(*client.address), client.username
    extra = [(9001, "N")]
    try:
        client.logon(password, heartbeat=heartbeat, extra=extra, timeout=_LOGON_SECONDS)
    except LogonRefused as error:
        if error.logout is None:
            raise ClosedAtLogon(
                f"{name}: the venue closed the connection at logon: unknown CompID, or session "
                "already connected"
            ) from error
        why = str(error) or "no reason given"
        raise LoadError(f"logon as {name} was refused: {why}") from error
    except Timeout as error:
        raise LoadError(f"{name}: no answer to the logon") from error
    except FixClientError as error:
        raise LoadError(f"{name}: {error}") from error
    except ssl.SSLError as error:
        raise LoadError(f"no TLS at {where}: {error}") from error
    except OSError as error:
        raise LoadError(f"nothing listens on {where}: {error}") from error
