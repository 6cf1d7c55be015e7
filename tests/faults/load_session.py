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
from venue.fixclient.message import sending_time
from venue.fixclient.session import Session

HEARTBEAT_SECONDS = 10
LOGON_SECONDS = 15.0
SILENCE_SECONDS = 2.4 * HEARTBEAT_SECONDS
MOST_PENDING = 50
"""So much of a session waits for an answer at most: a venue on a busy machine gets less to do, not
a backlog that each of its starts and consumers has to work off."""
_STAYS_SECONDS = (0.3, 3.0)
_AWAY_SECONDS = (0.05, 0.5)


class Habits(NamedTuple):
    """cancel_on_disconnect: 9001=Y. leaves: logs out now and then. resets: comes back by 141=Y."""

    cancel_on_disconnect: bool = False
    leaves: bool = False
    resets: bool = False


class LoggedSession(Session):
    """A session whose log has every message before it leaves."""

    def __init__(self, name: str, log: ClientLog) -> None:
        super().__init__(name)
        self.log = log
        self.said = 0.0
        """When something was sent last."""

    def put(self, number: int, data: bytes) -> None:
        """See Session."""
        self.log.add(SENT, number, data.decode().replace("\x01", "|"))
        self.said = time.monotonic()
        super().put(number, data)


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
        self._session = LoggedSession(name, log)
        self._asked_up_to = 0  # a gap up to this MsgSeqNum has been asked for
        self._heard = self._connected = 0.0
        self._logged_on_ns = 0
        self._leaves_at = self._away_until = 0.0
        self._leaving = self._said_logout = self._anew = False

    @property
    def takes_requests(self) -> bool:
        """Whether it may ask for something now; not while too much waits for an answer."""
        return self.on and not self._leaving and len(self.flow.pending) < MOST_PENDING

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
        session = self._session
        session.begin()
        self._asked_up_to = 0
        self._heard = self._connected = time.monotonic()
        if self._anew:
            session.reset()
        self._note(f"connected, next_out {session.next_out}, next_in {session.next_in}")
        session.log_on(
            "demo",
            username=self.name,
            heartbeat=HEARTBEAT_SECONDS,
            reset=self._anew,
            more=b"9001=Y\x01" if self._habits.cancel_on_disconnect else b"9001=N\x01",
        )
        return True

    def request(self) -> None:
        """Send one more request."""
        assert self.takes_requests
        kind, body = self.flow.request()
        self.sent += 1
        self._send(kind, f"{body}60={sending_time()}\x01")

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
        for raw in self._session.receive(data):
            text = raw.decode()
            fields = dict(part.split("=", 1) for part in text[:-1].split("\x01"))
            self._log.add(SEEN, int(fields["34"]), text.replace("\x01", "|"))
            self._take(fields)
            if self.socket is None:
                return

    def flush(self) -> None:
        """Write the log, then send what waits."""
        self._log.flush()
        out = self._session.out
        if self.socket is None or not out:
            return
        try:
            del out[: self.socket.send(out)]
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
        elif self.on and now - self._session.said > HEARTBEAT_SECONDS:
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
        self._session.send(kind.encode(), body.encode())

    def _take(self, fields: dict[str, str]) -> None:
        kind, number, session = fields["35"], int(fields["34"]), self._session
        if kind == "A":
            self._begin()
        elif kind == "1":
            self._send("0", f"112={fields['112']}\x01")
        elif kind == "2":
            self._session.resend(int(fields["7"]), int(fields["16"]))
        if kind == "5" and not self.on:
            session.next_in += 1  # QuickFIX counts the answer to its Logon, whatever number it has
        elif kind == "4" and fields.get("123") != "Y":
            self._note("the venue set its numbers by SequenceReset without gap fill")
            session.next_in = int(fields["36"])
        elif number > session.next_in:
            self._ask_for_gap(number)
        elif number < session.next_in:
            if fields.get("43") != "Y":
                self._note(f"MsgSeqNum {number} is too low, expected {session.next_in}")
                self._lose("MsgSeqNum too low")
        elif kind == "4":
            session.next_in = int(fields["36"])
        else:
            session.next_in += 1
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
            is_clean = number == self._session.next_in - 1  # nothing before it is missing
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
        if self._session.next_in > self._asked_up_to:
            self._asked_up_to = number
            self._send("2", f"7={self._session.next_in}\x0116=0\x01")
