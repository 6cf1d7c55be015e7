"""Statistics of a journal: its segments, how full they are, and the counts of what is in them.

May know the journal only; read-only.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from venue.journal.contents import unreadable
from venue.journal.segment import PlacedFrame, Segment


class SegmentStats(msgspec.Struct):
    """One segment file; sizes in bytes, used up to the last whole frame.

    Of a compressed one `size` is what it takes, and `used` what it holds.
    """

    name: str
    size: int
    used: int = 0
    frames: int = 0
    records: int = 0
    events: int = 0
    is_compressed: bool = False


class JournalStats(msgspec.Struct):
    """Sums over the segments, and counts of frames, records and events.

    records_median, records_max: records in a frame, of frames that have any. empty_frames: frames
    that have marks of FIX sessions only. first_ns and last_ns are None without records.
    """

    segments: list[SegmentStats]
    size: int = 0
    used: int = 0
    frames: int = 0
    empty_frames: int = 0
    records: int = 0
    events: int = 0
    records_median: int = 0
    records_max: int = 0
    bytes_per_event: float = 0.0
    first_seq: int | None = None
    first_ns: int | None = None
    last_ns: int | None = None
    events_by_type: dict[str, int] = {}


class _Event(msgspec.Struct, gc=False):
    type: str


class _Record(msgspec.Struct, gc=False):
    timestamp_ns: int
    events: list[_Event]


class _Batch(msgspec.Struct, gc=False):
    records: list[_Record]


_BATCH: msgspec.json.Decoder[_Batch] = msgspec.json.Decoder(_Batch)


def count(frames: Iterable[PlacedFrame]) -> JournalStats:
    """Statistics of these frames of one journal, in order. Raises what reading them raises."""
    stats = JournalStats([])
    sizes: Counter[int] = Counter()
    types: Counter[str] = Counter()
    for frame in frames:
        if not stats.segments or stats.segments[-1].name != frame.segment.name:
            stats.segments.append(_segment(frame.segment))
        segment, header = stats.segments[-1], frame.header
        segment.used = frame.end
        segment.frames += 1
        segment.records += header.records
        segment.events += header.events
        sizes[header.records] += 1
        if not header.records:
            continue
        batch = _read(frame)
        if stats.first_ns is None:
            stats.first_seq, stats.first_ns = header.first_seq, batch.records[0].timestamp_ns
        stats.last_ns = batch.records[-1].timestamp_ns
        types.update(event.type for record in batch.records for event in record.events)
    for segment in stats.segments:
        stats.size += segment.size
        stats.used += segment.used
        stats.frames += segment.frames
        stats.records += segment.records
        stats.events += segment.events
    stats.empty_frames = sizes.pop(0, 0)
    stats.records_median, stats.records_max = _median(sizes), max(sizes, default=0)
    stats.bytes_per_event = round(stats.used / stats.events, 1) if stats.events else 0.0
    stats.events_by_type = dict(sorted(types.items(), key=lambda each: (-each[1], each[0])))
    return stats


def _read(frame: PlacedFrame) -> _Batch:
    try:
        return _BATCH.decode(frame.body)
    except msgspec.MsgspecError as error:
        raise unreadable(frame, error) from error


def _segment(segment: Segment) -> SegmentStats:
    plain, compressed = segment.places
    try:
        size = plain.stat().st_size
    except FileNotFoundError:
        return SegmentStats(segment.name, compressed.stat().st_size, is_compressed=True)
    return SegmentStats(segment.name, size)


def _median(sizes: Counter[int]) -> int:
    """The lower median of counted sizes; 0 without any."""
    left = (sizes.total() + 1) // 2
    for size in sorted(sizes):
        left -= sizes[size]
        if left <= 0:
            return size
    return 0
