"""What stands behind the edge of a data process, as a protocol."""

from collections.abc import Iterator
from typing import Protocol

from venue.domain.outgoing import Kept
from venue.fix.frame import Frame


class DataCore(Protocol):
    """takes: MsgTypes that it is given; the edge refuses all others (BusinessMessageReject)."""

    @property
    def takes(self) -> frozenset[str]: ...

    def received(self, session: str, number: int, frame: Frame) -> None:
        """Act on a message that is in order and valid by the dictionary.

        It may raise DecodeError, which is answered by Reject(3). Another exception ends the
        session, and the message is kept for looking at.
        """

    def logged_on(self, session: str, *, reset: bool) -> None:
        """The session is on, its Logon was answered; reset: by 141=Y. A Logon in session, too."""

    def logged_out(self, session: str) -> None:
        """The session has ended."""

    def forget_numbers(self, session: str) -> None:
        """The numbers of a session that is off begin again at 1: an operator has reset them."""

    def send_owed(self, session: str) -> bool:
        """Send a slice of what the session is owed since it was off; called behind `logged_on`.

        Returns whether more is to follow: it is asked again when the client has read some.
        """

    def messages_between(
        self, session: str, begin: int, end: int
    ) -> Iterator[tuple[int, Kept] | None]:
        """What a ResendRequest for these MsgSeqNums gets again; all other numbers are gap-filled.

        None: the caller may let others go on.
        """


__all__ = ["DataCore"]
