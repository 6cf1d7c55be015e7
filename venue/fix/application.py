"""The boundary to QuickFIX: its callbacks, and the only place where their exceptions are caught.

An exception that QuickFIX does not translate would end the process, so none leaves this file. What
the callbacks learn goes to `SessionLife` and `Receive`; nothing else happens in them.
"""

from collections.abc import Callable
from typing import Protocol

import quickfix
import structlog

from venue.fix.decode import Decoded, DecodeError, check_text, decode
from venue.fix.encode import business_reject
from venue.fix.fields import field_map, sequence_number
from venue.fix.tags import (
    HEARTBEAT,
    LOGON,
    RESEND_REQUEST,
    SEQUENCE_RESET,
    BusinessRejectReason,
    SessionRejectReason,
)

_log = structlog.get_logger("fix")


class SessionLife(Protocol):
    """What the venue does about sessions."""

    def accept_logon(self, session: str, fields: dict[str, str]) -> bool:
        """Authenticate, and record the logon on disk; False refuses it."""

    def cut_off(self, session: str) -> None:
        """Close the session's connection without another word."""

    def logged_on(self, session: str) -> None:
        """The session is logged on; its Logon has been answered."""

    def logged_out(self, session: str) -> None:
        """The session has ended."""

    def admin_sent(self, session: str) -> None:
        """QuickFIX sends a message of its own."""

    def report_resent(self, session: str) -> None:
        """QuickFIX sends a report again, or a BusinessMessageReject of its own."""

    def may_resend(self, session: str) -> bool:
        """Whether a ResendRequest is answered; False ends the session."""

    def begin_resend(self, session: str, begin: int) -> int:
        """Where QuickFIX has to begin a resend that is asked for from `begin` on."""

    def test_request_answered(self, session: str, test_req_id: str) -> None:
        """A Heartbeat came in answer to a TestRequest."""

    @property
    def is_sending(self) -> bool:
        """Whether the venue itself is sending now."""


Receive = Callable[[str, int, Decoded | None, str | None], None]
"""receive(session, MsgSeqNum, decoded, answer): exactly one of the last two is given."""


class VenueApplication(quickfix.Application):
    """Callbacks of all order-entry sessions. `failure` holds what went wrong inside one."""

    def __init__(self, life: SessionLife, receive: Receive) -> None:
        super().__init__()
        self._life = life
        self._receive = receive
        self.failure: Exception | None = None

    def onCreate(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """Nothing to do: state is restored by the acceptor before the first poll."""

    def onLogon(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """A Logon was accepted and answered."""
        self._guard(self._life.logged_on, _name(session_id))

    def onLogout(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """A logged-on session has ended, for whatever reason."""
        self._guard(self._life.logged_out, _name(session_id))

    def toAdmin(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """A session message leaves; QuickFIX's own take numbers that no report has."""
        if not self._life.is_sending:
            self._guard(self._life.admin_sent, _name(session_id))
            return
        header = message.getHeader()
        if header.getField(35) == SEQUENCE_RESET:  # QuickFIX has taken these two off it
            header.setField(43, "Y")
            header.setField(122, header.getField(52))

    def toApp(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """A report leaves; or a BusinessMessageReject of QuickFIX's own, a message without 49."""
        if not self._life.is_sending:
            self._guard(self._life.report_resent, _name(session_id))

    def fromAdmin(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """A session message came."""
        try:
            session, fields = _name(session_id), field_map(message.toString())
            refusal = self._refusal(session, fields)
            if refusal is None and fields["35"] == RESEND_REQUEST:
                self._begin_resend(session, fields, message)
        except Exception as error:
            self._keep(error)
            # no Logout: its number may be that of a report which is on disk
            self._guard(self._life.cut_off, _name(session_id))
            refusal = "LOGON_REFUSED"
        if refusal is not None:
            raise quickfix.RejectLogon(refusal)  # of any session message: Logout and disconnect

    def _refusal(self, session: str, fields: dict[str, str]) -> str | None:
        """Why a session message ends the session, if it does."""
        msg_type = fields["35"]
        if msg_type == LOGON and not self._life.accept_logon(session, fields):
            return "LOGON_REFUSED"
        if msg_type == RESEND_REQUEST and not self._life.may_resend(session):
            return "SLOW_READER"
        if msg_type == HEARTBEAT and "112" in fields:
            self._life.test_request_answered(session, fields["112"])
        return None

    def _begin_resend(
        self, session: str, fields: dict[str, str], message: quickfix.Message
    ) -> None:
        """Have QuickFIX answer from the first number that it has."""
        begin, end = sequence_number(fields["7"]), sequence_number(fields["16"])
        first = self._life.begin_resend(session, begin)
        if first != begin:
            message.setField(7, str(first))
            if 0 < end < first:
                message.setField(16, str(first))

    def fromApp(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """An application message came and has passed the dictionary."""
        rejected: quickfix.FIXException | None = None
        try:
            text = message.toString()
            fields = field_map(text)
            session = fields["49"]
            number = sequence_number(fields["34"])
            try:
                check_text(text)
                decoded = decode(session, text, fields)
                answer = _unsupported(fields) if decoded is None else None
                self._receive(session, number, decoded, answer)
            except DecodeError as error:
                rejected = _translated(error)
        except Exception as error:
            self._keep(error)
        if rejected is not None:
            raise rejected

    def _guard(self, callback: Callable[[str], None], session: str) -> None:
        try:
            callback(session)
        except Exception as error:
            self._keep(error)

    def _keep(self, error: Exception) -> None:
        _log.error("callback failed", exc_info=error)
        if self.failure is None:
            self.failure = error


def _name(session_id: quickfix.SessionID) -> str:
    return session_id.getTargetCompID().getString()


def _unsupported(fields: dict[str, str]) -> str:
    msg_type = fields["35"]
    return business_reject(
        sequence_number(fields["34"]),
        msg_type,
        BusinessRejectReason.UNSUPPORTED_MESSAGE_TYPE,
        f"UNSUPPORTED_MESSAGE_TYPE 35={msg_type} is not taken on order-entry sessions",
        reference_id(fields),
    )


def reference_id(fields: dict[str, str]) -> str | None:
    """ClOrdID or the request's own id, for BusinessRejectRefID(379)."""
    for tag in ("11", "262", "320", "324", "335", "568", "710", "923", "584", "117", "693", "23"):
        if tag in fields:
            return fields[tag]
    return None


def _translated(error: DecodeError) -> quickfix.FIXException:
    if error.reason == SessionRejectReason.REQUIRED_TAG_MISSING:
        return quickfix.RequiredTagMissing(error.tag)
    if error.reason == SessionRejectReason.INCORRECT_DATA_FORMAT:
        return quickfix.IncorrectDataFormat(error.tag)
    return quickfix.IncorrectTagValue(error.tag)


__all__ = ["Receive", "SessionLife", "VenueApplication", "reference_id"]
