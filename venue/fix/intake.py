"""Decodes messages that are in order and valid, and hands them in to what stands behind the edge.

Knows the decoder; what is behind is a `Core`. An exception is the caller's, who ends the session.
"""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from venue.domain.outgoing import Kept, Outgoing
from venue.fix.connection import Connection
from venue.fix.core import Core
from venue.fix.decode import Decoded, DecodeError, decode
from venue.fix.frame import Fault, Frame
from venue.fix.refusals import not_authorized, reject, unsupported
from venue.fix.routing import route_of
from venue.fix.tags import HEARTBEAT, USER_REQUEST

T = TypeVar("T")


def decoded_order(session: str, frame: Frame) -> Decoded | None:
    """A message of order entry as a command or query; None: it is not taken there."""
    return decode(session, frame.text, frame.fields)


class Intake(Generic[T]):
    """core: what is behind the edge. decode: raises DecodeError; None: the message is not taken.

    refusal: the answer to one that is not taken.
    """

    def __init__(
        self,
        core: Core[T],
        decode: Callable[[str, Frame], T | None],
        refusal: Callable[[Frame], str] = unsupported,
    ) -> None:
        self._core = core
        self._decode = decode
        self._refusal = refusal
        self.test_answered: Callable[[str, str], None] = lambda session, test_req_id: None
        """Gets the session and TestReqID(112) of each TestRequest that a client has answered."""

    def take(self, connection: Connection, frame: Frame) -> None:
        """Hand in an application message, or else its refusal."""
        session = connection.session
        if frame.msg_type == USER_REQUEST:
            self._core.user_request(session, frame)
            return
        if connection.must_change_password:
            self._answer(session, frame, not_authorized(frame))
            return
        try:
            decoded = self._decode(session, frame)
        except DecodeError as error:
            why = f"{error.tag} is not as FIX 4.4 has it"
            self._answer(session, frame, reject(frame, Fault(error.reason, error.tag, why)))
            return
        if decoded is None:
            self._answer(session, frame, self._refusal(frame))
        else:
            self._core.receive(session, frame.number, decoded, None)

    def heard(self, session: str, frame: Frame) -> None:
        """Tell of a session message what those behind the edge want to know."""
        if frame.msg_type == HEARTBEAT and "112" in frame.fields:
            self.test_answered(session, frame.fields["112"])

    def reject(self, session: str, frame: Frame, fault: Fault) -> None:
        """Hand in a Reject(3) in the place of the message that it refuses."""
        self._answer(session, frame, reject(frame, fault))

    def reports_between(
        self, session: str, begin: int, end: int
    ) -> Iterator[tuple[int, Kept] | None]:
        """Reports that were sent with these MsgSeqNums; None: the caller may let others go on."""
        return self._core.reports_between(session, begin, end)

    def _answer(self, session: str, frame: Frame, text: str) -> None:
        answer = Outgoing(session, text, route_of(frame.fields))
        self._core.receive(session, frame.number, None, answer)


__all__ = ["Intake", "decoded_order"]
