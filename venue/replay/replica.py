"""The replica: executes the journal again as it is written, and takes the snapshots.

Every event is compared with the recorded one. So a venue that could not be rebuilt from its journal
is noticed while it runs. Never writes to the journal; removes segments that are too old.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from venue.journal.durable import read_position
from venue.journal.segment import JournalPosition
from venue.replay.replay import Replay, Reports, begin_replay, durable_frames
from venue.replay.retention import removable_segments, remove_segments
from venue.replay.snapshot import prune_snapshots, write_snapshot
from venue.sequencer.session_state import RESEND_WINDOW

_log = structlog.get_logger("replica")
_MUCH = 10
_RETRY_SECONDS = 10.0
_NS_PER_DAY = 86_400 * 1_000_000_000


class Replica:
    """A second engine on the same journal. `reports` as for a start.

    snapshot_events: a snapshot each time so many events have come; at the first catching up a tenth
    of them is enough, for the next start would execute them again. snapshot_seconds: a snapshot
    after so long, if any event has come. retain_days, retain_bytes: segments that are older, or the
    oldest while all take more, are removed once `consumed_event_seq()` is past them; 0: no such
    bound. segments: held while one is compressed; none is removed meanwhile. kind: executes it.
    """

    def __init__(
        self,
        directory: Path,
        reports: Reports,
        *,
        snapshot_events: int,
        snapshot_seconds: float,
        retain_days: int,
        retain_bytes: int = 0,
        segments: "threading.Lock | None" = None,
        consumed_event_seq: Callable[[], int],
        window: int = RESEND_WINDOW,
        kind: type[Replay] = Replay,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin at the newest snapshot. Raises as `begin_replay`."""
        self._directory = directory
        self._snapshot_events = snapshot_events
        self._snapshot_seconds = snapshot_seconds
        self._retain_days, self._retain_bytes = retain_days, retain_bytes
        self._segments = segments or threading.Lock()
        self._consumed_event_seq = consumed_event_seq
        self._replay = begin_replay(directory, reports, window, kind=kind)
        self._snapshot_event_seq = self._replay.event_seq
        self._monotonic = monotonic
        self._snapshot_at = monotonic()
        self._try_at = 0.0
        self._has_caught_up = self._is_failing = False

    @property
    def position(self) -> JournalPosition:
        """How far the journal was read."""
        return self._replay.position

    @property
    def event_seq(self) -> int:
        """Last event executed again."""
        return self._replay.event_seq

    @property
    def has_caught_up(self) -> bool:
        """Whether it was at the journal's end once."""
        return self._has_caught_up

    def follow(self, stopped: Callable[[], bool]) -> int:
        """Execute what is on disk, with snapshots on the way. Returns how many commands it was.

        Raises ReplayDifference and JournalDamage.
        """
        before = self._replay.commands
        if read_position(self._directory)[1] == 0:
            return 0  # trading has not shown yet how far the journal can be believed
        for frame in durable_frames(self._directory, self._replay.position):
            self._replay.take(frame)
            if self._new_events >= self._snapshot_events:
                self._take_snapshot()
            if stopped():
                return self._replay.commands - before
        if self._is_snapshot_due():
            self._take_snapshot()
        self._has_caught_up = True
        return self._replay.commands - before

    @property
    def _new_events(self) -> int:
        """Events behind the last snapshot."""
        return self.event_seq - self._snapshot_event_seq

    def _is_snapshot_due(self) -> bool:
        """Whether one is due where the journal ends."""
        if not self._has_caught_up and self._new_events * _MUCH >= self._snapshot_events:
            return True
        waited = self._monotonic() - self._snapshot_at
        return self._new_events > 0 and waited >= self._snapshot_seconds

    def _take_snapshot(self) -> None:
        """Take one and remove what is old. Where the disk has no room, try again some time later.

        Nothing is lost meanwhile: the next start only takes longer.
        """
        if self._monotonic() < self._try_at:
            return
        try:
            path = write_snapshot(self._directory, self._replay.take_snapshot())
            self._snapshot_event_seq, self._snapshot_at = self.event_seq, self._monotonic()
            _log.info("snapshot", name=path.name, bytes=path.stat().st_size)
            self._remove_old()
        except OSError as error:
            if not self._is_failing:
                _log.error("no snapshot can be written, or none removed", error=str(error))
            self._is_failing = True
            self._try_at = self._monotonic() + _RETRY_SECONDS
        else:
            self._is_failing = False

    def _remove_old(self) -> None:
        prune_snapshots(self._directory)
        if not (self._retain_days or self._retain_bytes):
            return
        days_ns = self._retain_days * _NS_PER_DAY
        before_ns = self._replay.timestamp_ns - days_ns if days_ns else 0
        if not self._segments.acquire(blocking=False):
            return  # at the next snapshot
        try:
            consumed = self._consumed_event_seq()
            old = removable_segments(self._directory, consumed, before_ns, self._retain_bytes)
            remove_segments(self._directory, old)
        finally:
            self._segments.release()
        for segment in old:
            _log.info("segment removed", name=segment.name)
