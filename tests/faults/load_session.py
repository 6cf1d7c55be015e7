"""One FIX session of the load client: numbers, resends and reconnects, as a QuickFIX client does.

Goes on with its own numbers after every loss; takes them back to 1 (141=Y) only where it has logged
out cleanly with nothing open, for what was on its way then is lost. Everything is in its log.
"""

import random
import socket
import time
from typing import NamedTuple

from tests.faults.client_log import NOTE, SEEN, SENT, ClientLog
from tests.faults.load_orders import OrderFlow
from tests.faults.wire import end_of_message, framed, sending_time

HEARTBEAT_SECONDS = 10
LOGON_SECONDS = 15.0
SILENCE_SECONDS = 2.4 * HEARTBEAT_SECONDS
_STAYS_SECONDS = (0.3, 6.0)
_AWAY_SECONDS = (0.05, 0.5)


class Habits(NamedTuple):
    """cancel_on_disconnect: 9001=Y. leaves: logs out now and then. resets: comes back by 141=Y."""

    cancel_on_disconnect: bool = False
    leaves: bool = False
    resets: bool = False


class LoadSession:
    """A session of one CompID. on: logged on now. sent: requests so far.

    served_ns: when the last logon came after which the venue has answered a new request.
    """

    def __init__(
        self,
        name: str,
        habits: Habits,
        address: tuple[str, int],
        log: ClientLog,
        flow: OrderFlow,
        seed: str,
    ) -> None:
        self.name = name
        self._habits = habits
        self._random = random.Random(f"{seed}/{name}/session")
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
        self._leaves_at = self._away_until = 0.0
        self._leaving = self._said_logout = self._anew = False

    @property
    def takes_requests(self) -> bool:
        """Whether it may ask for something now."""
        return self.on and not self._leaving

    def connect(self) -> bool:
        """Try to connect and log on, unless it stays away; whether the connection stands."""
        assert self.socket is None
        if time.monotonic() < self._away_until:
            return False
        try:
            self.socket = socket.create_connection(self._address, 1.0)
        except OSError:
            return False
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self._received = self._to_send = b""
        self._asked_up_to = 0
        self._heard = self._connected = time.monotonic()
        body = f"98=0\x01108={HEARTBEAT_SECONDS}\x01"
        if self._anew:
            self._next_out = self._next_in = 1
            self._requests.clear()
            body += "141=Y\x01"
        self._note(f"connected, next_out {self._next_out}, next_in {self._next_in}")
        choice = "Y" if self._habits.cancel_on_disconnect else "N"
        self._send("A", f"{body}553={self.name}\x01554=demo\x019001={choice}\x01")
        return True

    def request(self) -> None:
        """Send one more request."""
        assert self.takes_requests
        kind, body = self.flow.request()
        body += f"60={sending_time()}\x01"
        self._requests[self._next_out] = (kind, sending_time(), body)
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

    def look_at_clock(self, may_leave: bool) -> None:
        """Heartbeat when due; give up a connection where nothing comes; leave when it is time."""
        if self.socket is None:
            return
        now = time.monotonic()
        if not self._said_logout:
            self._leaving = may_leave and self.on and now > self._leaves_at > 0
            if self._leaving and not self.flow.pending:
                self._said_logout = True
                self._send("5", "")
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
        self.on = self._leaving = self._said_logout = False

    def _note(self, text: str) -> None:
        self._log.add(NOTE, 0, text)

    def _send(self, kind: str, body: str) -> None:
        number = self._next_out
        self._next_out += 1
        self._put(kind, number, f"52={sending_time()}\x01", body)

    def _put(self, kind: str, number: int, header: str, body: str) -> None:
        text = f"35={kind}\x0149={self.name}\x0156=VENUE\x0134={number}\x01{header}{body}"
        data = framed(text)
        self._log.add(SENT, number, data.decode().replace("\x01", "|"))
        self._to_send += data
        self._said = time.monotonic()

    def _take_messages(self) -> None:
        data, place = self._received, 0
        while (end := end_of_message(data, place)) is not None:
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
            self._begin()
        elif kind == "1":
            self._send("0", f"112={fields['112']}\x01")
        elif kind == "2":
            self._resend(int(fields["7"]), int(fields["16"]))
        if kind == "5" and not self.on:
            self._next_in += 1  # QuickFIX counts the answer to its Logon, whatever number it has
        elif kind == "4" and fields.get("123") != "Y":
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
            if kind in ("8", "9", "r") and self.flow.take(fields) and fields.get("43") != "Y":
                self.served_ns = self._logged_on_ns
        if kind == "5" and self.socket is not None:
            self._end(number, fields.get("58", ""))

    def _begin(self) -> None:
        """Logged on."""
        self.on = True
        self._anew = False
        self._logged_on_ns = time.monotonic_ns()
        if self._habits.leaves:
            self._leaves_at = time.monotonic() + self._random.uniform(*_STAYS_SECONDS)

    def _end(self, number: int, text: str) -> None:
        """A Logout: the answer to ours, or the venue's own, which is answered."""
        if self._said_logout:
            is_clean = number == self._next_in - 1  # nothing before it is missing
            self._anew = self._habits.resets and is_clean
            self._away_until = time.monotonic() + self._random.uniform(*_AWAY_SECONDS)
        else:
            self._note(f"logout: {text}")
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
                self._put(kind, number, f"43=Y\x0152={sending_time()}\x01122={sent_at}\x01", body)
                number += 1
                continue
            begin = number
            while number <= last and number not in self._requests:
                number += 1
            header = f"43=Y\x0152={sending_time()}\x01122={sending_time()}\x01"
            self._put("4", begin, header, f"123=Y\x0136={number}\x01")
