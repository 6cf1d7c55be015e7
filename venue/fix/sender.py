"""Sending: every message of the venue's own gets its number, its header and its checksum here.

QuickFIX numbers and sends its own session messages through the private way. Before anything is sent
here those are taken over, so that messages leave in the order of their numbers. Owns the MsgSeqNums
of QuickFIX's sessions.
"""

import time
from collections.abc import Callable, Mapping

import quickfix

from venue.clock import stamper, utc_timestamp
from venue.domain.outgoing import Delivered, Kept, Outgoing
from venue.fix.connection import Connection
from venue.fix.frame import checksum
from venue.fix.message_log import MessageLog
from venue.fix.stage import Stage


class _Line:
    """One session's way out. next_out: its next MsgSeqNum; None: QuickFIX has to be asked for it.

    awaited: MsgSeqNum of the last message that QuickFIX has sent to the connection.
    """

    __slots__ = (
        "awaited",
        "connection",
        "delivered",
        "handle",
        "head",
        "next_out",
        "stamp",
        "target",
    )

    def __init__(self, handle: quickfix.Session, venue: str, target: str) -> None:
        self.handle = handle
        self.stamp = stamper(3)
        self.target = f"\x0156={target}\x01"
        self.head = f"\x0149={venue}\x0152="
        self.next_out: int | None = None
        self.awaited = 0
        self.connection: Connection | None = None
        self.delivered = Delivered(0, ())


