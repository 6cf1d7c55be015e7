"""The FIX edge of a data process: market data or drop copies stand behind it, not the sequencer.

Numbers, queues and ends sessions for its core; never says what is sent. One thread: nothing here
waits but for the disk that takes the sessions' numbers.
"""

import socket
import time
from collections.abc import Callable, Iterator

from venue.data_directory import DataDirectory
from venue.domain.commands import LogOn, LogOut
from venue.domain.outgoing import Delivered, Kept, Outgoing
from venue.edge_parts import EdgeParts
from venue.fix.frame import Fault, Frame
from venue.fix.groups import DecodeError
from venue.fix.intake import Intake
from venue.fix.logons import Reopening
from venue.fix.refusals import refused_on_data_sessions, reject
from venue.fix.routing import route_of
from venue.fix.stage import Stage
from venue.fixdata.core import DataCore
from venue.fixdata.disabled import SESSION_DISABLED, Disabled
from venue.fixdata.numbers import RESERVE, Numbers, SessionNumbers
from venue.settings.session_kinds import SessionKind
from venue.settings.settings import Settings

_OPEN = Reopening(closed=lambda: None, may_be_ahead=lambda session: False)


class DataEdge(EdgeParts):
    """process: its name, for the file of numbers. listener: a bound socket.

    A core sends by `put`, then `flush`: what a client does not read waits in the session's queue,
    whose length `unread_bytes` tells.
    """

    def __init__(
        self, settings: Settings, kind: SessionKind, process: str, listener: socket.socket
    ) -> None:
        self._core: DataCore
        self._numbers = SessionNumbers(DataDirectory(settings.data_dir).session_numbers(process))
        self._left: dict[str, None] = {}
        """Sessions that have ended since their numbers were recorded: many may end at once."""
        self._resets: dict[str, bool] = {}
        """Sessions that are on and of which the core does not know yet: whether with 141=Y."""
        self._intake = intake = Intake(self, self._taken, refused_on_data_sessions)
        self._disabled = Disabled(DataDirectory(settings.data_dir).disabled_sessions)
        super().__init__(settings, kind, listener, self._disabled.lets_on, _OPEN, intake)

    def serve(self, core: DataCore) -> None:
        """Hand what comes to this core from now on."""
        self._core = core

    def tell_answered_tests(self, tell: Callable[[str, str], None]) -> None:
        """Have `tell` called with session and TestReqID(112) of each TestRequest answered."""
        self._intake.test_answered = tell

    def configure(self, settings: Settings) -> list[str]:
        """See EdgeParts; new sessions go on with the numbers that they had before."""
        new = super().configure(settings)
        self._restore(new)
        return new

    # --- for the core

    def put(
        self,
        message: Outgoing,
        *,
        again: bool = False,
        noted: bool = True,
        sent_ns: int | None = None,
    ) -> int:
        """Number a message, and queue it for the client if the session is on; `flush` sends it.

        again: PossResend(97)=Y. noted: it stands in the log of messages. sent_ns: its
        SendingTime(52), else now. Returns its MsgSeqNum. Raises OSError when the disk does not take
        the numbers.
        """
        session = message.session
        number = self.sender.next_out(session)
        if not self._numbers.covers(session, number):
            self._numbers.reserve(session, self.sender.next_in(session), number)
        now_ns = time.time_ns() if sent_ns is None else sent_ns
        self.sender.send(message, now_ns, again=again, noted=noted)
        return number

    def flush(self) -> None:
        """Let what was put leave, as far as the clients' machines take it."""
        self.sender.flush()

    def unread_bytes(self, session: str) -> int:
        """Bytes in the session's queue, which the client's machine does not take yet."""
        connection = self.sender.connection(session)
        return 0 if connection is None else len(connection.out)

    def is_on(self, session: str) -> bool:
        """Whether the session is logged on and not being ended."""
        connection = self.sender.connection(session)
        return connection is not None and connection.stage is Stage.ON

    def end(self, session: str, text: str) -> None:
        """Log a session out with a reason, which comes next.

        What waits in its queue and has not begun to leave is left out: it would be read first, and
        whatever its client lacks it is sent or told of after its next logon.
        """
        self.sender.flush()  # QuickFIX numbers the Logout: it has to know what was used
        connection = self.sender.connection(session)
        if connection is not None and connection.stage is Stage.ON:
            connection.leave_out_rest()
        self.sender.end(session, text)

    def delivered(self, session: str) -> Delivered:
        """What the client's machine had confirmed when its last connection ended, or has now."""
        return self.sender.delivered(session)

    def take_again(self, session: str, number: int, frame: Frame) -> None:
        """Give the core a message that it could not act on when it came."""
        try:
            self.receive(session, number, frame, None)
        except Exception as error:  # it costs its session only
            connection = self.sender.connection(session)
            self._traffic.failed(session, connection, number, frame.raw, error)

    # --- for the operator

    def reset(self, session: str) -> bool:
        """Take the numbers of a session back to 1, on disk. False: it is on, and nothing is done.

        Raises OSError when the disk does not take them.
        """
        if self.sender.connection(session) is not None:
            return False
        self._left.pop(session, None)
        self._numbers.put({session: Numbers()})
        self.sender.reset(session)
        self._core.forget_numbers(session)
        return True

    def end_disabled(self) -> None:
        """Log out the sessions that an operator has disabled. A look at one file's status."""
        self._disabled.look()
        for session in self._disabled.names:
            if self.is_on(session):
                self.end(session, SESSION_DISABLED)

    # --- for the process

    def poll(self) -> None:
        """One round of the door. Raises what the disk or the core raises."""
        self.door.poll()
        self.sender.flush()
        for connection in self.door.connections().values():
            connection.flush()  # what its client did not take before
        if self._left:
            self._numbers.put({session: self._now(session) for session in self._left})
            self._left.clear()

    @property
    def is_busy(self) -> bool:
        """Whether something waits that no socket tells of: a decision, a queue, a resend."""
        return any(
            connection.stage not in (Stage.ON, Stage.ARRIVED)
            or connection.out
            or connection.resends
            or connection.is_at_quickfix
            for connection in self.arrivals
        )

    @property
    def has_connections(self) -> bool:
        """Whether anybody is connected, logged on or not."""
        return any(True for _ in self.arrivals)

    def stop(self, reason: str) -> None:
        """Log all sessions out, at most 2 s, record their exact numbers, and close."""
        self.door.log_out_all(reason)
        self._numbers.put({session: self._now(session) for session in self.sender.names()})
        self.close()

    # --- see core.Core

    def receive(
        self, session: str, number: int, decoded: Frame | None, answer: Outgoing | None
    ) -> None:
        """Give a message to the core, or send an answer of the edge's own."""
        if decoded is None:
            assert answer is not None
            self.put(answer)
            return
        try:
            self._core.received(session, number, decoded)
        except DecodeError as error:
            fault = Fault(error.reason, error.tag, f"{error.tag} is not as FIX 4.4 has it")
            self.put(Outgoing(session, reject(decoded, fault), route_of(decoded.fields)))

    def reports_between(
        self, session: str, begin: int, end: int
    ) -> Iterator[tuple[int, Kept] | None]:
        """What the core sends again."""
        return self._core.messages_between(session, begin, end)

    # --- see life.Life

    def submit(self, command: LogOut) -> None:
        """The session has ended: record its exact numbers soon, and tell the core."""
        session = command.session
        self._left[session] = None
        if self._resets.pop(session, None) is None:
            self._core.logged_out(session)

    def admin_sent(self, session: str) -> None:
        """QuickFIX has sent messages: keep their numbers from being used again."""
        self._numbers.reserve(session, self.sender.next_in(session), self.sender.next_out(session))

    def send_owed(self, session: str) -> bool:
        """Tell the core, once, that the session is on; then have it send what it owes."""
        reset = self._resets.pop(session, None)
        if reset is not None:
            self._core.logged_on(session, reset=reset)
        return self._core.send_owed(session)

    def send(self, message: Outgoing) -> None:
        """Number and send a message of the edge's own."""
        self.put(message)
        self.flush()

    def _commit(self, command: LogOn, number: int) -> None:
        """Reserve numbers, and take a Logon with a higher one than expected as it is.

        Requests of an earlier connection are worth nothing in this one: they are not asked for.
        """
        session = command.session
        self._left.pop(session, None)
        if command.reset:
            self._numbers.put({session: Numbers(1, 1 + RESERVE)})
        else:
            if number > self.sender.next_in(session):
                self.sender.expect(session, number)
            self._numbers.reserve(session, number, self.sender.next_out(session))
        self._resets[session] = command.reset

    def _taken(self, session: str, frame: Frame) -> Frame | None:
        return frame if frame.msg_type in self._core.takes else None

    def _restore(self, sessions: list[str]) -> None:
        for session in sessions:
            kept = self._numbers.of(session)
            self.sender.restore(session, kept.next_in, kept.next_out)

    def _now(self, session: str) -> Numbers:
        return Numbers(self.sender.next_in(session), self.sender.next_out(session))


__all__ = ["DataEdge"]
