"""Finds segments that nobody needs any more: never one that a start or a consumer may need.

Only the replica calls this. Without a bound nothing is ever removed.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path

from venue.journal.beginning import begin_at
from venue.journal.contents import batch_of
from venue.journal.segment import Segment, frames_of, list_segments, open_segment
from venue.replay.snapshot import KEPT, SnapshotDamage, list_snapshots, load_snapshot


def removable_segments(
    directory: Path, consumed_event_seq: int, before_ns: int, bytes_max: int = 0
) -> list[Segment]:
    """Oldest segments that may go, in order.

    All their records are older than `before_ns` (UTC nanoseconds), or all segments together take
    more than `bytes_max` on disk (0: no such bound); every consumer has all their events, and KEPT
    good snapshots lie behind them.
    """
    try:
        snapshots = [load_snapshot(file.path) for file in list_snapshots(directory)[:KEPT]]
    except SnapshotDamage:
        return []
    if len(snapshots) < KEPT:
        return []
    needed = min(snapshot.segment for snapshot in snapshots)
    removable: list[Segment] = []
    segments = list_segments(directory)
    sizes = {segment.number: segment.path.stat().st_size for segment in segments}
    left = sum(sizes.values())
    for segment, following in itertools.pairwise(segments):
        begins_ns = first_timestamp_ns(following)
        if (
            segment.name >= needed
            or following.first_event_seq - 1 > consumed_event_seq
            or begins_ns is None
            or not (begins_ns < before_ns or 0 < bytes_max < left)
        ):
            break
        left -= sizes[segment.number]
        removable.append(segment)
    return removable


def remove_segments(directory: Path, segments: Sequence[Segment]) -> None:
    """Remove the oldest segments, once it is on disk that the journal begins behind them.

    Raises OSError.
    """
    if segments:
        begin_at(directory, segments[-1].number + 1)
    for segment in segments:
        for file in segment.places:
            if file.exists():
                file.unlink()


def first_timestamp_ns(segment: Segment) -> int | None:
    """Time of a segment's first record, None where there is none. Raises JournalDamage."""
    with open_segment(segment) as file:
        for frame in frames_of(file, segment):
            for record in batch_of(frame).records:
                return record.timestamp_ns
    return None
