"""Names of payments outside, of deposits and withdrawals: the journal has them, no table does.

May know the journal. Away from it, or where retention has taken the event, there is no name.
"""

from collections.abc import Sequence
from pathlib import Path

from venue.domain.codec import decode_event
from venue.domain.events import FundsDeposited, FundsReversed, FundsTransferred, FundsWithdrawn
from venue.journal.reader import EventPruned, JournalReader
from venue.journal.segment import has_segments


def references_in(journal: Path, event_seqs: Sequence[int]) -> dict[int, str]:
    """References by event_seq, of those events that have one. Raises JournalDamage, OSError."""
    found: dict[int, str] = {}
    if not event_seqs or not has_segments(journal):
        return found
    reader = JournalReader(journal)
    try:
        for event_seq in event_seqs:
            reader.seek(event_seq)
            try:
                events = reader.read(1)
            except EventPruned:
                continue
            event = decode_event(events[0].payload) if events else None
            if isinstance(
                event, FundsDeposited | FundsReversed | FundsTransferred | FundsWithdrawn
            ):
                found[event_seq] = event.reference
    finally:
        reader.close()
    return {event_seq: name for event_seq, name in found.items() if name}
