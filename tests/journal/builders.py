"""Small journals on disk, with events that only count."""

from pathlib import Path

from venue.domain.commands import Deposit
from venue.domain.events import AnyEvent, FundsDeposited
from venue.journal.record import Batch, Record
from venue.journal.segment import (
    EMPTY_JOURNAL,
    JournalPosition,
    PlacedFrame,
    frames_of,
    list_segments,
    open_segment,
)
from venue.sequencer.writer import JournalWriter

SMALL_SEGMENT = 4096
COMMAND = Deposit("ALPHA", "USD", "1")


def event(event_seq: int) -> AnyEvent:
    """The event with this number."""
    return FundsDeposited(event_seq, 1_000 + event_seq, "ALPHA", "USD", str(event_seq), "", "")


def batch(writer: JournalWriter, events: int, records: int = 1) -> Batch:
    """The next batch of a writer: so many records, the events in the first of them."""
    first, seq = writer.next_event_seq, writer.next_seq
    made = [event(first + place) for place in range(events)]
    return Batch(
        [
            Record(seq + n, 1_000 + seq, 1, 1, COMMAND, made if n == 0 else [])
            for n in range(records)
        ]
    )


def write(
    directory: Path,
    counts: list[int],
    segment_bytes: int = SMALL_SEGMENT,
    position: JournalPosition = EMPTY_JOURNAL,
) -> JournalPosition:
    """Append a batch of each count of events, one record an event count; where it ends."""
    writer = JournalWriter(directory, segment_bytes, position)
    try:
        for count in counts:
            writer.append(batch(writer, count))
        return writer.position
    finally:
        writer.close()


def frames(directory: Path) -> list[PlacedFrame]:
    """Every frame of a sound journal, as it lies."""
    found: list[PlacedFrame] = []
    for segment in list_segments(directory):
        with open_segment(segment) as file:
            found.extend(frames_of(file, segment))
    return found
