"""member_seq: the number of a member's drop copy. It follows from all events from the first on.

May know drop copies and the journal's reader. The latest numbers are kept in a durable file;
those of an earlier place are found by counting back. The file is never ahead of the streams.
"""

import asyncio
from collections import Counter
from pathlib import Path

import msgspec
import structlog

from venue.bus.agreement import JournalNotShown, StreamDisagrees
from venue.bus.position_file import Position
from venue.domain.codec import decode_event as decode
from venue.domain.events import AnyEvent, MemberAdded
from venue.dropcopy.copies import AnyCopy, copies_of
from venue.journal.files import replace
from venue.journal.reader import JournalReader

COUNT_BATCH = 1_000

_log = structlog.get_logger()


class Numbers(msgspec.Struct, frozen=True):
    """member_seq of each member's last drop copy after event `event_seq`; a missing one has none.

    journal and digest: as in Position.
    """

    event_seq: int = 0
    members: dict[str, int] = {}
    journal: str = ""
    digest: str = ""

    @property
    def position(self) -> Position:
        """The event behind which these are the numbers."""
        return Position(self.event_seq, journal=self.journal, digest=self.digest)


def read_numbers(path: Path) -> Numbers:
    """The numbers in the file; those before the first event when it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Numbers)
    except FileNotFoundError:
        return Numbers()
    except msgspec.MsgspecError as error:
        _log.warning("numbers_unreadable", file=str(path), error=str(error))
        return Numbers()


def keep_numbers(path: Path, numbers: Numbers) -> None:
    """Replace the file; on return it is on disk. Raises OSError."""
    replace(path, msgspec.json.encode(numbers), durably=True)


def number(numbers: Numbers, event: AnyEvent) -> tuple[Numbers, list[AnyCopy]]:
    """The numbers after `event`, and its numbered drop copies."""
    copies = copies_of(event)
    if not copies and not isinstance(event, MemberAdded):
        return Numbers(event.event_seq, numbers.members), []
    members = dict(numbers.members)
    if isinstance(event, MemberAdded):
        members.setdefault(event.member, 0)
    numbered: list[AnyCopy] = []
    for copy in copies:
        members[copy.member] = members.get(copy.member, 0) + 1
        numbered.append(msgspec.structs.replace(copy, member_seq=members[copy.member]))
    return Numbers(event.event_seq, members), numbered


async def count_back(numbers: Numbers, event_seq: int, journal_dir: Path | None) -> Numbers:
    """The numbers after event `event_seq`, or after the nearest later one that the journal allows.

    Without a journal, those before the first event. Raises JournalNotShown when the journal does
    not reach `numbers` now, StreamDisagrees when `numbers` are of another journal.
    """
    if journal_dir is None:
        return Numbers()
    reader = JournalReader(journal_dir)
    try:
        event_seq = max(event_seq, reader.first_event_seq() - 1)
        if event_seq == 0:
            return Numbers()
        counts = Counter(numbers.members)
        reader.seek(event_seq + 1)
        left = numbers.event_seq - event_seq
        while left > 0:
            events = reader.read(min(left, COUNT_BATCH))
            if not events:
                raise JournalNotShown
            for journaled in events:
                counts.subtract(copy.member for copy in copies_of(decode(journaled.payload)))
            left -= len(events)
            await asyncio.sleep(0)
    finally:
        reader.close()
    if min(counts.values(), default=0) < 0:
        raise StreamDisagrees("the numbers that were kept are not of this journal")
    return Numbers(event_seq, dict(counts))
