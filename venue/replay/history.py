"""Reports that were sent before: recent ones from memory, older ones from the journal.

Only reads the journal, and lets others go on between two frames. Numbers are those since the
session's last reset. A report that was sent again (PossResend) is in memory only, as long as it is
recent or unread.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import structlog

from venue.domain.events import AnyEvent
from venue.domain.outgoing import Kept, Outgoing
from venue.journal.contents import batch_of
from venue.journal.places import place_of_record
from venue.journal.record import Batch, SessionMark
from venue.journal.segment import JournalDamage, PlacedFrame
from venue.replay.replay import durable_frames
from venue.sequencer.session_state import Milestone, SessionBook

_log = structlog.get_logger("sequencer")
Numbered = tuple[int, Kept]


class History:
    """Sent reports of all sessions. reports: gives the messages of an event (venue.fix.encode)."""

    def __init__(
        self,
        book: SessionBook,
        directory: Path,
        reports: Callable[[AnyEvent], Sequence[Outgoing]],
    ) -> None:
        self._book = book
        self._directory = directory
        self._reports = reports

    def between(self, session: str, begin: int, end: int) -> Iterator[Numbered | None]:
        """Reports with these MsgSeqNums, both included, in their order; None: others may go on."""
        state = self._book[session]
        stored = state.stored
        if end - begin < len(stored):  # few numbers: look up each one
            numbers = range(begin, end + 1)
            held = deque((each, stored[each]) for each in numbers if each in stored)
        else:
            held = deque(each for each in stored.items() if begin <= each[0] <= end)
        if begin < state.recent_from:
            last = min(end, state.recent_from - 1)
            try:
                for found in self._older(session, state.milestones, begin, last):
                    while found and held and held[0][0] < found[0]:
                        yield held.popleft()
                    if not (found and held and held[0][0] == found[0]):
                        yield found
            except (JournalDamage, OSError) as error:  # segments may have been removed meanwhile
                _log.error("reports cannot be read again", session=session, error=str(error))
        yield from held

    def _older(
        self, session: str, milestones: Sequence[Milestone], begin: int, end: int
    ) -> Iterator[Numbered | None]:
        """Reports with these numbers from the journal: without those that were sent again."""
        if not milestones:
            return
        seq = milestones[0].seq
        for milestone in milestones:
            if milestone.number > begin:
                break
            seq = milestone.seq
        named = b'"%b":{"next_in"' % session.encode()
        place = place_of_record(self._directory, seq)
        for frame in durable_frames(self._directory, place):
            yield None
            if _is_before(frame, seq) or named not in frame.body:
                continue
            batch = batch_of(frame)
            mark = batch.sessions.get(session)
            if mark is None:
                continue
            if mark.first_out > end:
                return
            for number, kept in self._numbered(session, batch, mark):
                if begin <= number <= end:
                    yield number, kept

    def _numbered(self, session: str, batch: Batch, mark: SessionMark) -> Iterator[Numbered]:
        """Reports of a batch to the session."""
        reports = [
            report
            for record in batch.records
            for event in record.events
            for report in self._reports(event)
            if report.session == session
        ]
        answers = set(mark.answers)
        places = (place for place in range(mark.resent, mark.count) if place not in answers)
        for place, report in zip(places, reports, strict=False):
            sent_ns = batch.records[-1].timestamp_ns
            yield mark.first_out + place, Kept(report.text, sent_ns, report.route)


def _is_before(frame: PlacedFrame, seq: int) -> bool:
    """Whether a frame lies before record `seq`."""
    behind = frame.after.next_seq
    return behind < seq or (behind == seq and frame.header.records > 0)


__all__ = ["History"]
