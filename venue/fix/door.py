"""The door: the venue owns every client's socket, and reads, decides and writes at its own pace.

Wires the parts of the edge together. The steps of a message:

    1 a connection is accepted, or handed in by a gate
    2 the one reader cuts and checks its first message
    3 the venue authenticates; a refused logon changes nothing
    4 only then QuickFIX gets a stream, and the Logon on it
    5 from then on QuickFIX, which keeps the session protocol, is shown whole, checked messages
    6 messages that it lets pass are decoded and sequenced
    7 its messages and the venue's reports leave in one send a round
    8 a resend comes from memory and the journal, a slice at a time
    9 a client that does not read, floods or lies costs its own session only
"""

import time
from collections.abc import Mapping

import structlog

from venue.domain.commands import LogOut
from venue.fix.acceptor import FixAcceptor
from venue.fix.arrivals import Arrivals
from venue.fix.clocks import Clocks
from venue.fix.connection import Connection
from venue.fix.frame import Frame
from venue.fix.leaving import LAST_WORDS_SECONDS, Leaving
from venue.fix.life import Life
from venue.fix.logons import Logons
from venue.fix.message_log import MessageLog
from venue.fix.owing import Owing
from venue.fix.sender import SessionSender
from venue.fix.stage import Stage
from venue.fix.stream import Streams
from venue.fix.tags import LOGOUT
from venue.fix.traffic import Traffic
from venue.fix.turns import Turns

_log = structlog.get_logger("sessions")
_CLOCK_SECONDS = 0.1
_NAP_SECONDS = 0.0001
_RESEND_SECONDS = 0.001
_RESEND_BYTES = 1 << 18


