"""What a FIX edge needs of what stands behind it, as a protocol."""

from collections.abc import Iterator
from typing import Protocol, TypeVar

from venue.domain.outgoing import Kept, Outgoing
from venue.fix.frame import Frame

Taken = TypeVar("Taken", contravariant=True)
"""What an application message is decoded to: a command or query for trading."""


class Core(Protocol[Taken]):
    """The venue behind a FIX edge."""

    def receive(
        self, session: str, number: int, decoded: Taken | None, answer: Outgoing | None
    ) -> None:
        """Take a message, or send an answer; exactly one of both is given."""

    def user_request(self, session: str, frame: Frame) -> None:
        """Begin to answer a UserRequest(BE)."""

    def reports_between(
        self, session: str, begin: int, end: int
    ) -> Iterator[tuple[int, Kept] | None]:
        """Reports that were sent with these MsgSeqNums; None: the caller may let others go on."""
