"""Segment files: their names, their order, and the frames of one.

A name has the first seq and event_seq inside, so that a place is found without reading the file.
All readers open a segment here: one that is closed may be compressed, also while they read it.
"""

import itertools
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from venue.journal.beginning import FIRST, first_kept
from venue.journal.compressed import (
    SUFFIX,
    CompressionDamage,
    block_starts,
    compressed_path,
    open_compressed,
)
from venue.journal.frame import (
    HEADER_BYTES,
    MAGIC,
    FrameError,
    FrameHeader,
    check_frame,
    parse_header,
)
from venue.stored_names import stored_names

_NAME = re.compile(r"segment-(\d{6})-(\d{16})-(\d{16})\.journal(?:\.zst)?")


class Segment(NamedTuple):
    """One segment file; number counts from 1 without gaps. path: where it was when it was listed;
    it may have been compressed since."""

    number: int
    first_seq: int
    first_event_seq: int
    path: Path

    @property
    def name(self) -> str:
        """Its name, the same whether it is compressed or not."""
        return self.path.name.removesuffix(SUFFIX)

    @property
    def is_compressed(self) -> bool:
        """Whether it was compressed when it was listed: then nothing is ever written to it."""
        return self.path.suffix == SUFFIX

    @property
    def places(self) -> tuple[Path, Path]:
        """Its plain and its compressed file; one of them is there, or both, which are the same."""
        plain = self.path.with_name(self.name)
        return plain, compressed_path(plain)


class JournalPosition(NamedTuple):
    """A place between two frames: where the next one lies, and what it begins with.

    segment None: nothing was ever written.
    """

    segment: Segment | None
    offset: int
    previous_crc: int
    next_seq: int
    next_event_seq: int


EMPTY_JOURNAL = JournalPosition(None, 0, 0, 1, 1)


class PlacedFrame(NamedTuple):
    """A checked frame and where it lies."""

    segment: Segment
    offset: int
    header: FrameHeader
    body: bytes

    @property
    def end(self) -> int:
        """Offset behind the frame."""
        return self.offset + HEADER_BYTES + self.header.length

    @property
    def after(self) -> JournalPosition:
        """The place behind the frame."""
        header = self.header
        return JournalPosition(
            self.segment, self.end, header.crc, header.next_seq, header.next_event_seq
        )


class JournalDamage(Exception):
    """The journal cannot be trusted at this place; text names file, offset and sequence.

    torn_tail: the journal's last bytes are no whole frame, and no whole frame follows them.
    """

    def __init__(
        self, segment: Segment, offset: int, seq: int, why: str, *, torn_tail: bool = False
    ) -> None:
        super().__init__(f"{segment.path.name} at offset {offset}, record {seq}: {why}")
        self.segment = segment
        self.offset = offset
        self.seq = seq
        self.why = why
        self.torn_tail = torn_tail


def segment_name(number: int, first_seq: int, first_event_seq: int) -> str:
    """File name of a segment."""
    return f"segment-{number:06d}-{first_seq:016d}-{first_event_seq:016d}.journal"


def list_segments(directory: Path) -> list[Segment]:
    """Segments in order. Raises JournalDamage where one is missing that retention has left."""
    segments = _segments(directory)
    if _behind_gap(segments) is not None:  # retention is at it, and some of the oldest were seen
        kept = _first_kept(directory, segments[0])
        segments = [each for each in segments if each.number >= kept]
    if (after := _behind_gap(segments)) is not None:
        why = f"segment {after.number - 1} before it is missing"
        raise JournalDamage(after, 0, after.first_seq, why)
    first = segments[0] if segments else None
    if first is not None and first.number > FIRST and _first_kept(directory, first) < first.number:
        why = "segments before are missing, and retention has not removed them"
        raise JournalDamage(first, 0, first.first_seq, why)
    return segments


