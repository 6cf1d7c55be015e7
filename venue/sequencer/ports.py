"""What the sequencer needs of the FIX edge, said as protocols; app.py hands in the real ones."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from venue.domain.answers import Answer
from venue.domain.events import AnyEvent


class Outgoing(NamedTuple):
    """One FIX message to send: the session and its text without session header and trailer."""

    session: str
    text: str


class Encoder(Protocol):
    """Plain functions of events and answers."""

    def reports(self, event: AnyEvent) -> Sequence[Outgoing]:
        """Messages that `event` causes, in the order in which they leave."""

    def answer(self, answer: Answer) -> Outgoing:
        """Message that answers a query."""


class SessionPort(Protocol):
    """QuickFIX's sessions."""

    def next_in(self, session: str) -> int:
        """MsgSeqNum expected next from the counterparty."""

    def next_out(self, session: str) -> int:
        """MsgSeqNum of the next message to the counterparty."""

    def send(self, message: Outgoing, poss_resend: bool = False) -> None:
        """Number, keep and, while the session is logged on, send a message."""
