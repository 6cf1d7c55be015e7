"""One FIX session of the load client: numbers, resends and reconnects, as a QuickFIX client does.

Goes on with its own numbers after every loss, never by 141=Y; everything is in its log.
"""

import socket
import time
from datetime import UTC, datetime

from tests.faults.client_log import NOTE, SEEN, SENT, ClientLog
from tests.faults.load_orders import OrderFlow

HEARTBEAT_SECONDS = 10
LOGON_SECONDS = 15.0
SILENCE_SECONDS = 2.4 * HEARTBEAT_SECONDS
_BEGIN = b"8=FIX.4.4\x019="
_TRAILER_BYTES = len(b"10=000\x01")


class LoadSession:
    """A session of one CompID. on: logged on now. sent: requests so far.

    served_ns: when the last logon came after which the venue has answered a new request.
    """

    def __init__(
        self, name: str, address: tuple[str, int], log: ClientLog, flow: OrderFlow
    ) -> None:
        self.name = name
        self.flow = flow
        self.socket: socket.socket | None = None
        self.on = False
        self.sent = 0
        self.served_ns = 0
        self._address = address
        self._log = log
        self._next_out = 1
        self._next_in = 1
        self._asked_up_to = 0  # a gap up to this MsgSeqNum has been asked for
        self._requests: dict[int, tuple[str, str, str]] = {}  # MsgType, SendingTime, body
        self._received = b""
        self._to_send = b""
        self._heard = self._said = self._connected = 0.0
        self._logged_on_ns = 0

    def connect(self) -> bool:
        """Try to connect and log on; whether the connection stands."""
        assert self.socket is None
        try:
            self.socket = socket.create_connection(self._address, 1.0)
        except OSError:
            return False
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self._received = self._to_send = b""
        self._asked_up_to = 0
        self._heard = self._connected = time.monotonic()
        self._note(f"connected, next_out {self._next_out}, next_in {self._next_in}")
        body = f"98=0\x01108={HEARTBEAT_SECONDS}\x01553={self.name}\x01554=demo\x019001=N\x01"
        self._send("A", body)
        return True

    def request(self) -> None:
        """Send one more request."""
        assert self.on
        kind, body = self.flow.request()
        body += f"60={_now()}\x01"
        self._requests[self._next_out] = (kind, _now(), body)
        self.sent += 1
        self._send(kind, body)

    def read(self) -> None:
        """Take what has come."""
        assert self.socket is not None
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(str(error))
            return
        if not data:
            self._lose("closed by the venue")
            return
        self._heard = time.monotonic()
        self._received += data
        self._take_messages()

    def flush(self) -> None:
        """Write the log, then send what waits."""
        self._log.flush()
        if self.socket is None or not self._to_send:
            return
        try:
            self._to_send = self._to_send[self.socket.send(self._to_send) :]
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(str(error))

    def look_at_clock(self) -> None:
        """Heartbeat when due; give up a connection on which nothing comes."""
        if self.socket is None:
            return
        now = time.monotonic()
        if not self.on and now - self._connected > LOGON_SECONDS:
            self._lose("the Logon was not answered")
        elif now - self._heard > SILENCE_SECONDS:
            self._lose("nothing heard")
        elif self.on and now - self._said > HEARTBEAT_SECONDS:
            self._send("0", "")

    def log_out(self) -> None:
        """Send a Logout."""
        if self.on:
            self._send("5", "")

    def close(self) -> None:
        """End the connection and the log."""
        if self.socket is not None:
            self._lose("closed by the client")
        self._log.close()

    def _lose(self, why: str) -> None:
        assert self.socket is not None
        self._note(f"lost: {why}")
        self.socket.close()
        self.socket = None
        self.on = False

    def _note(self, text: str) -> None:
        self._log.add(NOTE, 0, text)

    def _send(self, kind: str, body: str) -> None:
        number = self._next_out
        self._next_out += 1
        self._put(kind, number, f"52={_now()}\x01", body)

    def _put(self, kind: str, number: int, header: str, body: str) -> None:
        text = f"35={kind}\x0149={self.name}\x0156=VENUE\x0134={number}\x01{header}{body}"
        data = b"%b%d\x01%b" % (_BEGIN, len(text), text.encode())
        data += b"10=%03d\x01" % (sum(data) % 256)
        self._log.add(SENT, number, data.decode().replace("\x01", "|"))
        self._to_send += data
        self._said = time.monotonic()

    def _take_messages(self) -> None:
        data, place = self._received, 0
        while (end := _end_of_message(data, place)) is not None:
            raw = data[place:end]
            place = end
            text = raw.decode()
            fields = dict(part.split("=", 1) for part in text[:-1].split("\x01"))
            self._log.add(SEEN, int(fields["34"]), text.replace("\x01", "|"))
            self._take(fields)
            if self.socket is None:
                return
        self._received = data[place:]

    def _take(self, fields: dict[str, str]) -> None:
        kind, number = fields["35"], int(fields["34"])
        if kind == "A":
            self.on = True
            self._logged_on_ns = time.monotonic_ns()
        elif kind == "1":
            self._send("0", f"112={fields['112']}\x01")
        elif kind == "2":
            self._resend(int(fields["7"]), int(fields["16"]))
        if kind == "4" and fields.get("123") != "Y":
            self._note("the venue set its numbers by SequenceReset without gap fill")
            self._next_in = int(fields["36"])
        elif number > self._next_in:
            self._ask_for_gap(number)
        elif number < self._next_in:
            if fields.get("43") != "Y":
                self._note(f"MsgSeqNum {number} is too low, expected {self._next_in}")
                self._lose("MsgSeqNum too low")
        elif kind == "4":
            self._next_in = int(fields["36"])
        else:
            self._next_in += 1
            if kind in "89" and self.flow.take(fields) and fields.get("43") != "Y":
                self.served_ns = self._logged_on_ns
        if kind == "5" and self.socket is not None:
            self._note(f"logout: {fields.get('58', '')}")
            self._send("5", "")
            self.flush()
            if self.socket is not None:
                self._lose("logged out")

    def _ask_for_gap(self, number: int) -> None:
        """Ask once for everything from the first missing number on; what is ahead comes again."""
        if self._next_in > self._asked_up_to:
            self._asked_up_to = number
            self._send("2", f"7={self._next_in}\x0116=0\x01")

    def _resend(self, begin: int, end: int) -> None:
        """Requests again with PossDupFlag, everything else as gap fill."""
        last = min(end or self._next_out - 1, self._next_out - 1)
        number = begin
        while number <= last:
            request = self._requests.get(number)
            if request is not None:
                kind, sent_at, body = request
                self._put(kind, number, f"43=Y\x0152={_now()}\x01122={sent_at}\x01", body)
                number += 1
                continue
            begin = number
            while number <= last and number not in self._requests:
                number += 1
            header = f"43=Y\x0152={_now()}\x01122={_now()}\x01"
            self._put("4", begin, header, f"123=Y\x0136={number}\x01")


def _end_of_message(data: bytes, place: int) -> int | None:
    """Offset behind the message at `place`; None while it is not whole. Raises ValueError."""
    head = place + len(_BEGIN)
    soh = data.find(b"\x01", head)
    if soh == -1:
        return None
    if data[place:head] != _BEGIN:
        raise ValueError(f"no FIX message: {data[place : place + 80]!r}")
    end = soh + 1 + int(data[head:soh]) + _TRAILER_BYTES
    if len(data) < end:
        return None
    if int(data[end - 4 : end - 1]) != sum(data[place : end - _TRAILER_BYTES]) % 256:
        raise ValueError(f"CheckSum wrong: {data[place:end]!r}")
    return end


def _now() -> str:
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]
