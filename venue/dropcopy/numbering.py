"""member_seq: how many drop copies a member has had, a function of all events from the first on.

May know drop copies and the journal's reader. The counts are kept in a durable file, from which
those of any earlier place are found by counting back; the file is never ahead of the streams.
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
from venue.dropcopy.drop_copy import DropCopy, drop_copies
from venue.journal.files import replace
from venue.journal.reader import JournalReader

COUNT_BATCH = 1_000

_log = structlog.get_logger()


class Numbers(msgspec.Struct, frozen=True):
    """member_seq of each member's last drop copy after event `event_seq`; 0: none yet.

    journal and digest say whose event that is, where it is known: see Position.
    """

    event_seq: int = 0
    members: dict[str, int] = {}
    journal: str = ""
    digest: str = ""

    @property
    def position(self) -> Position:
        """Where these numbers stand."""
        return Position(self.event_seq, journal=self.journal, digest=self.digest)


def read_numbers(path: Path) -> Numbers:
    """What was kept last; the beginning of all events when there is nothing that can be read."""
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


def number(numbers: Numbers, event: AnyEvent) -> tuple[Numbers, list[DropCopy]]:
    """The numbers after `event`, and its drop copies with theirs."""
    copies = drop_copies(event)
    if not copies and not isinstance(event, MemberAdded):
        return Numbers(event.event_seq, numbers.members), []
    members = dict(numbers.members)
    if isinstance(event, MemberAdded):
        members.setdefault(event.member, 0)
    numbered = []
    for copy in copies:
        members[copy.member] = members.get(copy.member, 0) + 1
        numbered.append(msgspec.structs.replace(copy, member_seq=members[copy.member]))
    return Numbers(event.event_seq, members), numbered


async def count_back(numbers: Numbers, event_seq: int, journal_dir: Path | None) -> Numbers:
    """The numbers as they were after event `event_seq`, or as near to it as the journal goes back.

    Without a journal to count in, the beginning of all events. Raises JournalNotShown when it does
    not reach up to `numbers` (now), StreamDisagrees when they are not of this journal.
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
                counts.subtract(copy.member for copy in drop_copies(decode(journaled.payload)))
            left -= len(events)
            await asyncio.sleep(0)
    finally:
        reader.close()
    if min(counts.values(), default=0) < 0:
        raise StreamDisagrees("the numbers that were kept are not of this journal")
    return Numbers(event_seq, dict(counts))
