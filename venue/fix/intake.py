"""Decodes messages that are in order and valid, and hands them in to be sequenced.

Knows the decoder; the engine is behind `Core`. An exception is the caller's, who ends the session.
"""

from venue.domain.outgoing import Outgoing
from venue.fix.connection import Connection
from venue.fix.core import Core
from venue.fix.decode import DecodeError, decode
from venue.fix.frame import Fault, Frame
from venue.fix.refusals import not_authorized, reject, unsupported
from venue.fix.routing import route_of
from venue.fix.tags import USER_REQUEST


class Intake:
    """core: the venue behind the edge."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def take(self, connection: Connection, frame: Frame) -> None:
        """Hand in an application message as a command or query, or else its refusal."""
        session = connection.session
        if frame.msg_type == USER_REQUEST:
            self._core.user_request(session, frame)
            return
        if connection.must_change_password:
            self._answer(session, frame, not_authorized(frame))
            return
        try:
            decoded = decode(session, frame.text, frame.fields)
        except DecodeError as error:
            why = f"{error.tag} is not as FIX 4.4 has it"
            self._answer(session, frame, reject(frame, Fault(error.reason, error.tag, why)))
            return
        if decoded is None:
            self._answer(session, frame, unsupported(frame))
        else:
            self._core.receive(session, frame.number, decoded, None)

    def reject(self, session: str, frame: Frame, fault: Fault) -> None:
        """Hand in a Reject(3) in the place of the message that it refuses."""
        self._answer(session, frame, reject(frame, fault))

    def _answer(self, session: str, frame: Frame, text: str) -> None:
        answer = Outgoing(session, text, route_of(frame.fields))
        self._core.receive(session, frame.number, None, answer)


__all__ = ["Intake"]
