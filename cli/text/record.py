"""Journal records in words: one line for the command, one for each of its events.

Pure text from decoded records; what members chose freely never reaches a terminal as control text.
"""

from collections.abc import Iterator

import msgspec

from venue.cli.text.command import command_facts
from venue.cli.text.tail import describe
from venue.cli.text.times import shown_time
from venue.domain.events import NO_SYMBOL, symbol_of, type_of
from venue.journal.record import Record
from venue.printable import shown


def record_lines(record: Record) -> Iterator[str]:
    """The record for reading."""
    name = type(record.command).__name__
    facts = command_facts(msgspec.to_builtins(record.command))
    yield shown(f"{shown_time(record.timestamp_ns)}  record {record.seq}  {name}  {facts}".rstrip())
    for event in record.events:
        symbol = "" if symbol_of(event) == NO_SYMBOL else f"  {symbol_of(event)}"
        text = describe(msgspec.to_builtins(event))
        yield shown(f"    event {event.event_seq}  {type_of(event)}{symbol}  {text}".rstrip())
