"""FIX session state as the journal tells it: numbers, recent reports, and those nobody can have read.

A fold over batches, the same live and at recovery; it never asks QuickFIX and never sends.
"""

from collections.abc import Mapping, Sequence
from itertools import islice

import msgspec

from venue.domain.commands import LogOn, LogOut, ResetSession, StartVenue
from venue.domain.outgoing import Kept, Outgoing
from venue.journal.record import Batch, CommandBatch, SessionMark

SKIPPED_AFTER_CRASH = 100
"""Numbers left out for a session that was logged on when the venue was killed: more than were ever
sent since the last mark."""

ADMIN_MESSAGES_PER_MARK = 50
"""After so many session messages since its last mark a session is marked anew."""

RESEND_WINDOW = 20_000
"""So many of a session's newest reports are at hand for a resend; older ones are in the journal."""

NUMBERS_PER_MILESTONE = 2_048
"""After so many numbers a session's place in the journal is noted, to find older reports by."""

_TOLD_OF = frozenset({LogOn, LogOut, ResetSession, StartVenue})
"""Commands that change a session's state by themselves."""


class Milestone(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Messages from `number` on are in the journal's record `seq`, or behind it."""

    number: int
    seq: int


class SessionState(msgspec.Struct, omit_defaults=True):
    """One session. stored: reports by MsgSeqNum, the newest ones and those unread.

    recent_from: from this number on, every report is in `stored`. unread: numbers of stored reports
    that the client cannot have read. owed: unread reports that have lost their number to a reset.
    """

    next_in: int = 1
    next_out: int = 1
    stored: dict[int, Kept] = {}
    recent_from: int = 1
    unread: set[int] = set()
    owed: list[Kept] = []
    milestones: list[Milestone] = []
    logged_on: bool = False

    def reset(self) -> None:
        """Numbers go back to 1 (ResetSeqNumFlag or the operator)."""
        self.owed += [self.stored[number] for number in sorted(self.unread)]
        self.next_in = self.next_out = self.recent_from = 1
        self.stored.clear()
        self.unread.clear()
        self.milestones.clear()

    def trim(self, window: int) -> None:
        """Let go of stored reports but the newest `window`, and those unread."""
        surplus = len(self.stored) - window
        if surplus <= 0:
            return
        older = list(islice(self.stored.items(), surplus))
        newer = dict(islice(self.stored.items(), surplus, None))
        self.recent_from = max(self.recent_from, next(iter(newer), self.next_out))
        kept = {number: report for number, report in older if number in self.unread}
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
        for record in batch.records:
            if type(record.command) in _TOLD_OF:
                self.fold_command(record.command)
        sent_ns = batch.records[-1].timestamp_ns if batch.records else 0
        for session, mark in batch.sessions.items():
            self._fold_mark(self[session], mark, reports.get(session, ()), sent_ns, next_seq)
        if batch.clean_stop:
            self._all_logged_out()

    def fold_command(self, command: object) -> None:
        """Take in a logon, a logout, a reset or a start."""
        if isinstance(command, LogOn):
            state = self[command.session]
            state.logged_on = True
            if command.reset:
                state.reset()
        elif isinstance(command, ResetSession):
            self[command.session].reset()
        elif isinstance(command, LogOut):
            self[command.session].logged_on = False
        elif isinstance(command, StartVenue):
            self._all_logged_out()

    def _all_logged_out(self) -> None:
        for state in self._sessions.values():
            state.logged_on = False

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
            assert mark.resent == len(state.owed)
            again = [Kept(one.text, mark.sent_ns, one.route, True) for one in state.owed]
            kept, state.owed = again + kept, []
        numbers: Sequence[int] = range(mark.first_out, mark.first_out + mark.count)
        if mark.answers:
            numbers = [n for place, n in enumerate(numbers) if place not in mark.answers]
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
            state.unread.difference_update(range(first, last + 1))
        if mark.unread_from:
            behind = range(mark.unread_from, state.next_out)
            state.unread.update(number for number in behind if number in state.stored)
        if len(state.stored) > 2 * self._window + len(state.unread):
            state.trim(self._window)
