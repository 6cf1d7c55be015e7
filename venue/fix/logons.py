"""The way from a connection's first message to a session that is on, or to a refusal.

The venue decides before QuickFIX has a byte. A refused logon changes nothing. Its reason is for the
operator only, with one exception: a member whose secret was right is told a fault of form.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

import structlog

from venue.domain.commands import LogOn
from venue.fix.authentication import Decision
from venue.fix.connection import Connection
from venue.fix.frame import Frame, sequence_number
from venue.fix.incidents import Incidents
from venue.fix.logon import LogonRules, Numbers, for_quickfix, logon_fault
from venue.fix.private_way import PrivateWayError
from venue.fix.refused_logons import RefusedLogon, RefusedLogons
from venue.fix.sender import SessionSender
from venue.fix.stage import Stage
from venue.fix.tags import LOGON
from venue.fix.user_request import UserAnswer
from venue.peer import Peer
from venue.printable import shown

_log = structlog.get_logger("sessions")
REFUSAL = "LOGON_REFUSED the logon is not accepted"
CLOSED = "SESSIONS_CLOSED the venue goes on from older data: no logon until its operator says so"
_CHECK_SECONDS = 20.0
_POLLS_A_LOGON = 10
_DECISIONS_A_ROUND = 4
"""Refusals of a flood fall due together, and each costs some tenths of a millisecond."""


class Authority(Protocol):
    """venue.fix.authentication's Authentication."""

    def begin(self, logon: dict[str, str], peer: Peer) -> int:
        """Begin to decide a Logon. Returns the ticket of the decision in `finished`."""

    def finished(self) -> list[tuple[int, Decision | UserAnswer]]:
        """What has been decided since the last call."""


class Entrance(Protocol):
    """What the door does for a logon."""

    def connect(self, connection: Connection, session: str) -> None:
        """Give the connection a stream to QuickFIX. Raises PrivateWayError."""

    def taken(self, connection: Connection, session: str, frame: Frame) -> None:
        """Note a Logon that was accepted."""

    def exchange(self, connection: Connection) -> None:
        """Have QuickFIX read what it is shown, and take over what it answers."""

    def settled(self, connection: Connection) -> None:
        """The session is on: read what came behind its Logon, send what is owed."""

    def resend_from(self, connection: Connection, begin: int, end: int) -> None:
        """Send these numbers again without a ResendRequest (NextExpectedMsgSeqNum(789))."""

    def logged_out(self, session: str) -> None:
        """The session has ended. QuickFIX itself does not say so when it refuses a Logon."""

    def leave(self, connection: Connection) -> None:
        """Close the connection once all that was put has left."""


class Reopening(NamedTuple):
    """What is so after the venue has gone on from older data.

    closed: why no session may log on, or None. may_be_ahead: whether a session has not been on
    since, so that its counterparty may be ahead of the venue.
    """

    closed: Callable[[], str | None]
    may_be_ahead: Callable[[str], bool]


