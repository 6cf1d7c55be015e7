"""The boundary to QuickFIX: its callbacks, and the only place where their exceptions are caught.

An exception that QuickFIX does not translate would end the process, so none leaves this file: it
ends the session whose message caused it. The callbacks only tell `Passage` what has happened. Of an
incoming message they read two header fields, MsgSeqNum(34) and SenderCompID(49).
"""

from collections.abc import Callable
from typing import Protocol

import quickfix

from venue.fix.frame import sequence_number


class Passage(Protocol):
    """What the venue does when QuickFIX lets something pass."""

    def passed(self, session: str, number: int) -> None:
        """The application message of this MsgSeqNum is in order and valid by the dictionary."""

    def session_message_passed(self, session: str, number: int) -> None:
        """The session message of this MsgSeqNum is in order."""

    def logged_on(self, session: str) -> None:
        """The session is logged on; its Logon has been answered."""

    def logged_out(self, session: str) -> None:
        """The session has ended."""

    def quickfix_sends(self, session: str, msg_type: str, refused: int) -> None:
        """QuickFIX sends a message of its own, which takes a number.

        refused: MsgSeqNum of the message that it rejects by this one, in a gap too; 0: none.
        """

    def failed(self, session: str, number: int, error: Exception) -> None:
        """Acting on this message has raised `error`; number 0: no message was the cause."""


class VenueApplication(quickfix.Application):
    """Callbacks of all order-entry sessions. `passage` has to be set before the first stream."""

    passage: Passage

    def onCreate(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """Nothing to do: the numbers are set before the first stream."""

    def onLogon(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """A Logon was accepted and answered."""
        self._guard(_name(session_id), self.passage.logged_on)

    def onLogout(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """A logged-on session has ended, for whatever reason."""
        self._guard(_name(session_id), self.passage.logged_out)

    def toAdmin(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """A session message of QuickFIX's own leaves."""
        self._sends(message, session_id)

    def toApp(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """A BusinessMessageReject of QuickFIX's own leaves: reports do not pass here."""
        self._sends(message, session_id)

    def fromAdmin(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """A session message came."""
        self._pass(message, self.passage.session_message_passed)

    def fromApp(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """An application message came and has passed the dictionary."""
        self._pass(message, self.passage.passed)

    def _sends(self, message: quickfix.Message, session_id: quickfix.SessionID) -> None:
        msg_type = message.getHeader().getField(35)
        refused = sequence_number(message.getField(45)) if message.isSetField(45) else 0
        self._guard(
            _name(session_id),
            lambda session: self.passage.quickfix_sends(session, msg_type, refused),
        )

    def _pass(self, message: quickfix.Message, to: Callable[[str, int], None]) -> None:
        text = message.toString()
        session = _value(text, "\x0149=")
        number = sequence_number(_value(text, "\x0134="))
        try:
            to(session, number)
        except Exception as error:
            self.passage.failed(session, number, error)

    def _guard(self, session: str, callback: Callable[[str], None]) -> None:
        try:
            callback(session)
        except Exception as error:
            self.passage.failed(session, 0, error)


def _name(session_id: quickfix.SessionID) -> str:
    return session_id.getTargetCompID().getString()


def _value(text: str, field: str) -> str:
    """Value of a header field that is there: QuickFIX passes nothing without it."""
    begin = text.find(field) + len(field)
    return text[begin : text.find("\x01", begin)]


__all__ = ["Passage", "VenueApplication"]
