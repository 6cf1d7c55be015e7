"""Chooses records of a journal by number, by event type or by symbol.

May know the journal and the domain; read-only. Frames that cannot be wanted are not decoded.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from venue.domain.events import symbol_of
from venue.journal.contents import batch_of
from venue.journal.record import Record
from venue.journal.segment import PlacedFrame


class Wanted(NamedTuple):
    """Which records; None: any. from_seq and to_seq are both included."""

    from_seq: int = 1
    to_seq: int | None = None
    event_seq: int | None = None
    symbol: str | None = None


def choose(frames: Iterable[PlacedFrame], wanted: Wanted) -> Iterator[Record]:
    """The records wanted, in order. Raises JournalDamage."""
    for frame in frames:
        header = frame.header
        if wanted.to_seq is not None and header.first_seq > wanted.to_seq:
            return
        if wanted.event_seq is not None and header.first_event_seq > wanted.event_seq:
            return
        if header.next_seq <= wanted.from_seq or not header.records:
            continue
        if wanted.event_seq is not None and header.next_event_seq <= wanted.event_seq:
            continue
        records = batch_of(frame).records
        yield from (record for record in records if _is_wanted(record, wanted))


def _is_wanted(record: Record, wanted: Wanted) -> bool:
    if record.seq < wanted.from_seq:
        return False
    if wanted.to_seq is not None and record.seq > wanted.to_seq:
        return False
    numbers = (event.event_seq for event in record.events)
    if wanted.event_seq is not None and wanted.event_seq not in numbers:
        return False
    return wanted.symbol is None or wanted.symbol in _symbols(record)


def _symbols(record: Record) -> Iterator[str]:
    """Symbols that the command names or its events are about."""
    yield getattr(record.command, "symbol", "")
    yield from map(symbol_of, record.events)
