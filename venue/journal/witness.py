"""Compares a journal's end with a witness: the last event that somebody outside has received.

Events are given away only once they are on disk. So a journal that ends before that event has lost
some, and even a torn tail there is not just an interrupted write.
"""

from pathlib import Path

from venue.journal.segment import JournalDamage, JournalPosition, Segment


def loss_behind(
    end: JournalPosition, directory: Path, witness: int, tail: JournalDamage | None = None
) -> JournalDamage | None:
    """The damage if event `witness` lies behind the journal's `end`, else None.

    tail: the torn tail that follows the end, or None.
    """
    if end.next_event_seq > witness:
        return None
    if tail is not None:
        why = f"{tail.why}, but event {witness} was received already"
        return JournalDamage(tail.segment, tail.offset, tail.seq, why)
    where = end.segment or Segment(0, 1, 1, directory)
    why = f"the journal ends before event {witness}, which was received already"
    return JournalDamage(where, end.offset, end.next_seq, why)
