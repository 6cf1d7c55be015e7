"""Reads the bodies of frames; one that cannot be read is a JournalDamage.

The checksum of a frame may be right and its body still be none of this version. Read-only.
"""

import msgspec

from venue.journal.record import (
    Batch,
    CommandBatch,
    RawBatch,
    decode_batch,
    decode_command_batch,
    decode_raw_batch,
)
from venue.journal.segment import JournalDamage, PlacedFrame


def batch_of(frame: PlacedFrame) -> Batch:
    """The batch in a frame. Raises JournalDamage."""
    try:
        return decode_batch(frame.body)
    except msgspec.MsgspecError as error:
        raise unreadable(frame, error) from error


def command_batch_of(frame: PlacedFrame) -> CommandBatch:
    """As `batch_of`, with the events of a record undecoded in one piece. Raises JournalDamage."""
    try:
        return decode_command_batch(frame.body)
    except msgspec.MsgspecError as error:
        raise unreadable(frame, error) from error


def raw_batch_of(frame: PlacedFrame) -> RawBatch:
    """As `batch_of`, with each event undecoded. Raises JournalDamage."""
    try:
        return decode_raw_batch(frame.body)
    except msgspec.MsgspecError as error:
        raise unreadable(frame, error) from error


def unreadable(frame: PlacedFrame, error: msgspec.MsgspecError) -> JournalDamage:
    """The JournalDamage of a frame whose body raised `error`."""
    why = f"the body is no batch of records: {error}"
    return JournalDamage(frame.segment, frame.offset, frame.header.first_seq, why)
