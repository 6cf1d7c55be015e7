"""Sending through QuickFIX: reused Messages, one string across, session handles kept.

Owns what the venue needs of QuickFIX's sessions: their numbers, and filling their stores at start.
"""

import time
from collections.abc import Iterable, Mapping

import quickfix

from venue.domain.outgoing import Outgoing
from venue.fix.acceptor import FixAcceptor
from venue.fix.reading import Reading, Seen
from venue.fix.tags import SEQUENCE_RESET

_HEARTBEAT = "35=0\x01"
_GROUP = "\x01453="
_LOGOUT_SECONDS = 2.0
"""How long a session that the venue ends has to answer the Logout."""


class SessionSender:
    """Sessions by the counterparty's CompID; one that QuickFIX does not have is passed over."""

    def __init__(
        self, acceptor: FixAcceptor, dictionary: quickfix.DataDictionary, reading: Reading
    ) -> None:
        self._sessions = acceptor.sessions
        self._outflow = acceptor.outflow
        self._dictionary = dictionary
        self._reading = reading
        self._first: dict[str, int] = {}
        self._message = quickfix.Message()
        self._kept: dict[str, _Kept] = {}
        self._ending: dict[str, float] = {}  # until when it may answer the Logout
        self.sending = False

    def next_in(self, session: str) -> int:
        """MsgSeqNum expected next from the counterparty; 0 for a session that is not there."""
        handle = self._sessions.get(session)
        return 0 if handle is None else handle.getExpectedTargetNum()

    def next_out(self, session: str) -> int:
        """MsgSeqNum of the next message to the counterparty; 0 for one that is not there."""
        handle = self._sessions.get(session)
        return 0 if handle is None else handle.getExpectedSenderNum()

    def send(self, message: Outgoing, poss_resend: bool = False) -> None:
        """Number, keep and, while the session is logged on, send a message."""
        handle = self._sessions.get(message.session)
        if handle is not None:
            if poss_resend:
                self._send(handle, message.text, "97=Y\x01")
            else:
                self._send_in_order(handle, message.text)
            self._reading.sent(message.session)

    def hold(self, sessions: Iterable[str]) -> None:
        """Gather what is sent to these sessions until `release`, which has to follow."""
        self._outflow.hold(sessions)

    def release(self) -> None:
        """Let what was gathered go."""
        self._outflow.release()

    def seen(self, session: str) -> Seen:
        """What the session's connection shows of its client's reading."""
        return self._outflow.seen(session)

    def ask(self, session: str, test_req_id: str) -> None:
        """Send a TestRequest."""
        self._send(self._sessions[session], f"35=1\x01112={test_req_id}\x01")

    def restore(self, session: str, stored: Mapping[int, str], next_in: int, next_out: int) -> None:
        """Make the store hold `stored` under its numbers, and placeholders between and behind.

        Only while the session is logged off. A number without a message would let QuickFIX answer
        a resend that begins there with a gap fill over everything behind it (DESIGN 3). Before the
        first of `stored` there is one placeholder: see `begin_resend`.
        """
        handle = self._sessions[session]
        assert not handle.isLoggedOn()
        first = max(min(stored, default=next_out) - 1, 1)
        self._first[session] = first
        for number in range(first, next_out):
            handle.setNextSenderMsgSeqNum(number)
            self._send(handle, stored.get(number, _HEARTBEAT))
        handle.setNextSenderMsgSeqNum(next_out)
        handle.setNextTargetMsgSeqNum(next_in)

    def begin_resend(self, session: str, begin: int) -> int:
        """Have a resend from `begin` on be possible; where QuickFIX has to begin it.

        Numbers before the first that is stored are gap-filled here when the session is logged on;
        for one that is logging on (NextExpectedMsgSeqNum) a placeholder lets QuickFIX do it.
        """
        first = self._first.get(session, 1)
        if not 1 <= begin < first:
            return begin
        handle = self._sessions[session]
        next_out = handle.getExpectedSenderNum()
        handle.setNextSenderMsgSeqNum(begin)
        if handle.isLoggedOn():
            self._send(handle, f"35={SEQUENCE_RESET}\x0136={first}\x01123=Y\x01")
            begin = first
        else:
            self._send(handle, _HEARTBEAT)
        handle.setNextSenderMsgSeqNum(next_out)
        return begin

    def begin_anew(self, session: str) -> None:
        """The session's numbers begin at 1 again, with an empty store."""
        self._first.pop(session, None)

    def reset(self, session: str) -> None:
        """Take the numbers of a logged-off session back to 1 and empty its store."""
        handle = self._sessions[session]
        assert not handle.isLoggedOn()
        self.begin_anew(session)
        handle.reset()

    def answer_logon(self, session: str, text: str) -> None:
        """Answer a Logon that is not accepted by a Logout; the numbers stay as they are."""
        handle = self._sessions[session]
        number = handle.getExpectedSenderNum()
        self._send(handle, f"35=5\x0158={text}\x01")
        handle.setNextSenderMsgSeqNum(number)

    def forbid_logon(self, session: str) -> None:
        """Have QuickFIX disconnect a Logon before it acts on it, until `permit_logon`."""
        self._sessions[session].logout()

    def drop(self, session: str) -> None:
        """Close the session's connection, if it has one."""
        self._sessions[session].disconnect()

    def may_log_on(self, session: str) -> bool:
        """Whether the session takes a logon now."""
        return self._sessions[session].isEnabled()

    def permit_logon(self, session: str) -> None:
        """Let a session log on (again)."""
        self._sessions[session].logon()

    def end(self, session: str, text: str) -> None:
        """Log a session out that is logged on; it may log on again once it has gone."""
        if session in self._sessions and self.is_logged_on(session):
            self.log_out(session, text)
            self._ending[session] = time.monotonic() + _LOGOUT_SECONDS

    def drop_overdue(self) -> None:
        """Close what should have ended: QuickFIX waits for an answer as long as messages come."""
        for session, deadline in list(self._ending.items()):
            if time.monotonic() > deadline:
                del self._ending[session]
                self.drop(session)

    def gone(self, session: str) -> None:
        """A session has ended; it may log on again."""
        self._ending.pop(session, None)
        self.permit_logon(session)

    def log_out(self, session: str, reason: str) -> None:
        """Have QuickFIX log a session out; it takes no logon until `permit_logon`."""
        self._sessions[session].logout(reason)

    def is_logged_on(self, session: str) -> bool:
        """Whether the session is logged on now."""
        return self._sessions[session].isLoggedOn()

    def names(self) -> list[str]:
        """All sessions."""
        return list(self._sessions)

    def _send(self, handle: quickfix.Session, text: str, flags: str = "") -> None:
        """Send a message whose fields may stand in any order. flags: fields of its header."""
        message_type, separator, body = text.partition("\x01")
        raw = f"8=FIX.4.4\x019=0\x01{message_type}{separator}{flags}{body}10=000\x01"
        if _GROUP in text:
            self._message.setString(raw, False, self._dictionary)
        else:
            self._message.setString(raw, False)
        self.sending = True
        handle.send(self._message)
        self.sending = False

    def _send_in_order(self, handle: quickfix.Session, text: str) -> None:
        """Send a message whose fields stand in the order of their tags.

        All of its body is the value of its first field, so that QuickFIX neither splits nor sorts
        nor joins it: what it sends and stores is the same, for two thirds of the time.
        """
        _, kind, body = text.split("=", 2)
        kept = self._kept.get(kind)
        if kept is None:
            kept = self._kept[kind] = _Kept(kind)
        kept.body.setString(body[:-1])
        self.sending = True
        handle.send(kept.message)
        self.sending = False


class _Kept:
    """A message of one kind, to be used again and again. kind: MsgType, SOH, tag of first field.

    body is QuickFIX's own field inside the message, which stays there as long as none is added.
    """

    __slots__ = ("body", "message")

    def __init__(self, kind: str) -> None:
        message_type, tag = kind.split("\x01")
        self.message = quickfix.Message(
            f"8=FIX.4.4\x019=0\x0135={message_type}\x0110=000\x01", False
        )
        self.message.setField(int(tag), "")
        self.body = self.message.getFieldRef(int(tag))
