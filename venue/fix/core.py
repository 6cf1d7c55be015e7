"""What the FIX edge needs of the venue behind it, as a protocol. edge.py implements it."""

from collections.abc import Iterator
from typing import Protocol

from venue.domain.outgoing import Kept, Outgoing
from venue.fix.decode import Decoded
from venue.fix.frame import Frame


class Core(Protocol):
    """The venue behind the FIX edge."""

    def receive(
        self, session: str, number: int, decoded: Decoded | None, answer: Outgoing | None
    ) -> None:
        """Sequence a command or query, or an answer; exactly one of both is given."""

    def user_request(self, session: str, frame: Frame) -> None:
        """Begin to answer a UserRequest(BE)."""

    def reports_between(
        self, session: str, begin: int, end: int
    ) -> Iterator[tuple[int, Kept] | None]:
        """Reports that were sent with these MsgSeqNums; None: the caller may let others go on."""
