"""A session's messages: shown to QuickFIX one by one, and taken once QuickFIX lets them pass.

Knows FIX's session messages; what they are decoded to is behind `Intake`. A message costs at most
its own session: an exception ends that session, is kept, and is shown to the operator.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from venue.fix.allowance import Allowance
from venue.fix.bounds import FIELDS, MESSAGE_BYTES
from venue.fix.connection import Connection, Range
from venue.fix.frame import Fault, Frame
from venue.fix.incidents import Incidents
from venue.fix.intake import Intake
from venue.fix.refusals import is_reset, poss_dup_fault
from venue.fix.resend import Resends, range_asked
from venue.fix.sender import SessionSender
from venue.fix.stage import Stage
from venue.fix.stand_in import stand_in
from venue.fix.surely_valid import SurelyValid
from venue.fix.tags import LOGON, LOGOUT, RESEND_REQUEST, SESSION_MESSAGES

_log = structlog.get_logger("sessions")
_RESENDS_A_ROUND_SECONDS = 0.001
_SHOWN_SECONDS = 0.5

INTERNAL_ERROR = "INTERNAL_ERROR the venue could not act on this session's last message"


class Traffic:
    """messages_per_second: session messages a session may send for long, ten times that at once.

    relogon: decides a Logon in session like any other. most_fields: of one message.
    latency_seconds: how far SendingTime(52) may be off, by session.
    """

    def __init__(
        self,
        intake: Intake[Any],
        sender: SessionSender,
        is_valid: SurelyValid,
        venue: str,
        incidents: Incidents,
        messages_per_second: int,
        relogon: Callable[[Connection, Frame], bool],
        most_fields: int = FIELDS,
    ) -> None:
        self._intake = intake
        self._sender = sender
        self._is_valid = is_valid
        self._venue = venue
        self._incidents = incidents
        self._rate = messages_per_second
        self._relogon = relogon
        self._most_fields = most_fields
        self.latency_seconds: Mapping[str, int | None] = {}
        self.holding: set[Connection] = set()
        """Connections with frames that were not shown to QuickFIX yet."""
        self.resends = Resends(sender, intake.reports_between)

    def begin(self, connection: Connection) -> None:
        """The connection's Logon has been answered."""
        connection.reader.limit, connection.reader.fields = MESSAGE_BYTES, self._most_fields
        connection.allowance = Allowance(self._rate, time.monotonic())

    def show(self, connection: Connection, frames: list[Frame]) -> None:
        """Show frames to QuickFIX, or hold them until those before them have passed."""
        held = connection.held
        for frame in frames[self._pass_by(connection, frames) :]:
            if held or not self._show(connection, frame):
                held.append(frame)
                self.holding.add(connection)

    def _pass_by(self, connection: Connection, frames: list[Frame]) -> int:
        """Take the first frames that need no QuickFIX. Returns how many they are.

        None are taken while a message waits in QuickFIX. It is shown one from time to time, so that
        it knows that the session lives, and told the numbers of the others.
        """
        now, session = time.time(), connection.session
        if connection.stage is not Stage.ON or connection.is_at_quickfix:
            return 0
        if abs(now - connection.shown_at) > _SHOWN_SECONDS:
            connection.shown_at = now
            return 0
        expected = self._sender.next_in(session)
        if connection.last_number != expected - 1:
            return 0
        latency_seconds = self.latency_seconds.get(session, 0)
        count = self._is_valid.count(frames, expected, session, latency_seconds, int(now))
        if not count:
            return 0
        connection.last_number += count
        self._sender.expect(session, expected + count)
        for frame in frames[:count]:
            try:
                self._take(connection, frame)
            except Exception as error:
                self.failed(session, connection, frame.number, frame.raw, error)
        return count

    def show_held(self, connection: Connection, *, all_read: bool) -> None:
        """Show held frames, as far as they may go on now.

        all_read: QuickFIX has read all before them, so pending frames wait behind a gap.
        """
        held, pending = connection.held, connection.pending
        self.forget_passed(connection)
        while (
            all_read and held and (held[0].number in pending or self._is_full(connection, held[0]))
        ):
            left_out = held.popleft()  # it is pending; or so far behind a gap that it comes again
            connection.last_number = max(connection.last_number, left_out.number)
        while held and self._show(connection, held[0]):
            held.popleft()
        if not held:
            self.holding.discard(connection)

    def forget_passed(self, connection: Connection) -> None:
        """Forget pending frames that QuickFIX has rejected, or had seen before."""
        if connection.pending:
            connection.forget_below(self._sender.next_in(connection.session))

    def end(self, connection: Connection) -> None:
        """The session has ended."""
        connection.held.clear()
        connection.pending.clear()
        self.holding.discard(connection)
        self.resends.end(connection)

    def garbled(self, connection: Connection) -> None:
        """Log and count the messages that the reader has skipped as garbled."""
        garbled = connection.reader.garbled
        for why, times in garbled.items():
            _log.warning(
                "garbled messages ignored",
                session=connection.session,
                address=str(connection.link.peer),
                why=why,
                times=times,
            )
        self._spend(connection, garbled.total())
        garbled.clear()

    def _show(self, connection: Connection, frame: Frame) -> bool:
        """Act on a frame. False: it has to wait. An exception ends its session."""
        try:
            return self._show_or_answer(connection, frame)
        except Exception as error:
            self.failed(connection.session, connection, frame.number, frame.raw, error)
            return True

    def _show_or_answer(self, connection: Connection, frame: Frame) -> bool:
        fields, number = frame.fields, frame.number
        if connection.stage is Stage.DECIDING:
            return False
        if connection.stage is not Stage.ON:
            is_logout = frame.msg_type == LOGOUT and frame.fault is None
            if connection.stage is Stage.ENDING and is_logout:
                connection.to_quickfix += frame.shown
            elif number and not connection.not_taken:
                connection.not_taken = number
            return True
        if number == 0 and is_reset(frame):  # the number of a reset does not count
            connection.to_quickfix += frame.shown
            return True
        if number == 0:
            self._end(connection, "MSG_SEQ_NUM_INVALID 34 is missing or no number")
            return True
        if number in connection.pending or self._is_full(connection, frame):
            return False
        if frame.msg_type == RESEND_REQUEST and self.resends.spent > _RESENDS_A_ROUND_SECONDS:
            return False
        if frame.msg_type == LOGON and connection.pending and not connection.had_gap:
            return False  # a Logon, which may reset the numbers, waits for those before it
        if number > connection.last_number + 1:
            connection.had_gap, connection.shown_at = True, 0.0  # QuickFIX sees the gap filled
        connection.last_number = max(connection.last_number, number)
        if frame.fault is None and fields.get("43") == "Y":
            frame.fault = poss_dup_fault(frame)
            if frame.fault is not None and number < self._sender.next_in(connection.session):
                connection.to_quickfix += frame.shown  # QuickFIX rejects it and uses no number
                return True
        msg_type = frame.msg_type
        if msg_type in SESSION_MESSAGES and not self._take_session_message(connection, frame):
            return True
        is_faulty = frame.fault is not None
        if is_faulty or msg_type not in SESSION_MESSAGES:
            connection.keep(frame)
        shown = self._in_its_place(connection, frame) if is_faulty else frame.shown
        connection.to_quickfix += shown
        return True

    def _is_full(self, connection: Connection, frame: Frame) -> bool:
        """Whether too much is pending for one more that does not fill the gap."""
        return (
            connection.is_full
            and frame.msg_type not in SESSION_MESSAGES
            and frame.number > self._sender.next_in(connection.session)
        )

    def _take_session_message(self, connection: Connection, frame: Frame) -> bool:
        """Act on a session message. Returns whether QuickFIX is to see it, too."""
        msg_type = frame.msg_type
        if msg_type != LOGOUT and not self._spend(connection):
            return False
        if frame.fault is not None:
            return True
        self._intake.heard(connection.session, frame)
        if msg_type == LOGON:
            if connection.had_gap:  # QuickFIX would take messages it keeps with the new numbers
                self._end(connection, "LOGON_UNEXPECTED 35=A numbers were missing: connect anew")
            elif frame.fields.get("141") == "Y":
                self._relogon(connection, frame)
            else:
                self._end(connection, "LOGON_UNEXPECTED 35=A the session is logged on")
            return False
        if msg_type == RESEND_REQUEST:
            asked = range_asked(frame, self._sender.next_out(connection.session))
            if isinstance(asked, Fault):
                frame.fault = asked
                return True
            if not self.resends.begin(connection, asked):
                self._end(connection, "TOO_MANY_RESENDS earlier ResendRequests are being answered")
            connection.to_quickfix += self._in_its_place(connection, frame)
            return False
        return True

    def go_on_resending(self, seconds: float, most_bytes: int) -> None:
        """Go on with all resends for `seconds`, each until `most_bytes` wait for its client."""
        until = time.monotonic() + seconds
        self.resends.spent = 0.0
        for connection in list(self.resends.under_way):
            try:
                self.resends.go_on(connection, until, most_bytes)
            except Exception as error:
                self.resends.end(connection)
                self.failed(connection.session, connection, 0, b"", error)

    def resend_after_logon(self, connection: Connection, begin: int, end: int) -> None:
        """Send again what NextExpectedMsgSeqNum(789) of the Logon asked for."""
        if begin <= end:
            self.resends.begin(connection, Range(begin, end), now=False)

    def passed(self, connection: Connection, number: int) -> None:
        """An application message is in order and valid."""
        self._take(connection, connection.pending.pop(number))

    def _take(self, connection: Connection, frame: Frame) -> None:
        if connection.stage is Stage.ON:
            self._intake.take(connection, frame)
        else:  # it came behind the venue's Logout and is not taken
            connection.not_taken = connection.not_taken or frame.number

    def session_message_passed(self, connection: Connection, number: int) -> None:
        """A session message is in order, or the stand-in of a faulty message."""
        frame = connection.pending.get(number)
        if frame is not None and frame.fault is not None:
            del connection.pending[number]
            self._intake.reject(connection.session, frame, frame.fault)

    def failed(
        self,
        session: str,
        connection: Connection | None,
        number: int,
        raw: bytes,
        error: Exception,
    ) -> None:
        """Acting on a message has raised `error`: end its session, and keep and log the message."""
        address = "" if connection is None else str(connection.link.peer)
        self._incidents.record(session, address, number, raw, error)
        if connection is not None and connection.session:
            self._end(connection, INTERNAL_ERROR)

    def _end(self, connection: Connection, text: str) -> None:
        session, address = connection.session, str(connection.link.peer)
        _log.warning("session ended by the venue", session=session, address=address, why=text)
        self._sender.end(session, text)

    def _in_its_place(self, connection: Connection, frame: Frame) -> bytes:
        return stand_in(frame, connection.session, self._venue, time.time_ns())

    def _spend(self, connection: Connection, messages: int = 1) -> bool:
        """Count session messages. False: they are too many, and the session was ended."""
        allowance = connection.allowance
        if allowance is None or allowance.spend(messages, time.monotonic()):
            return True
        if connection.stage is Stage.ON:
            self._end(connection, "TOO_MANY_SESSION_MESSAGES")
        return False
