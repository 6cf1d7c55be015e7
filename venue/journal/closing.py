"""Compresses closed segments: those behind which another one has begun, so nobody writes to them.

May know the journal's files only. A segment that is damaged is left as it is.
"""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

from venue.journal.compressed import BLOCK_BYTES, compress
from venue.journal.frame import FrameError
from venue.journal.segment import JournalDamage, Segment, frames_of, is_zero_from, list_segments


def compressible_segments(directory: Path, read_seq: int) -> list[Segment]:
    """Closed segments that are not compressed, oldest first, with no record behind `read_seq`.

    Raises JournalDamage.
    """
    segments = list_segments(directory)
    return [
        segment
        for segment, following in itertools.pairwise(segments)
        if not segment.is_compressed and following.first_seq - 1 <= read_seq
    ]


def compress_segment(segment: Segment, rest: Callable[[], None] = lambda: None) -> None:
    """Put the compressed form in a segment's place, without the zeros at its end.

    Its blocks begin with a frame, so that each can be found by its numbers. Raises JournalDamage,
    CompressionDamage and OSError, and leaves the segment as it is then.
    """
    compress(segment.path, _blocks(segment), rest)


def _blocks(segment: Segment) -> Iterator[bytes]:
    begin = end = 0
    with segment.path.open("rb") as file:
        try:
            for frame in frames_of(file, segment):
                end = frame.end
                if end - begin >= BLOCK_BYTES:
                    file.seek(begin)
                    yield file.read(end - begin)
                    begin = end
        except FrameError as error:
            raise JournalDamage(segment, end, segment.first_seq, str(error)) from error
        if not is_zero_from(file, end):
            raise JournalDamage(segment, end, segment.first_seq, "bytes that belong to no frame")
        file.seek(begin)
        if end > begin:
            yield file.read(end - begin)
