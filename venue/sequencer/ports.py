"""What the sequencer needs of the FIX edge, as protocols. app.py hands in the implementations."""

from collections.abc import Sequence
from typing import Protocol

from venue.domain.answers import Answer
from venue.domain.events import AnyEvent
from venue.domain.outgoing import Delivered, Outgoing


class Encoder(Protocol):
    """Plain functions of events and answers."""

    def reports(self, event: AnyEvent) -> Sequence[Outgoing]:
        """Messages that `event` causes, in the order in which they leave."""

    def answer(self, answer: Answer) -> Outgoing:
        """Message that answers a query."""


class SessionPort(Protocol):
    """The FIX sessions' numbers, and the way to their clients."""

    def next_in(self, session: str) -> int:
        """MsgSeqNum expected next from the counterparty; 0 for a session that is not there."""

    def next_out(self, session: str) -> int:
        """MsgSeqNum of the next message to the counterparty; 0 for one that is not there."""

    def reset(self, session: str) -> None:
        """Take the numbers of a logged-off session back to 1."""

    def end(self, session: str, text: str) -> None:
        """Log a session out that is logged on; `text` is the Logout's Text(58)."""

    def send(self, message: Outgoing, sent_ns: int, *, again: bool = False) -> None:
        """Number a message and, while the session is logged on, send it.

        sent_ns: its SendingTime(52). again: with PossResend(97)=Y.
        """

    def flush(self) -> None:
        """Let what was sent since the last flush leave."""

    def caused(self, session: str, messages: int) -> None:
        """Note that one message of a session has caused so many, to whomever: it was a dear one."""

    def delivered(self, session: str) -> Delivered:
        """What the client's machine had confirmed when the session's last connection ended."""
