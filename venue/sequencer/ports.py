"""What the sequencer needs of the FIX edge, said as protocols; app.py hands in the real ones."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from venue.domain.answers import Answer
from venue.domain.events import AnyEvent
from venue.domain.outgoing import Outgoing


class Encoder(Protocol):
    """Plain functions of events and answers."""

    def reports(self, event: AnyEvent) -> Sequence[Outgoing]:
        """Messages that `event` causes, in the order in which they leave."""

    def answer(self, answer: Answer) -> Outgoing:
        """Message that answers a query."""


class SessionPort(Protocol):
    """QuickFIX's sessions."""

    def next_in(self, session: str) -> int:
        """MsgSeqNum expected next from the counterparty; 0 for a session that is not there."""

    def next_out(self, session: str) -> int:
        """MsgSeqNum of the next message to the counterparty; 0 for one that is not there."""

    def reset(self, session: str) -> None:
        """Take the numbers of a logged-off session back to 1 and empty its store."""

    def end(self, session: str, text: str) -> None:
        """Log a session out that is logged on; `text` is the Logout's Text(58)."""

    def send(self, message: Outgoing, poss_resend: bool = False) -> None:
        """Number, keep and, while the session is logged on, send a message."""

    def hold(self, sessions: Iterable[str]) -> None:
        """Gather what is sent to these sessions until `release`, which has to follow."""

    def release(self) -> None:
        """Let what was gathered go."""
