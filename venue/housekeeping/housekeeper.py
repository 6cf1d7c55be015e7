"""The housekeeper: a thread that looks every few seconds for what is closed, too old, or grown.

It gives way: lowest priority, a little at a time, twice as long a rest as the work before it. What
the disk does not take now is tried again at the next look.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import structlog

from venue.audit import chain
from venue.audit.chain import Unreadable
from venue.audit.retention import remove_old_segments
from venue.data_directory import DataDirectory
from venue.housekeeping.disk_use import note_day
from venue.housekeeping.old_logs import remove_old_logs
from venue.journal.closing import compress_segment, compressible_segments
from venue.journal.compressed import (
    SUFFIX,
    CompressionDamage,
    compress,
    plain_blocks,
    remove_drafts,
)
from venue.journal.segment import JournalDamage, JournalPosition
from venue.rotation import all_set_aside
from venue.settings.retention import RetentionSettings

LOOK_SECONDS = 2.0
NOTE_SECONDS = 30.0
RETRY_SECONDS = 60.0
"""So long a file is left alone that could not be compressed."""
_LOWEST = 19
_NS_PER_DAY = 86_400 * 1_000_000_000
_MOST_REST_SECONDS = 0.5
_log = structlog.get_logger("housekeeping")


class _Stopped(Exception):
    """The process ends: what is half done is left out."""


class Housekeeper:
    """Keeps one data directory."""

    def __init__(
        self,
        place: DataDirectory,
        retention: RetentionSettings,
        end: Callable[[], JournalPosition],
        segments: "threading.Lock",
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """end: how far the journal was read and found good; nothing behind it is touched. segments:
        is held while a segment of the journal is compressed."""
        self._place = place
        self._retention = retention
        self._end = end
        self._now_ns = now_ns
        self._stop = threading.Event()
        self._worked_at = 0.0
        self._note_at = 0.0
        self._not_before: dict[Path, float] = {}
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)
        self._segments = segments

    def start(self) -> None:
        """Begin. Call `stop` before the process ends."""
        self._thread.start()

    def stop(self) -> None:
        """Leave out what is half done and end."""
        self._stop.set()
        self._thread.join()

    def look(self) -> None:
        """Do what is to be done now. Raises OSError."""
        self._worked_at = time.monotonic()
        if self._retention.trail_days and self._place.trail.is_dir():
            self._try(self._place.trail, self._remove_trail)
        self._compress_all()
        self._remove_logs()
        now = time.monotonic()
        if now >= self._note_at:
            self._note_at = now + NOTE_SECONDS
            note_day(self._place, self._end(), self._retention, self._now_ns())

    def _run(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST)
        for directory in self._directories():
            remove_drafts(directory)
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.look()
            except _Stopped:
                return
            except OSError as error:
                _log.error("housekeeping is hindered", error=str(error))

    def _compress_all(self) -> None:
        try:
            segments = compressible_segments(self._place.journal, self._end().next_seq - 1)
        except JournalDamage:
            segments = []  # the replica says so
        for segment in segments:
            with self._segments:
                if segment.path.exists():  # else the replica has removed it meanwhile
                    self._compress(segment.path, partial(compress_segment, segment, self._rest))
        for path in self._closed():
            self._compress(path, partial(compress, path, plain_blocks(path), self._rest))

    def _compress(self, path: Path, work: Callable[[], None]) -> None:
        if self._try(path, work):
            _log.info("compressed", name=path.name)

    def _try(self, path: Path, work: Callable[[], None]) -> bool:
        """Do something with a path, unless that has failed a moment ago. Whether it was done."""
        now = time.monotonic()
        if now < self._not_before.get(path, now):
            return False
        try:
            work()
        except (OSError, CompressionDamage, JournalDamage, Unreadable) as error:
            self._not_before[path] = now + RETRY_SECONDS
            _log.error("housekeeping is hindered", name=path.name, error=str(error))
            return False
        self._not_before.pop(path, None)
        return True

    def _closed(self) -> Iterator[Path]:
        """Files that nobody writes to any more: all of the trail but its last, logs set aside."""
        yield from _plain(chain.list_segments(self._place.trail)[:-1])
        for directory in (self._place.session_logs, self._place.session_logs.parent):
            yield from _plain(all_set_aside(directory))

    def _remove_trail(self) -> None:
        before_ns = self._now_ns() - self._retention.trail_days * _NS_PER_DAY
        for name in remove_old_segments(self._place.trail, before_ns):
            _log.info("segment of the trail removed", name=name)

    def _remove_logs(self) -> None:
        kept, messages = self._retention, self._place.session_logs
        for directory, days, gib in (
            (messages, kept.message_log_days, kept.message_log_gib),
            (messages.parent, kept.service_log_days, kept.service_log_gib),
        ):
            for name in remove_old_logs(directory, days, gib, self._now_ns()):
                _log.info("log removed", name=name)

    def _directories(self) -> tuple[Path, ...]:
        place = self._place
        return place.journal, place.trail, place.session_logs, place.session_logs.parent

    def _rest(self) -> None:
        """Leave processor and disk to others. Raises _Stopped."""
        worked = time.monotonic() - self._worked_at
        if self._stop.wait(min(2 * worked, _MOST_REST_SECONDS)):
            raise _Stopped
        self._worked_at = time.monotonic()


def _plain(paths: list[Path]) -> Iterator[Path]:
    return (path for path in paths if path.suffix != SUFFIX)
