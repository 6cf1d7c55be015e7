"""One history runs at one place: locks by journal identity, in memory-backed storage.

A venue holds its own lock alone, and shares those of the journals that it descends from. So a
restored venue does not start beside its original, nor the original beside it. The kernel frees a
lock when its holder is dead. Sees venues of the same user on the same machine only.
"""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

import structlog

from venue.memory_place import memory_place

_FILE = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_POLL_SECONDS = 0.02
_log = structlog.get_logger("journal")


class HistoryRuns(Exception):
    """A venue with the same history runs on this machine; text says which journal's."""


class HistoryLock:
    """The locks of one running venue."""

    def __init__(self) -> None:
        self._held: list[tuple[Path, int]] = []

    def acquire(self, own: str, ancestors: tuple[str, ...], patience_seconds: float = 0.0) -> None:
        """Take all locks, or raise HistoryRuns and hold none. Killed holders need a moment."""
        deadline = time.monotonic() + patience_seconds
        place = memory_place(make=True)
        if place is None:
            _log.warning("there is no memory-backed storage to see a second venue by")
            return
        directory, descriptor = place
        os.close(descriptor)
        try:
            for identity in (own, *(each for each in ancestors if each != own)):
                how = fcntl.LOCK_EX if identity == own else fcntl.LOCK_SH
                self._take(directory / f"{identity}.running", how, deadline)
        except HistoryRuns:
            self.release()
            raise

    def release(self) -> None:
        """Give the locks back; files that nobody else holds are removed."""
        for path, descriptor in self._held:
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            os.close(descriptor)
        self._held.clear()

    def _take(self, path: Path, how: int, deadline: float) -> None:
        while True:
            descriptor = os.open(path, _FILE, 0o600)
            try:
                fcntl.flock(descriptor, how | fcntl.LOCK_NB)
                # whoever let it go may have removed it between our opening and our lock
                if os.path.samestat(path.lstat(), os.fstat(descriptor)):
                    self._held.append((path, descriptor))
                    return
            except (BlockingIOError, FileNotFoundError):
                pass
            os.close(descriptor)
            if time.monotonic() >= deadline:
                raise HistoryRuns(
                    f"a venue with the history of journal {path.stem} runs on this machine: an "
                    "original and what was restored from it do not run at the same time"
                )
            time.sleep(_POLL_SECONDS)
