"""Walks the journal frame by frame, each one checked and chained to the one before; read-only.

Never skips and never repairs: where the chain breaks, the walk ends with JournalDamage.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from venue.journal.compressed import CompressionDamage
from venue.journal.frame import FrameError
from venue.journal.segment import (
    EMPTY_JOURNAL,
    JournalDamage,
    JournalPosition,
    PlacedFrame,
    Segment,
    frames_of,
    is_zero_from,
    list_segments,
    open_segment,
    read_frame,
    valid_frame_follows,
)


class JournalWalk:
    """One pass from `begin`; `position` is behind the last frame given."""

    def __init__(self, directory: Path, begin: JournalPosition = EMPTY_JOURNAL) -> None:
        self._directory = directory
        self.position = begin

    def frames(self, durable_seq: int | None = None) -> Iterator[PlacedFrame]:
        """Frames to the journal's end, or to the one that ends with record `durable_seq`.

        Without `durable_seq` nobody may be writing: then what follows the last frame must be
        zeros. Raises JournalDamage.
        """
        begin = self.position
        if durable_seq is not None and begin.next_seq > durable_seq:
            return
        segments = list_segments(self._directory)
        if begin.segment is None:
            if segments and (segments[0].first_seq, segments[0].number) != (1, 1):
                first = segments[0]
                raise JournalDamage(first, 0, first.first_seq, "segments before are missing")
        else:
            segments = [each for each in segments if each.number >= begin.segment.number]
            if not segments or segments[0].name != begin.segment.name:
                raise JournalDamage(begin.segment, begin.offset, begin.next_seq, "it is missing")
        for segment in segments:
            with open_segment(segment, buffered=durable_seq is None) as file:
                for frame in self._frames_of(file, segment, segment is segments[-1], durable_seq):
                    yield frame
                    if durable_seq is not None and self.position.next_seq > durable_seq:
                        return
        if durable_seq is not None and segments and self.position.next_seq <= durable_seq:
            raise JournalDamage(
                segments[-1],
                self.position.offset,
                self.position.next_seq,
                f"record {durable_seq} was on disk and is missing",
            )

    def _frames_of(
        self, file: BinaryIO, segment: Segment, last: bool, durable_seq: int | None
    ) -> Iterator[PlacedFrame]:
        position = self.position
        if position.segment is None or position.segment.number != segment.number:
            if (segment.first_seq, segment.first_event_seq) != position[3:]:
                why = "the segment does not go on where the one before ends"
                raise JournalDamage(segment, 0, position.next_seq, why)
            self.position = position._replace(segment=segment, offset=0)
        try:
            for frame in frames_of(file, segment, self.position.offset):
                check_chain(frame, self.position)
                self.position = frame.after
                yield frame
            rest = durable_seq is not None or is_zero_from(file, self.position.offset)
        except (FrameError, CompressionDamage) as error:
            raise self._damage(file, segment, str(error), last) from error
        if not rest:
            raise self._damage(file, segment, "bytes that belong to no frame", last)

    def _damage(self, file: BinaryIO, segment: Segment, why: str, last: bool) -> JournalDamage:
        offset, seq = self.position.offset, self.position.next_seq
        if segment.is_compressed:  # it was whole, so nothing was being written
            return JournalDamage(segment, offset, seq, why)
        follower = valid_frame_follows(file, segment, offset + 1)
        if not last or follower is not None:
            return JournalDamage(segment, offset, seq, f"{why}, and whole records follow")
        return JournalDamage(segment, offset, seq, why, torn_tail=True)


def check_chain(frame: PlacedFrame, position: JournalPosition) -> None:
    """Raise JournalDamage unless `frame` is the one that `position` expects."""
    header = frame.header
    expected = (position.next_seq, position.next_event_seq, position.previous_crc)
    if (header.first_seq, header.first_event_seq, header.previous_crc) != expected:
        why = "the frame does not follow the one before it"
        raise JournalDamage(frame.segment, frame.offset, position.next_seq, why)


def check_before(position: JournalPosition) -> None:
    """Raise JournalDamage unless the frames of the segment lead, whole and chained, to `position`.

    The place of a snapshot is believed only after this check.
    """
    segment = position.segment
    if segment is None:
        return
    with open_segment(segment) as file:
        at: JournalPosition | None = None
        offset = 0
        while offset < position.offset:
            try:
                frame = read_frame(file, segment, offset)
            except FrameError as error:
                seq = at.next_seq if at else segment.first_seq
                raise JournalDamage(segment, offset, seq, str(error)) from error
            if frame is None:
                break
            if at is not None:
                check_chain(frame, at)
            at = frame.after
            offset = frame.end
    if position.offset and at != position:
        why = "the frames before this place do not lead to it"
        raise JournalDamage(segment, position.offset, position.next_seq, why)


__all__ = ["JournalWalk", "check_before", "check_chain"]
