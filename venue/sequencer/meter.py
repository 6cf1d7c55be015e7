"""What trading measures of its batches: sizes, times of the disk, and how long messages take.

A few additions a batch, none a message. Knows no clock but the one given, and no metrics. A message
is timed from the poll that has read it; in a batch the oldest one's time counts for all.
"""

import time
from collections.abc import Callable
from pathlib import Path

from venue.batch_times import BatchTimes, TimesRing
from venue.journal.record import Batch
from venue.journal.segment import JournalPosition
from venue.sequencer.writer import JournalWriter
from venue.tally import Tally

_NS_PER_SECOND = 1_000_000_000


class Meter:
    """Told when a poll begins and ends, and of each batch on disk. Times in nanoseconds.

    batches: frames written. deepest: most inputs that waited since it was last set to 0. sizes: of
    batches, in commands. syncs: fdatasync. to_disk, to_report: from the poll that has read a
    message until it is on disk, and until its reports have left.
    """

    def __init__(self, now_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._now_ns = now_ns
        self.ring: TimesRing | None = None
        """Where the times of each batch are kept, if they are."""
        self.batches = self.deepest = 0
        self.sizes, self.syncs = Tally(), Tally()
        self.to_disk, self.to_report = Tally(), Tally()
        self._polled_ns = 0
        self._gathered_ns = 0
        """When the first poll since the last batch began; 0: there was none."""
        self._came_ns = 0
        """When the poll began that has read the oldest message that waits; 0: none waits."""
        self._unsent = 0
        """Commands on disk whose reports are leaving."""

    def poll_begins(self, waiting: int) -> None:
        """A poll begins, and so many inputs wait: all that was on disk before has been sent."""
        now = self._now_ns()
        if self.ring is not None and self.ring.has_unsent:
            self.ring.sent(time.time_ns())
        self._sent(now, waiting)
        if not waiting:
            self._came_ns, self._gathered_ns = 0, now
        elif not self._gathered_ns:
            self._gathered_ns = now
        self._polled_ns = now

    def poll_ended(self, waiting: int) -> None:
        """The poll has ended, and so many inputs wait."""
        if waiting > self.deepest:
            self.deepest = waiting
        if waiting and not self._came_ns:
            self._came_ns = self._polled_ns

    def written(self, commands: int, sync_seconds: float) -> None:
        """A batch of so many commands is on disk, for which the disk took so long."""
        self.batches += 1
        self.syncs.add(int(sync_seconds * _NS_PER_SECOND))
        if commands:
            self.sizes.add(commands)
            if self._came_ns:
                self.to_disk.add(self._now_ns() - self._came_ns, commands)
                self._unsent += commands

    def rests(self, waiting: int) -> None:
        """Something else is done before the next poll: what was on disk has been sent."""
        if self.ring is not None and self.ring.has_unsent:
            self.ring.sent(time.time_ns())
        if self._unsent:
            self._sent(self._now_ns(), waiting)

    def keep(self, first_seq: int, commands: int, write_ns: int) -> None:
        """Keep the times of a batch that is on disk. write_ns: when its writing began."""
        assert self.ring is not None
        now_ns, came = time.time_ns(), self._came_ns
        came_ns = now_ns - (self._now_ns() - came) if came else 0
        self.ring.on_disk(BatchTimes(first_seq, commands, came_ns, write_ns, now_ns, 0))

    def _sent(self, now: int, waiting: int) -> None:
        """What was on disk has been sent; what still waits has come since the batch before."""
        if self._unsent:
            self.to_report.add(now - self._came_ns, self._unsent)
            self._unsent = 0
            self._came_ns = self._gathered_ns if waiting else 0
            self._gathered_ns = 0


class MeteredWriter(JournalWriter):
    """A writer that tells a meter of each batch."""

    def __init__(
        self, meter: Meter, directory: Path, segment_bytes: int, position: JournalPosition
    ) -> None:
        """Raises as JournalWriter."""
        self._meter = meter
        super().__init__(directory, segment_bytes, position)

    def append(self, batch: Batch) -> None:
        """Put `batch` on disk before returning. Raises JournalWriteError."""
        meter, records = self._meter, batch.records
        if meter.ring is None:
            super().append(batch)
        else:
            write_ns, first_seq = time.time_ns(), self.next_seq
            if meter.ring.has_unsent:  # the batch before has left, and this one follows at once
                meter.ring.sent(write_ns)
            super().append(batch)
            if records:
                meter.keep(first_seq, len(records), write_ns)
        meter.written(len(records), self.sync_seconds)