class SessionSender:
    """The ways out, by the counterparty's CompID. A message to an unknown session is dropped.

    log: notes what leaves. take_over: puts QuickFIX's messages to a connection, up to a MsgSeqNum,
    on their way.
    """

    def __init__(
        self,
        venue: str,
        log: MessageLog,
        take_over: Callable[[Connection, int], None],
    ) -> None:
        self.last_end: dict[str, tuple[int, str]] = {}
        """When the venue has last ended each session (UTC nanoseconds), and the Logout's text."""
        self.dear: dict[str, int] = {}
        """How many messages the dear ones of each session have caused since it was emptied."""
        self._venue = venue
        self._log = log
        self._take_over = take_over
        self._lines: dict[str, _Line] = {}
        self._unflushed: set[str] = set()

    def configure(
        self, sessions: Mapping[str, quickfix.Session], decimals: Mapping[str, int]
    ) -> None:
        """Add sessions. decimals: of the seconds in SendingTime(52), by session."""
        for name, handle in sessions.items():
            if name not in self._lines:
                self._lines[name] = _Line(handle, self._venue, name)
            if name in decimals:
                self._lines[name].stamp = stamper(decimals[name])

    def names(self) -> list[str]:
        """All sessions."""
        return list(self._lines)

    def next_in(self, session: str) -> int:
        """MsgSeqNum expected next from the counterparty; 0 for a session that is not there."""
        line = self._lines.get(session)
        return 0 if line is None else line.handle.getExpectedTargetNum()

    def next_out(self, session: str) -> int:
        """MsgSeqNum of the next message to the counterparty; 0 for one that is not there.

        It is not kept: only `send` knows that QuickFIX's own messages before it were taken over.
        """
        line = self._lines.get(session)
        if line is None:
            return 0
        return line.handle.getExpectedSenderNum() if line.next_out is None else line.next_out

    def send(
        self, message: Outgoing, sent_ns: int, *, again: bool = False, noted: bool = True
    ) -> None:
        """Number a message and, while the session is logged on, send it at the next `flush`.

        again: PossResend(97)=Y. noted: it stands in the log of messages. Nothing follows a Logout:
        whoever has read that closes the connection and reads no more.
        """
        session = message.session
        line = self._lines.get(session)
        if line is None:
            return
        connection = line.connection
        if line.next_out is None:
            if connection is not None:
                self._take_over(connection, line.awaited)
            line.next_out = line.handle.getExpectedSenderNum()
        number = line.next_out
        line.next_out = number + 1
        self._unflushed.add(session)
        if connection is not None and connection.stage is Stage.ENDING:
            connection.withhold(number)
        elif connection is not None:
            flags = "97=Y\x01" + message.route if again else message.route
            kind, _, body = message.text.partition("\x01")
            raw = framed(
                f"{kind}\x0134={number}{line.head}{line.stamp(sent_ns)}{line.target}{flags}{body}"
            )
            connection.put(raw)
            connection.note_sent(number)
            if noted:
                self._log.note_out(session, raw, sent_ns)

    def flush(self) -> None:
        """Tell QuickFIX the numbers that were used, and let what was sent leave."""
        for session in self._unflushed:
            line = self._lines[session]
            if line.next_out is not None:
                line.handle.setNextSenderMsgSeqNum(line.next_out)
            if line.connection is not None:
                line.connection.flush()
        self._unflushed.clear()

    def resend(self, session: str, number: int, kept: Kept, now_ns: int) -> bytes:
        """A report again: PossDupFlag(43)=Y, its first SendingTime as OrigSendingTime(122)."""
        line = self._lines[session]
        kind, _, body = kept.text.partition("\x01")
        flags = "97=Y\x01" + kept.route if kept.again else kept.route
        raw = framed(
            f"{kind}\x0134={number}\x0143=Y{line.head}{line.stamp(now_ns)}{line.target}{flags}"
            f"122={line.stamp(kept.sent_ns)}\x01{body}"
        )
        self._log.note_out(session, raw, now_ns)
        return raw

    def gap_fill(self, session: str, number: int, new: int, now_ns: int) -> bytes:
        """SequenceReset(4) that fills a gap from `number` up to, but without, `new`."""
        line = self._lines[session]
        now = line.stamp(now_ns)
        raw = framed(
            f"35=4\x0134={number}\x0143=Y{line.head}{now}{line.target}122={now}\x0136={new}\x01"
            "123=Y\x01"
        )
        self._log.note_out(session, raw, now_ns)
        return raw

    def refusal(self, session: str, text: str, now_ns: int) -> bytes:
        """A Logout that takes no number, for a connection that is no session's."""
        return framed(
            f"35=5\x0134=1\x0149={self._venue}\x0152={utc_timestamp(now_ns)}\x0156={session}\x01"
            f"58={text}\x01"
        )

    def number_taken(self, session: str) -> None:
        """QuickFIX sends a message of its own, with its next number."""
        line = self._lines[session]
        line.awaited, line.next_out = line.handle.getExpectedSenderNum(), None

    def restore(self, session: str, next_in: int, next_out: int) -> None:
        """Set the numbers of a session that is logged off."""
        line = self._lines[session]
        line.handle.setNextSenderMsgSeqNum(next_out)
        line.handle.setNextTargetMsgSeqNum(next_in)
        line.next_out = None

    def expect(self, session: str, next_in: int) -> None:
        """Expect this MsgSeqNum again: its message was not taken."""
        self._lines[session].handle.setNextTargetMsgSeqNum(next_in)

    def reset(self, session: str) -> None:
        """Take the numbers of a logged-off session back to 1."""
        line = self._lines[session]
        line.handle.reset()
        line.next_out = None

    def attach(self, session: str, connection: Connection) -> None:
        """The session has logged on: from now on messages leave over `connection`."""
        line = self._lines[session]
        line.connection, line.next_out, line.awaited = connection, None, 0

    def detach(self, session: str) -> None:
        """The session has ended; messages are numbered and wait for a resend."""
        line = self._lines[session]
        if line.connection is not None:
            line.delivered = line.connection.delivered(self.next_out(session))
            line.connection = None
        line.handle.logon()  # the session may log on again, even if the venue logged it out

    def caused(self, session: str, messages: int) -> None:
        """Note that one message of a session has caused so many, to whomever: it was a dear one."""
        self.dear[session] = self.dear.get(session, 0) + messages

    def delivered(self, session: str) -> Delivered:
        """What the client's machine had confirmed when the session's last connection ended.

        For a session that is logged on: what it has confirmed until now.
        """
        line = self._lines.get(session)
        if line is None:
            return Delivered(0, ())
        if line.connection is not None:
            return line.connection.delivered(self.next_out(session))
        return line.delivered

    def end(self, session: str, text: str) -> None:
        """Log out a session that is logged on. It may log on again afterwards."""
        line = self._lines.get(session)
        if line is not None and line.connection is not None:
            self.last_end[session] = time.time_ns(), text
            line.handle.logout(text)
            line.handle.next(quickfix.UtcTimeStamp.now())

    def drop(self, session: str) -> None:
        """Close the session's stream without another word."""
        self._lines[session].handle.disconnect()

    def connection(self, session: str) -> Connection | None:
        """The connection of a session that is logged on."""
        line = self._lines.get(session)
        return None if line is None else line.connection

    def is_logged_on(self, session: str) -> bool:
        """Whether the session is logged on now."""
        return self.connection(session) is not None


def framed(content: str) -> bytes:
    """A whole message around MsgType(35) and all that follows."""
    data = content.encode(errors="replace")
    data = b"8=FIX.4.4\x019=%d\x01%b" % (len(data), data)
    return b"%b10=%03d\x01" % (data, checksum(data))


__all__ = ["SessionSender", "framed"]