class Door:
    """Wires arrivals, logons, traffic and QuickFIX together; polled by the loop of trading."""

    def __init__(
        self,
        arrivals: Arrivals,
        acceptor: FixAcceptor,
        streams: Streams,
        sender: SessionSender,
        log: MessageLog,
        life: Life,
        logons: Logons,
        traffic: Traffic,
        *,
        can_leave_out: bool = False,
    ) -> None:
        """can_leave_out: see Clocks."""
        self._arrivals = arrivals
        self._acceptor = acceptor
        self._sender = sender
        self._log = log
        self._life = life
        self._logons = logons
        self._traffic = traffic
        self._stream = streams
        self._by_session: dict[str, Connection] = {}
        self._sending: set[str] = set()  # sessions QuickFIX has sent to since the last round
        self._gone: dict[str, None] = {}
        self._owing = Owing(life.send_owed)
        self._leaving = Leaving(arrivals)
        self._clocks = Clocks(
            arrivals,
            sender,
            logons,
            traffic,
            self._take,
            life.send,
            can_leave_out=can_leave_out,
        )
        self._turns = Turns()
        self._clock_due = 0.0
        self._puts_off = False
        self.stopping = False

    # --- the loop

    def poll(self) -> None:
        """One round; returns at once. Raises what the disk or the core raises."""
        self._turns.begin_round(self._sender.dear)
        self._puts_off = False
        for connection in self._arrivals.poll():
            if self._turns.may_be_read(connection):
                self._read(connection)
            else:
                self._puts_off = True
        self._logons.poll()
        now = time.monotonic()
        if now >= self._clock_due:
            self._clock_due = now + _CLOCK_SECONDS
            self._acceptor.run_timers()
            self._clocks.look(now)
        self._stream.let_read()
        self._after_quickfix()
        for connection in list(self._traffic.holding):
            self._traffic.show_held(connection, all_read=self._stream.has_read(connection))
            self._stream.show(connection)
        self._traffic.go_on_resending(_RESEND_SECONDS, _RESEND_BYTES)
        if not self.stopping:
            self._owing.go_on(self._by_session, _RESEND_BYTES)
        self._leaving.close_left(now)

    def rest(self, seconds: float) -> None:
        """Wait until a client sends something, at most so long; shorter while work goes on."""
        traffic = self._traffic
        goes_on = traffic.holding or traffic.resends.under_way or self._stream.goes_on
        if goes_on or self._puts_off or self._owing or self._leaving:
            time.sleep(_NAP_SECONDS)
        else:
            self._arrivals.wait(seconds)

    def log_out_all(self, reason: str, unsure: frozenset[str] = frozenset()) -> None:
        """The venue stops: log every session out and exchange Logouts, at most 2 s.

        Those in `unsure` are cut off without a Logout: it would take the number of a report that
        the next start may find in the journal, and the member would never ask for that one.
        """
        self.stopping = True
        self._logons.takes_none = True
        for session in list(self._by_session):
            if session in unsure:
                self._sender.drop(session)
            else:
                self._sender.end(session, reason)
        deadline = time.monotonic() + LAST_WORDS_SECONDS
        while self._by_session or len(self._leaving):
            self.poll()
            if time.monotonic() > deadline:
                _log.warning("not all sessions answered the logout in time")
                break

    def connections(self) -> Mapping[str, Connection]:
        """Those of the sessions that are logged on."""
        return self._by_session

    # --- what QuickFIX says: see Passage

    def passed(self, session: str, number: int) -> None:
        """The application message of this MsgSeqNum is in order and valid by the dictionary."""
        self._traffic.passed(self._by_session[session], number)

    def session_message_passed(self, session: str, number: int) -> None:
        """The session message of this MsgSeqNum is in order."""
        connection = self._by_session[session]
        if connection.pending:
            self._traffic.session_message_passed(connection, number)

    def logged_on(self, session: str) -> None:
        """The session is logged on; its Logon has been answered."""
        connection = self._by_session[session]
        connection.is_answered = True
        self._traffic.begin(connection)

    def logged_out(self, session: str) -> None:
        """The session has ended."""
        self._gone[session] = None

    def quickfix_sends(self, session: str, msg_type: str, refused: int) -> None:
        """QuickFIX sends a message of its own, which takes a number."""
        self._sender.number_taken(session)
        self._sending.add(session)
        connection = self._by_session.get(session)
        if connection is not None:
            connection.pending.pop(refused, None)
        if msg_type == LOGOUT and connection is not None:
            connection.stage = Stage.ENDING
            connection.until = time.monotonic() + LAST_WORDS_SECONDS

    def failed(self, session: str, number: int, error: Exception) -> None:
        """Acting on this message has raised `error`."""
        connection = self._by_session.get(session)
        frame = None if connection is None else connection.pending.pop(number, None)
        self._traffic.failed(session, connection, number, frame.raw if frame else b"", error)

    # --- what a logon needs: see Entrance

    def connect(self, connection: Connection, session: str) -> None:
        """Give the connection a stream to QuickFIX. Raises PrivateWayError."""
        connection.stream = self._acceptor.connect(session)
        self._by_session[session] = connection

    def exchange(self, connection: Connection) -> None:
        """Let QuickFIX read what it is shown, and take over its answers."""
        self._stream.show(connection)
        self._acceptor.poll()
        self._stream.take_over(connection, 0)

    def taken(self, connection: Connection, session: str, frame: Frame) -> None:
        """Note a Logon that was accepted."""
        self._log.note_in(session, [frame.raw], time.time_ns())

    def settled(self, connection: Connection) -> None:
        """The session is on: send the reports owed to it, take what came behind the Logon."""
        connection.flush()
        self._owing.begin(connection.session)
        self._take(connection, connection.reader.take(b""))

    def resend_from(self, connection: Connection, begin: int, end: int) -> None:
        """Send these numbers again without a ResendRequest (NextExpectedMsgSeqNum(789))."""
        self._traffic.resend_after_logon(connection, begin, end)

    def leave(self, connection: Connection) -> None:
        """Close the connection once all that was put has left."""
        self._leaving.add(connection)

    # --- one round's parts

    def _read(self, connection: Connection) -> None:
        """Take what has come over a connection."""
        link, data = connection.link, b""
        try:
            data = link.receive(self._turns.bytes_of(connection))
            self._turns.took(connection, len(data))
            if data and connection.stage is Stage.ARRIVED:
                self._take_first(connection, data)
            elif data and connection.session:
                self._take(connection, connection.reader.take(data))
            elif link.ended is not None:
                self._ended(connection)
        except Exception as error:  # an error of these bytes costs their own connection only
            self._traffic.failed(connection.session, connection, 0, data, error)
            if not connection.session:
                self._arrivals.drop(connection, "its first message could not be read")

    def _take_first(self, connection: Connection, data: bytes) -> None:
        frames = connection.reader.take(data, most=1)
        garbled = connection.reader.garbled
        if garbled:
            self._arrivals.drop(connection, f"it is not FIX: {next(iter(garbled))}")
        elif frames and not self._logons.arrived(connection, frames[0]):
            self._arrivals.drop(connection, "its first message is no Logon")

    def _take(self, connection: Connection, frames: list[Frame]) -> None:
        if frames:
            connection.last_in_ns = now_ns = time.time_ns()
            self._log.note_in(connection.session, [frame.raw for frame in frames], now_ns)
            self._traffic.show(connection, frames)
            self._stream.show(connection)
        reader = connection.reader
        if reader.garbled:
            self._traffic.garbled(connection)
        if frames or not reader.waits:
            connection.waits_since = None
        elif connection.waits_since is None:
            connection.waits_since = time.monotonic()

    def _ended(self, connection: Connection) -> None:
        """The client has gone: QuickFIX reads what is left, then the end."""
        self._arrivals.forget(connection)
        if connection.stream is not None:
            self._stream.end(connection)
        else:
            self._logons.gone(connection)
            connection.link.close()
            if connection.stage is not Stage.LEAVING:
                _log.info("connection ended before a logon", address=str(connection.link.peer))

    def _after_quickfix(self) -> None:
        """Take over what QuickFIX has sent, record its numbers, and follow the sessions' ends."""
        while self._sending:
            session = self._sending.pop()
            connection = self._by_session.get(session)
            if connection is None:
                continue
            self._stream.take_over(connection, 0)
            if not self.stopping:  # the last batch has exact numbers, or the disk took none
                self._life.admin_sent(session)
            connection.flush()
        for session in self._gone:
            self._leave_session(session)
        self._gone.clear()

    def _leave_session(self, session: str) -> None:
        connection = self._by_session.pop(session)
        _log.info("logged out", session=session, address=str(connection.link.peer))
        if connection.not_taken:
            self._sender.expect(session, connection.not_taken)
        self._sender.detach(session)
        self._traffic.end(connection)
        self._stream.take_over(connection, 0)
        self._stream.close(connection)
        if not self.stopping:
            self._life.submit(LogOut(session))
        self.leave(connection)
