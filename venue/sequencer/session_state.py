"""FIX session state as the journal tells it: numbers, recent reports, and unread reports.

It is computed from batches, in the same way live and at recovery; it never asks QuickFIX or sends.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import msgspec

from venue.domain.commands import LogOn, LogOut, ResetSession, StartVenue
from venue.domain.outgoing import Delivered, Kept, Outgoing
from venue.journal.record import Batch, CommandBatch, SessionMark

SKIPPED_AFTER_CRASH = 100
"""Numbers skipped for a session that was logged on when the venue was killed: more than can have
been sent since its last mark."""

ADMIN_MESSAGES_PER_MARK = 50
"""A session is marked again after this many session messages since its last mark."""

RESEND_WINDOW = 20_000
"""How many of a session's newest reports are kept for a resend; older ones are in the journal."""

MOST_UNREAD = 20_000
"""So many unread reports of a session are kept: who never reads must not fill the memory.

Older ones come by an ordinary resend, from the journal, but not after a reset any more."""

NUMBERS_PER_MILESTONE = 2_048
"""A session's place in the journal is noted every so many numbers, to find older reports."""

_TOLD_OF = frozenset({LogOn, LogOut, ResetSession, StartVenue})
"""Commands that change session state by themselves, without a mark."""


class Milestone(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The messages from `number` on are in the journal's record `seq` or behind it."""

    number: int
    seq: int


class SessionState(msgspec.Struct, omit_defaults=True):
    """One session. stored: its newest and its unread reports, by MsgSeqNum.

    recent_from: every report from this number on is in `stored`. unread: numbers of the stored
    reports that the client cannot have read. owed: unread reports that lost their number to a
    reset. unread_from: while logged on, number of the first report that was not confirmed at the
    last mark; 0 when that is not known.
    """

    next_in: int = 1
    next_out: int = 1
    stored: dict[int, Kept] = {}
    recent_from: int = 1
    unread: set[int] = set()
    owed: list[Kept] = []
    milestones: list[Milestone] = []
    logged_on: bool = False
    unread_from: int = 0

    def end(self) -> None:
        """End the session: reports that its client's machine has not confirmed become unread."""
        if self.logged_on and self.unread_from:
            behind = range(self.unread_from, self.next_out)
            self.unread.update(number for number in behind if number in self.stored)
        self.logged_on, self.unread_from = False, 0

    def unread_of(self, delivered: Delivered, next_out: int) -> int:
        """How many reports its client has not read, as far as its machine has confirmed.

        delivered, next_out: what the sender knows while the session is on.
        """
        if not self.logged_on:
            return len(self.unread) + len(self.owed)
        behind = range(delivered.unread_from, next_out) if delivered.unread_from else ()
        return sum(number in self.stored for number in behind) + len(self.owed)

    def reset(self) -> None:
        """Take the numbers back to 1 (ResetSeqNumFlag or the operator)."""
        unread = [self.stored[number] for number in sorted(self.unread)]
        first = [report for report in unread if report.again]  # owed longer than what is still owed
        self.owed = [*first, *self.owed, *(report for report in unread if not report.again)]
        del self.owed[:-MOST_UNREAD]
        self.next_in = self.next_out = self.recent_from = 1
        self.stored.clear()
        self.unread.clear()
        self.milestones.clear()

    @property
    def unconfirmed(self) -> int:
        """How many numbers may not have arrived yet."""
        return self.next_out - self.unread_from if self.unread_from else 0

    def trim(self, window: int) -> None:
        """Forget stored reports, but for the newest `window` and those unread or unconfirmed."""
        surplus = len(self.stored) - window
        if surplus <= 0:
            return
        older = list(islice(self.stored.items(), surplus))
        newer = dict(islice(self.stored.items(), surplus, None))
        self.recent_from = max(self.recent_from, next(iter(newer), self.next_out))
        unread, unread_from = self.unread, self.unread_from or self.next_out
        kept = {n: report for n, report in older if n in unread or n >= unread_from}
        for number in list(islice(kept, max(0, len(unread) - MOST_UNREAD))):
            if number in unread:
                unread.discard(number)
                del kept[number]
        self.stored = {**kept, **newer}


class SessionBook:
    """All sessions' state. `window`: how many stored reports of each are kept at least."""

    def __init__(
        self, window: int = RESEND_WINDOW, sessions: dict[str, SessionState] | None = None
    ) -> None:
        self._window = window
        self._sessions: dict[str, SessionState] = sessions or {}

    def __getitem__(self, session: str) -> SessionState:
        state = self._sessions.get(session)
        if state is None:
            state = self._sessions[session] = SessionState()
        return state

    def names(self) -> list[str]:
        """Sessions that have state."""
        return list(self._sessions)

    def image(self) -> dict[str, SessionState]:
        """All sessions' state, trimmed to the window, for a snapshot to write at once."""
        for state in self._sessions.values():
            state.trim(self._window)
        return self._sessions

    def fold(
        self, batch: Batch | CommandBatch, reports: Mapping[str, Sequence[Outgoing]], next_seq: int
    ) -> None:
        """Take in a batch and the reports it caused to each session, no answers.

        next_seq: of the batch's first record, or of the next one to come.
        """
        left: list[SessionState] = []
        for record in batch.records:
            if type(record.command) in _TOLD_OF:
                left += self._fold_command(record.command)
        sent_ns = batch.records[-1].timestamp_ns if batch.records else 0
        for session, mark in batch.sessions.items():
            self._fold_mark(self[session], mark, reports.get(session, ()), sent_ns, next_seq)
        for state in self._sessions.values() if batch.clean_stop else left:
            state.end()
            self._bound(state)

    def _fold_command(self, command: object) -> Iterable[SessionState]:
        """Take in a logon, logout, reset or start. Returns sessions that end behind the marks."""
        if isinstance(command, StartVenue):  # ends those that were on when the venue was killed
            for state in self._sessions.values():
                state.end()
            return ()
        assert isinstance(command, LogOn | LogOut | ResetSession)
        state = self[command.session]
        if isinstance(command, LogOut) and state.unread_from:
            return (state,)
        state.end()
        if isinstance(command, ResetSession) or (isinstance(command, LogOn) and command.reset):
            state.reset()
        state.logged_on = isinstance(command, LogOn)
        return ()

    def _fold_mark(
        self,
        state: SessionState,
        mark: SessionMark,
        reports: Sequence[Outgoing],
        sent_ns: int,
        next_seq: int,
    ) -> None:
        kept = [Kept(report.text, sent_ns, report.route) for report in reports]
        if mark.resent:
            owed, state.owed = _taken(state.owed, mark)
            kept = [Kept(one.text, mark.sent_ns, one.route, True) for one in owed] + kept
        numbers: Sequence[int] = range(mark.first_out, mark.first_out + mark.count)
        if mark.answers:
            numbers = [n for place, n in enumerate(numbers) if place not in mark.answers]
        numbers = numbers[-len(kept) :] if mark.resent > len(kept) else numbers  # see MOST_UNREAD
        assert len(kept) == len(numbers) or not mark.count
        if mark.count:
            state.stored.update(zip(numbers, kept, strict=True))
            if not state.logged_on:
                state.unread.update(numbers)
            last = state.milestones[-1].number if state.milestones else 0
            if mark.first_out - last >= NUMBERS_PER_MILESTONE or not last:
                state.milestones.append(Milestone(mark.first_out, next_seq))
        else:
            state.owed += kept
        state.next_in = mark.next_in
        state.next_out = mark.first_out + mark.count
        for first, last in mark.read:
            if last - first < len(state.unread):
                state.unread.difference_update(range(first, last + 1))
            else:
                state.unread = {n for n in state.unread if not first <= n <= last}
        if mark.unread_from:
            state.unread_from = mark.unread_from
        self._bound(state)

    def _bound(self, state: SessionState) -> None:
        unread = min(len(state.unread), MOST_UNREAD)
        if len(state.stored) > 2 * self._window + unread + state.unconfirmed:
            state.trim(self._window)


def _taken(owed: list[Kept], mark: SessionMark) -> tuple[list[Kept], list[Kept]]:
    """Of what is owed: what a mark says was sent again, and what is owed still."""
    if mark.more_owed:
        return owed[: mark.resent], owed[mark.resent :]
    return owed[-mark.resent :], []  # of a version that took a logon for its end: the newest


def joined(ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The same numbers in as few ranges as there can be, in order."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)
