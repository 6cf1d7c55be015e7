"""Reports that were sent before: recent ones from memory, older ones from the journal.

Reads the journal and never writes it; gives way between two frames. Numbers as of the session's last
reset, for what was numbered before cannot be asked for any more.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import structlog

from venue.domain.events import AnyEvent
from venue.domain.outgoing import Kept, Outgoing
from venue.journal.contents import batch_of
from venue.journal.places import place_of_record
from venue.journal.record import Batch, SessionMark
from venue.journal.segment import JournalDamage, PlacedFrame
from venue.sequencer.replay import durable_frames
from venue.sequencer.session_state import SessionBook, SessionState

_log = structlog.get_logger("sequencer")
Numbered = tuple[int, Kept]


class History:
    """reports: messages that an event causes, venue.fix.encode's."""

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
        recent_from = state.recent_from
        recent = [
            (number, kept)
            for number, kept in state.stored.items()
            if begin <= number <= end and number >= recent_from
        ]
        if begin < recent_from:
            last = min(end, recent_from - 1)
            try:
                yield from self._older(session, state, begin, last)
            except (JournalDamage, OSError) as error:  # segments may be removed by now
                _log.error("reports cannot be read again", session=session, error=str(error))
        yield from recent

    def _older(
        self, session: str, state: SessionState, begin: int, end: int
    ) -> Iterator[Numbered | None]:
        if not state.milestones:
            return
        unread = {n: kept for n, kept in state.stored.items() if begin <= n <= end}
        seq = state.milestones[0].seq
        for milestone in state.milestones:
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
            for number, kept in self._numbered(session, batch, mark, unread):
                if begin <= number <= end:
                    yield number, kept

    def _numbered(
        self, session: str, batch: Batch, mark: SessionMark, unread: dict[int, Kept]
    ) -> Iterator[Numbered]:
        """Reports of a batch to the session. What it sent again is known only while unread."""
        again = range(mark.first_out, mark.first_out + mark.resent)
        yield from ((number, unread[number]) for number in again if number in unread)
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
    """Whether a frame was there before record `seq` was to come."""
    behind = frame.after.next_seq
    return behind < seq or (behind == seq and frame.header.records > 0)


__all__ = ["History"]
