"""What the door asks of the venue behind it."""

from typing import Protocol

from venue.domain.commands import LogOut
from venue.domain.outgoing import Outgoing


class Life(Protocol):
    """What the venue does about sessions."""

    def submit(self, command: LogOut) -> None:
        """Queue a command."""

    def admin_sent(self, session: str) -> None:
        """Record the session's numbers when many were used since the last record."""

    def send_owed(self, session: str) -> bool:
        """Send again the reports that lost their numbers to a reset unread (PossResend).

        Returns whether more is to follow.
        """

    def send(self, message: Outgoing) -> None:
        """Number and send a message of the edge's own."""


__all__ = ["Life"]
