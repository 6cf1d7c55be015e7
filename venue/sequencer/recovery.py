"""Opening a journal: every frame checked and chained, the torn tail cut, anything else refused.

Never skips and never repairs: what is not whole and was acknowledged stops the start.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from venue.journal.frame import FrameError
from venue.journal.segment import (
    JournalDamage,
    PlacedFrame,
    Segment,
    frames_of,
    list_segments,
    valid_frame_follows,
)
from venue.sequencer.writer import EMPTY_JOURNAL, WritePosition


class Recovery:
    """One pass over a journal; afterwards `position` is where writing goes on.

    witness: last event_seq that somebody is known to have received. `cut` says, after the pass,
    what was cut off as a torn tail, or is None.
    """

    def __init__(self, directory: Path, witness: int = 0) -> None:
        self._directory = directory
        self._witness = witness
        self.position: WritePosition = EMPTY_JOURNAL
        self.cut: str | None = None

    def frames(self) -> Iterator[PlacedFrame]:
        """All frames in order. Raises JournalDamage."""
        segments = list_segments(self._directory)
        if segments and (segments[0].first_seq, segments[0].number) != (1, 1):
            raise JournalDamage(
                segments[0], 0, segments[0].first_seq, "segments before are missing"
            )
        for segment in segments:
            with segment.path.open("r+b") as file:
                yield from self._frames_of(file, segment, last=segment is segments[-1])
        if self.position.next_event_seq <= self._witness:
            last = segments[-1] if segments else None
            where = last or Segment(0, 1, 1, self._directory)
            raise JournalDamage(
                where,
                self.position.offset,
                self.position.next_seq,
                f"the journal ends before event {self._witness}, which was received already",
            )

    def _frames_of(self, file: BinaryIO, segment: Segment, last: bool) -> Iterator[PlacedFrame]:
        position = self.position._replace(segment=segment, offset=0)
        if (segment.first_seq, segment.first_event_seq) != position[3:]:
            raise JournalDamage(
                segment,
                0,
                position.next_seq,
                "the segment does not go on where the one before ends",
            )
        self.position = position
        try:
            for frame in frames_of(file, segment):
                self._check_chain(frame)
                header = frame.header
                self.position = WritePosition(
                    segment, frame.end, header.crc, header.next_seq, header.next_event_seq
                )
                yield frame
        except FrameError as error:
            self._end_at_torn_frame(file, segment, str(error), last)
            return
        if not _is_zero_from(file, self.position.offset):
            self._end_at_torn_frame(file, segment, "bytes that belong to no frame", last)

    def _check_chain(self, frame: PlacedFrame) -> None:
        header, at = frame.header, self.position
        expected = (at.next_seq, at.next_event_seq, at.previous_crc)
        if (header.first_seq, header.first_event_seq, header.previous_crc) != expected:
            raise JournalDamage(
                frame.segment,
                frame.offset,
                self.position.next_seq,
                "the frame does not follow the one before it",
            )

    def _end_at_torn_frame(self, file: BinaryIO, segment: Segment, why: str, last: bool) -> None:
        """Cut what is not whole at the journal's end; JournalDamage when it is not the end."""
        offset, seq = self.position.offset, self.position.next_seq
        follower = valid_frame_follows(file, segment, offset + 1)
        if not last or follower is not None:
            raise JournalDamage(segment, offset, seq, f"{why}, and whole records follow")
        if self._witness >= self.position.next_event_seq:
            raise JournalDamage(
                segment, offset, seq, f"{why}, but event {self._witness} was received already"
            )
        size = file.seek(0, os.SEEK_END)
        file.truncate(offset)
        file.truncate(size)
        os.fsync(file.fileno())
        self.cut = f"{segment.path.name} at offset {offset}, record {seq}: {why}; cut as torn tail"


def _is_zero_from(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    while chunk := file.read(1 << 20):
        if chunk.count(0) != len(chunk):
            return False
    return True
