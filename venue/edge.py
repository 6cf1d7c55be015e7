"""The FIX edge of trading: the sequencer stands behind it.

Knows the parts of an edge and the sequencer; decides nothing itself.
"""

import socket
import time
from collections.abc import Callable, Iterator

from venue.domain.command import Command
from venue.domain.commands import LogOn, LogOut
from venue.domain.outgoing import Kept, Outgoing
from venue.edge_parts import EdgeParts
from venue.fix.decode import Decoded
from venue.fix.intake import Intake, decoded_order
from venue.fix.logons import Reopening
from venue.replay.history import History
from venue.sequencer.inbox import Input
from venue.sequencer.sequencer import Sequencer
from venue.settings.settings import Settings


class FixEdge(EdgeParts):
    """sender: the sequencer's port to the sessions.

    entitled: whether the journaled configuration has a session enabled. reopening: what the journal
    says of a start from older data.
    """

    def __init__(
        self,
        settings: Settings,
        listener: socket.socket,
        entitled: Callable[[str], bool],
        history: History,
        reopening: Reopening,
    ) -> None:
        self._history = history
        self._sequencer: Sequencer
        intake = Intake(self, decoded_order)
        super().__init__(settings, "trading", listener, entitled, reopening, intake)

    def serve(self, sequencer: Sequencer) -> None:
        """Hand what comes to this sequencer from now on."""
        self._sequencer = sequencer

    def receive(
        self, session: str, number: int, decoded: Decoded | None, answer: Outgoing | None
    ) -> None:
        """Sequence a command or query, or an answer."""
        if decoded is None:
            received = Input(session, number, answer=answer)
        elif isinstance(decoded, Command):
            received = Input(session, number, command=decoded)
        else:
            received = Input(session, number, query=decoded)
        self._sequencer.inbox.put(received)

    def reports_between(
        self, session: str, begin: int, end: int
    ) -> Iterator[tuple[int, Kept] | None]:
        """Reports that were sent with these MsgSeqNums."""
        return self._history.between(session, begin, end)

    def submit(self, command: LogOut) -> None:
        """Queue a command."""
        self._sequencer.inbox.put(Input(None, 0, command=command))

    def admin_sent(self, session: str) -> None:
        """Record the session's numbers when many were used since the last record."""
        self._sequencer.admin_sent(session)

    def send_owed(self, session: str) -> bool:
        """Send again the reports that lost their numbers to a reset unread (PossResend).

        Returns whether more is to follow.
        """
        return self._sequencer.send_owed(session)

    def send(self, message: Outgoing) -> None:
        """Number and send a message of the edge's own."""
        self.sender.send(message, time.time_ns())
        self.sender.flush()
        self._sequencer.admin_sent(message.session)

    def _commit(self, command: LogOn, number: int) -> None:
        self._sequencer.commit_logon(command, number)


__all__ = ["FixEdge"]
