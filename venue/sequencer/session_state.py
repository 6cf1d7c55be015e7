"""FIX session state as the journal tells it: numbers, stored reports, and reports still due.

A fold over batches, the same live and at recovery; it never asks QuickFIX and never sends.
"""

from collections.abc import Mapping, Sequence
from itertools import islice

import msgspec

from venue.domain.commands import LogOn, LogOut, ResetSession, StartVenue
from venue.journal.record import Batch, CommandBatch, SessionMark

SKIPPED_AFTER_CRASH = 100
"""Numbers left out after an unclean stop: more than were ever sent since the last mark."""

ADMIN_MESSAGES_PER_MARK = 50
"""After so many session messages since its last mark a session is marked anew."""

RESEND_WINDOW = 20_000
"""So many of a session's newest reports, besides those still due, can be resent after a restart."""

_TOLD_OF = frozenset({LogOn, LogOut, ResetSession, StartVenue})
"""Commands that change a session's state by themselves."""


class SessionState(msgspec.Struct, omit_defaults=True):
    """One session. stored: MsgSeqNum -> text of the report that had it, the newest ones.

    due: reports that fell due while the session was logged out, since its last logon.
    unnumbered: how many of them, the first ones, have lost their numbers to a reset.
    unread: how many stored reports it may still have to read of those that were due at a logon;
    each report sent since then counts as one read.
    """

    next_in: int = 1
    next_out: int = 1
    stored: dict[int, str] = {}
    due: list[str] = []
    logged_on: bool = False
    unnumbered: int = 0
    unread: int = 0

    def reset(self) -> None:
        """Numbers go back to 1 (ResetSeqNumFlag or the operator)."""
        self.next_in = 1
        self.next_out = 1
        self.stored.clear()
        self.unnumbered = len(self.due)
        self.unread = 0

    def log_on(self) -> None:
        """What was due comes by the session's own resend, unless it has lost its numbers."""
        self.unread += len(self.due) - self.unnumbered
        del self.due[self.unnumbered :]

    def kept(self, window: int) -> int:
        """How many stored reports are kept: the newest `window`, and those that may be unread."""
        return window + len(self.due) + self.unread

    def trim(self, window: int) -> None:
        """Let go of the stored reports that are not kept."""
        surplus = len(self.stored) - self.kept(window)
        if surplus > 0:
            self.stored = dict(islice(self.stored.items(), surplus, None))


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

    def fold(self, batch: Batch | CommandBatch, reports: Mapping[str, Sequence[str]]) -> None:
        """Take in a batch and the texts of the reports it caused to each session, no answers."""
        for record in batch.records:
            if type(record.command) in _TOLD_OF:
                self.fold_command(record.command)
        for session, mark in batch.sessions.items():
            self._fold_mark(self[session], mark, reports.get(session, ()))

    def fold_command(self, command: object) -> None:
        """Take in a logon, a logout or a start."""
        if isinstance(command, LogOn):
            state = self[command.session]
            state.logged_on = True
            if command.reset:
                state.reset()
            else:
                state.log_on()
        elif isinstance(command, ResetSession):
            self[command.session].reset()
        elif isinstance(command, LogOut):
            self[command.session].logged_on = False
        elif isinstance(command, StartVenue):
            for state in self._sessions.values():
                state.logged_on = False

    def _fold_mark(self, state: SessionState, mark: SessionMark, reports: Sequence[str]) -> None:
        texts = reports
        if mark.resent:
            assert mark.resent == len(state.due)
            texts = [*state.due, *reports]
            state.due = []
            state.unnumbered = 0
            state.unread += mark.resent
        elif state.unread and state.logged_on:
            state.unread = max(0, state.unread - len(reports))
        if mark.count:
            numbers: Sequence[int] = range(mark.first_out, mark.first_out + mark.count)
            if mark.answers:
                numbers = [n for place, n in enumerate(numbers) if place not in mark.answers]
            assert len(texts) >= len(numbers)
            state.stored.update(zip(numbers, texts, strict=False))
        stored = len(state.stored)
        if stored > 2 * self._window and stored > 2 * state.kept(self._window):
            state.trim(self._window)
        if not state.logged_on or not mark.count:
            state.due.extend(reports)
        state.next_in = mark.next_in
        state.next_out = mark.first_out + mark.count
