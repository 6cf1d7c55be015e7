"""What waits to be sequenced: commands, and answers that need no sequencing but keep their place.

A queue in order of arrival; nothing in it has had an effect yet.
"""

from collections import deque
from collections.abc import Callable

import msgspec

from venue.domain.answers import Query
from venue.domain.commands import AnyCommand
from venue.domain.events import AnyEvent
from venue.domain.outgoing import Outgoing


class Input(msgspec.Struct, frozen=True, gc=False):
    """One thing received. From FIX: session and MsgSeqNum(34) of the message that brought it.

    Exactly one of command, query and answer is set. answer is a message to send back as it is (a
    BusinessMessageReject). notify is called with the command's events once these
    are on disk (admin commands).
    """

    session: str | None
    msg_seq_num: int
    command: AnyCommand | None = None
    query: Query | None = None
    answer: Outgoing | None = None
    notify: Callable[[list[AnyEvent]], None] | None = None


class Inbox:
    """First in, first out."""

    def __init__(self) -> None:
        self._inputs: deque[Input] = deque()

    def put(self, received: Input) -> None:
        """Add behind all others."""
        self._inputs.append(received)

    def put_first(self, follow_ups: list[AnyCommand]) -> None:
        """Add the engine's own follow-up commands in front of all others, in their order."""
        for command in reversed(follow_ups):
            self._inputs.appendleft(Input(None, 0, command=command))

    def take(self, most: int) -> list[Input]:
        """Remove and return at most `most` from the front."""
        inputs = self._inputs
        if most < len(inputs):
            return [inputs.popleft() for _ in range(most)]
        taken = list(inputs)
        inputs.clear()
        return taken

    def first_msg_seq_num(self, session: str) -> int | None:
        """MsgSeqNum of the first input that waits from `session`, or None."""
        for received in self._inputs:
            if received.session == session:
                return received.msg_seq_num
        return None

    def __len__(self) -> int:
        return len(self._inputs)