def _segments(directory: Path) -> list[Segment]:
    """Segments that there are, in order, each one once."""
    found = sorted(
        Segment(int(match[1]), int(match[2]), int(match[3]), directory / match[0])
        for match in map(_NAME.fullmatch, stored_names(directory))
        if match
    )
    # a plain file stands before its compressed one, and counts as long as it is there
    return list({segment.name: segment for segment in reversed(found)}.values())[::-1]


def _behind_gap(segments: list[Segment]) -> Segment | None:
    pairs = itertools.pairwise(segments)
    return next((after for before, after in pairs if after.number != before.number + 1), None)


def has_segments(directory: Path) -> bool:
    """Whether anything was ever written there, whole or not."""
    return any(_NAME.fullmatch(path.name) for path in directory.glob("segment-*"))


def _first_kept(directory: Path, first: Segment) -> int:
    """As `first_kept`. Raises JournalDamage, of the first segment, when that cannot be read."""
    try:
        return first_kept(directory)
    except ValueError as error:
        why = f"segments before are missing, and what says so cannot be read: {error}"
        raise JournalDamage(first, 0, first.first_seq, why) from error


def open_segment(segment: Segment, *, buffered: bool = True) -> BinaryIO:
    """Open a segment for reading, compressed or not. Raises JournalDamage and OSError.

    buffered: not where frames are being written, for a buffer would show zeros in their place.
    """
    plain, compressed = segment.places
    try:
        return plain.open("rb") if buffered else plain.open("rb", buffering=0)
    except FileNotFoundError:
        pass  # it is compressed, or has been since it was listed
    try:
        return open_compressed(compressed)
    except CompressionDamage as error:
        where = segment._replace(path=compressed)
        raise JournalDamage(where, 0, segment.first_seq, str(error)) from error


def read_frame(file: BinaryIO, segment: Segment, offset: int) -> PlacedFrame | None:
    """Frame at `offset`, checked on its own; None where nothing was written. Raises FrameError."""
    try:
        file.seek(offset)
        raw = file.read(HEADER_BYTES)
        header = parse_header(raw)
        if header is None:
            return None
        body = file.read(header.length)
    except CompressionDamage as error:
        raise FrameError(str(error)) from error
    check_frame(header, raw, body)
    return PlacedFrame(segment, offset, header, body)


def last_block(
    file: BinaryIO, segment: Segment, begins_before: Callable[[FrameHeader], bool]
) -> PlacedFrame | None:
    """First frame of the last block that begins before a place; None: the segment has no frame.

    So the way to a place in a compressed segment is short; a plain one is a single block. Raises
    FrameError.
    """

    def is_behind(start: int) -> bool:
        frame = read_frame(file, segment, start)
        return frame is None or not begins_before(frame.header)

    starts = block_starts(file)
    number = bisect_right(starts, False, lo=min(1, len(starts)), key=is_behind) - 1
    return read_frame(file, segment, starts[number]) if starts else None


def frames_of(file: BinaryIO, segment: Segment, offset: int = 0) -> Iterator[PlacedFrame]:
    """Frames from `offset` to the first place where none was written. Raises FrameError."""
    while (frame := read_frame(file, segment, offset)) is not None:
        yield frame
        offset = frame.end


def valid_frame_follows(file: BinaryIO, segment: Segment, offset: int) -> int | None:
    """Offset of the first whole frame at or behind `offset`, searched byte by byte, or None."""
    file.seek(offset)
    rest = file.read()
    place = rest.find(MAGIC)
    while place != -1:
        try:
            if read_frame(file, segment, offset + place) is not None:
                return offset + place
        except FrameError:
            pass  # these bytes only looked like the head of a frame: search on
        place = rest.find(MAGIC, place + 1)
    return None


def is_zero_from(file: BinaryIO, offset: int) -> bool:
    """Whether there is nothing but zeros from `offset` on."""
    file.seek(offset)
    while chunk := file.read(1 << 20):
        if chunk.count(0) != len(chunk):
            return False
    return True
