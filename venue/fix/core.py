"""What the edge asks of the venue behind it; edge.py hands in the real one."""

from collections.abc import Iterator
from typing import Protocol

from venue.domain.outgoing import Kept, Outgoing
from venue.fix.decode import Decoded
from venue.fix.frame import Frame


class Core(Protocol):
    """What the edge asks of the venue behind it."""

    def receive(
        self, session: str, number: int, decoded: Decoded | None, answer: Outgoing | None
    ) -> None:
        """Sequence a command or query, or an answer; exactly one of both is given."""

    def user_request(self, session: str, frame: Frame) -> None:
        """Have a UserRequest answered."""

    def reports_between(
        self, session: str, begin: int, end: int
    ) -> Iterator[tuple[int, Kept] | None]:
        """Reports that were sent under these numbers; None: others may go on."""