class Logons:
    """commit: puts the LogOn on disk before QuickFIX has it. answered: takes UserRequests' answers.

    rules: has to be set before the first logon, and when the configuration changes.
    """

    def __init__(
        self,
        authority: Authority,
        sender: SessionSender,
        incidents: Incidents,
        commit: Callable[[LogOn, int], None],
        answered: Callable[[int, UserAnswer], None],
        now_ns: Callable[[], int],
        reopening: Reopening,
    ) -> None:
        self._authority = authority
        self._sender = sender
        self._incidents = incidents
        self._commit = commit
        self._answered = answered
        self._now_ns = now_ns
        self._reopening = reopening
        self._waiting: dict[int, Connection] = {}
        self._decided: deque[tuple[int, Decision | UserAnswer]] = deque()
        self.rules: LogonRules
        self.entrance: Entrance | None = None
        self.takes_none = False
        """The venue stops. Clients would count a Logout, and their numbers be off by one."""
        self.refused = RefusedLogons()

    def arrived(self, connection: Connection, frame: Frame) -> bool:
        """Begin to decide a connection's first message, or a Logon in session. False: no Logon."""
        if frame.msg_type != LOGON or "49" not in frame.fields:
            return False
        connection.logon = frame
        connection.stage = Stage.DECIDING  # in session too: later messages wait
        connection.until = time.monotonic() + _CHECK_SECONDS
        connection.ticket = self._authority.begin(frame.fields, connection.link.peer)
        self._waiting[connection.ticket] = connection
        return True

    def poll(self) -> None:
        """Act on a few of the decisions that were made. Raises what `commit` raises."""
        self._decided += self._authority.finished()
        for _ in range(min(_DECISIONS_A_ROUND, len(self._decided))):
            ticket, decision = self._decided.popleft()
            if isinstance(decision, UserAnswer):
                self._answered(ticket, decision)
                continue
            connection = self._waiting.pop(ticket, None)
            if connection is not None and connection.stage is Stage.DECIDING:
                self._act(connection, decision)

    def gone(self, connection: Connection) -> None:
        """Forget a connection that has ended before the decision on it."""
        self._waiting.pop(connection.ticket, None)

    def _act(self, connection: Connection, decision: Decision) -> None:
        frame = connection.logon
        assert frame is not None
        session, again = frame.fields["49"], bool(connection.session)
        if self.takes_none:
            if not again and self.entrance is not None:
                self.entrance.leave(connection)
            return
        if again and session != connection.session:
            decision = Decision(False, f"49={session} is not {connection.session}")
        if not decision.accepted:
            self._refuse(connection, decision.text or REFUSAL, decision.why)
            return
        try:
            fault = self._fault(session, frame, in_session=again)
        except Exception as error:  # an error of this Logon costs its own connection only
            address = str(connection.link.peer)
            self._incidents.record(session, address, frame.number, frame.raw, error)
            fault = REFUSAL
        if fault is not None:
            self._refuse(connection, fault, fault)
            return
        self._begin(connection, session, frame, decision)

    def _fault(self, session: str, frame: Frame, *, in_session: bool) -> str | None:
        if session in self.rules.elsewhere:
            return self.rules.elsewhere[session]
        if session not in self._sender.names():
            return REFUSAL
        if self._reopening.closed() is not None:
            return CLOSED
        if self._sender.is_logged_on(session) and not in_session:
            return "ALREADY_LOGGED_ON the session has another connection"
        numbers = Numbers(self._sender.next_in(session), self._sender.next_out(session))
        ahead = self._reopening.may_be_ahead(session)
        return logon_fault(frame, numbers, self.rules, self._now_ns(), may_be_ahead=ahead)

    def _begin(
        self, connection: Connection, session: str, frame: Frame, decision: Decision
    ) -> None:
        assert self.entrance is not None
        reset = frame.fields.get("141") == "Y"
        if not connection.session:
            try:
                self.entrance.connect(connection, session)
            except PrivateWayError as error:
                _log.error("a logon cannot be handed over", session=session, error=str(error))
                self._refuse(connection, REFUSAL, str(error))
                return
        before = self._sender.next_out(session)
        choice = frame.fields.get("9001")
        command = LogOn(session, reset, None if choice is None else choice == "Y")
        self._commit(command, frame.number)
        if not reset and frame.number > self._sender.next_in(session):
            connection.had_gap = True
        self.entrance.taken(connection, session, frame)
        connection.begin_anew(session, frame.number)
        connection.must_change_password = decision.must_change
        connection.since_ns = self._now_ns()
        connection.to_quickfix += for_quickfix(frame, connection.since_ns)
        self._sender.attach(session, connection)
        for _ in range(_POLLS_A_LOGON):
            self.entrance.exchange(connection)
            if connection.is_answered:
                break
        if not connection.is_answered:
            _log.error("quickfix refused a logon that the venue had accepted", session=session)
            self._sender.drop(session)
            self.entrance.logged_out(session)
            return
        _log.info("logged on", session=session, address=str(connection.link.peer), reset=reset)
        self.entrance.settled(connection)
        if "789" in frame.fields and not reset:
            begin = sequence_number(frame.fields["789"])
            self.entrance.resend_from(connection, begin, before - 1)

    def _refuse(self, connection: Connection, text: str, why: str) -> None:
        """Answer by a Logout that takes no number, and close."""
        frame = connection.logon
        assert frame is not None and self.entrance is not None
        claimed = frame.fields["49"]
        if claimed in self._sender.names():
            refused = RefusedLogon(self._now_ns(), str(connection.link.peer), shown(why))
            self.refused.record(claimed, refused)
        if connection.session:
            connection.stage, connection.until = Stage.ON, None
            self._sender.end(connection.session, text)
            return
        _log.warning("logon refused", session=claimed, address=str(connection.link.peer), why=why)
        if (
            claimed
            and claimed.isascii()
            and claimed.isprintable()
            and frame.fields["8"] == "FIX.4.4"
        ):
            connection.put(self._sender.refusal(claimed, text, self._now_ns()))
        self.entrance.leave(connection)


__all__ = ["CLOSED", "REFUSAL", "Entrance", "Logons", "Reopening"]
