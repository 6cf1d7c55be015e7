"""Where to begin reading a journal: at its first segment, or at the one that has a record.

Read-only. The place comes from a segment's name and a header in it; earlier frames are not read.
"""

from collections.abc import Callable
from pathlib import Path

from venue.journal.frame import FrameError, FrameHeader
from venue.journal.segment import (
    EMPTY_JOURNAL,
    JournalDamage,
    JournalPosition,
    PlacedFrame,
    Segment,
    last_block,
    list_segments,
    open_segment,
    read_frame,
)


def start_of(segment: Segment) -> JournalPosition:
    """The place before a segment's first frame. Raises JournalDamage."""
    try:
        with open_segment(segment) as file:
            frame = read_frame(file, segment, 0)
    except FrameError as error:
        raise JournalDamage(segment, 0, segment.first_seq, str(error)) from error
    crc = 0 if frame is None else frame.header.previous_crc
    return JournalPosition(segment, 0, crc, segment.first_seq, segment.first_event_seq)


def place_of_record(directory: Path, seq: int) -> JournalPosition:
    """Start of the block with record `seq`, or of the first one. Raises JournalDamage."""
    return _last_start(
        directory,
        lambda segment: segment.first_seq <= seq,
        lambda header: header.first_seq < seq,
    )


def place_of_event(directory: Path, event_seq: int) -> JournalPosition:
    """Start of the block with event `event_seq`, or of the first one. Raises JournalDamage."""
    return _last_start(
        directory,
        lambda segment: segment.first_event_seq <= event_seq,
        lambda header: header.first_event_seq <= event_seq,
    )


def _last_start(
    directory: Path,
    begins_before: Callable[[Segment], bool],
    frame_begins_before: Callable[[FrameHeader], bool],
) -> JournalPosition:
    segments = list_segments(directory)
    if not segments:
        return EMPTY_JOURNAL
    segment = next(filter(begins_before, reversed(segments)), segments[0])
    try:
        with open_segment(segment) as file:
            frame = last_block(file, segment, frame_begins_before)
    except FrameError as error:
        raise JournalDamage(segment, 0, segment.first_seq, str(error)) from error
    return _place_before(segment, frame)


def _place_before(segment: Segment, frame: PlacedFrame | None) -> JournalPosition:
    if frame is None:
        return JournalPosition(segment, 0, 0, segment.first_seq, segment.first_event_seq)
    header = frame.header
    return JournalPosition(
        segment, frame.offset, header.previous_crc, header.first_seq, header.first_event_seq
    )
