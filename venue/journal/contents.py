"""What the frames of a journal hold; a body that cannot be read is damage with a name.

A frame whose checksum fits may still hold what was never written by this version. Read-only.
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
    """As `batch_of`, events undecoded and one list a record. Raises JournalDamage."""
    try:
        return decode_command_batch(frame.body)
    except msgspec.MsgspecError as error:
        raise unreadable(frame, error) from error


def raw_batch_of(frame: PlacedFrame) -> RawBatch:
    """As `batch_of`, events undecoded. Raises JournalDamage."""
    try:
        return decode_raw_batch(frame.body)
    except msgspec.MsgspecError as error:
        raise unreadable(frame, error) from error


def unreadable(frame: PlacedFrame, error: msgspec.MsgspecError) -> JournalDamage:
    """The damage of a frame in which `error` was met."""
    why = f"the body is no batch of records: {error}"
    return JournalDamage(frame.segment, frame.offset, frame.header.first_seq, why)
