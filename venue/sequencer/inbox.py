"""Inputs that wait to be sequenced: commands, and answers that keep their place among them.

A queue in order of arrival, and beside it long work that goes on slice by slice. Nothing in the
inbox has had an effect yet.
"""

from collections import deque
from collections.abc import Callable

import msgspec

from venue.domain.answers import Answer, Query
from venue.domain.commands import AnyCommand, CancelRemaining, MassCancelRemaining
from venue.domain.events import AnyEvent
from venue.domain.outgoing import Outgoing
from venue.engine.views.mass_status import MassStatus

STATUSES = 8
"""How many answers to mass status requests of a session may be under way at once."""
_VENUE = ""
"""The owner of slices that no session has asked for."""


class Input(msgspec.Struct, frozen=True, gc=False):
    """One thing received. From FIX: session and MsgSeqNum(34) of the message that brought it.

    Exactly one of command, query, answer and status is set. answer: a message to send back as it is
    (a BusinessMessageReject). status: a mass status answer under way; no message brings it, so its
    number is 0. notify: called with the command's events once they are on disk (admin commands).
    """

    session: str | None
    msg_seq_num: int
    command: AnyCommand | None = None
    query: Query | None = None
    answer: Outgoing | None = None
    notify: Callable[[list[AnyEvent]], None] | None = None
    status: MassStatus | None = None


class Inbox:
    """First in, first out; besides, each turn takes up to two slices of long work.

    One of these is the venue's own. The other is a session's; the sessions take turns. The length
    does not count slices.
    """

    def __init__(self) -> None:
        self._inputs: deque[Input] = deque()
        self._slices: dict[str, deque[Input]] = {}

    def put(self, received: Input) -> None:
        """Add behind all others."""
        self._inputs.append(received)

    def put_first(self, commands: list[AnyCommand]) -> None:
        """Add commands of the venue's own in front of all others, in their order."""
        for command in reversed(commands):
            self._inputs.appendleft(Input(None, 0, command=command))

    def put_back(self, inputs: list[Input]) -> None:
        """Put inputs that were taken last, and not sequenced, back in front."""
        self._inputs.extendleft(reversed(inputs))

    def put_follow_ups(self, commands: list[AnyCommand]) -> None:
        """Add the next slices of what commands have left to do."""
        for command in commands:
            owner = _VENUE
            if isinstance(command, MassCancelRemaining):
                owner = command.request.session
            elif isinstance(command, CancelRemaining):
                owner = command.session
            self._put_slice(owner, Input(None, 0, command=command))

    def begin_status(self, asked: Input, status: MassStatus) -> list[Answer]:
        """Begin an answer in slices. Returns its refusal where the session has too many already."""
        assert asked.session is not None
        going_on = sum(each.status is not None for each in self._slices.get(asked.session, ()))
        if going_on >= STATUSES:
            return status.refuse(f"{STATUSES} mass status requests are being answered")
        self.put_status(Input(asked.session, 0, status=status))
        return []

    def put_status(self, received: Input) -> None:
        """Add the next slice of an answer to a session."""
        assert received.session is not None
        self._put_slice(received.session, received)

    def drop_statuses(self, session: str) -> None:
        """Forget the answers to a session that has ended."""
        kept = [each for each in self._slices.pop(session, ()) if each.status is None]
        if kept:
            self._slices[session] = deque(kept)

    def take(self, most: int) -> list[Input]:
        """Remove and return the slices whose turn it is, and at most `most` from the front."""
        taken = self._take_slices() if self._slices else []
        inputs = self._inputs
        if most < len(inputs):
            taken += [inputs.popleft() for _ in range(most)]
        else:
            taken += inputs
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

    def _put_slice(self, owner: str, received: Input) -> None:
        self._slices.setdefault(owner, deque()).append(received)

    def _take_slices(self) -> list[Input]:
        sessions = [owner for owner in self._slices if owner != _VENUE]
        owners = [_VENUE] if _VENUE in self._slices else []
        return [self._take_slice(owner) for owner in (*owners, *sessions[:1])]

    def _take_slice(self, owner: str) -> Input:
        waiting = self._slices.pop(owner)
        first = waiting.popleft()
        if waiting:
            self._slices[owner] = waiting  # behind those of others
        return first
