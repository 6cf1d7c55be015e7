"""The journal's next segment, made full of zeros beforehand by a process of low priority.

Knows files only. A segment has its name only when it is whole: a half-made one is never used.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from venue.fault_points import fault_point
from venue.journal.files import NEW_FILE

_PREPARED = "prepared.segment"
_DRAFTS = "prepared.*.draft"
_ZEROS = bytes(1 << 20)
_RETRY_SECONDS = 5.0


class SegmentPreparation:
    """The next segment of `directory`, `segment_bytes` long. `failure`: why it cannot be made."""

    def __init__(
        self,
        directory: Path,
        segment_bytes: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._prepared = directory / _PREPARED
        self._segment_bytes = segment_bytes
        self._monotonic = monotonic
        self._process: subprocess.Popen[bytes] | None = None
        self._retry_at = 0.0
        self.failure: str | None = None
        for draft in directory.glob(_DRAFTS):
            draft.unlink(missing_ok=True)  # left over from a run that was killed

    def begin(self) -> None:
        """Begin to make the next segment, unless it is there."""
        if self._is_ready() or self._process is not None:
            return
        try:
            fault_point("before-segment-preparation")
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", __name__),
                    *(str(self._prepared), str(self._segment_bytes), str(os.getpid())),
                ],
                stdin=subprocess.DEVNULL,
            )
        except OSError as error:
            self._fail(str(error))

    def look(self) -> None:
        """Check whether the segment is ready; after a failure begin again every few seconds."""
        if self._process is not None:
            status = self._process.poll()
            if status is None:
                return
            self._process = None
            if status == 0:
                self.failure = None
            else:
                self._fail(os.strerror(status) if status > 1 else f"exit status {status}")
        elif self.failure is not None and self._monotonic() >= self._retry_at:
            if self._is_ready():
                self.failure = None
            self.begin()

    def make_now(self) -> None:
        """Make the next segment and return once it is there. Raises OSError."""
        if not self._is_ready():
            make_segment(self._prepared, self._segment_bytes)

    def take(self, path: Path, least_bytes: int) -> int:
        """Give the next segment the name `path`; returns its descriptor.

        One that is not ready is made now. Raises OSError, and then leaves nothing of that name.
        """
        self._stop()
        self.failure = None
        if not self._prepared.is_file() or self._prepared.stat().st_size < least_bytes:
            # without zeros in it, for somebody waits
            make_segment(path, max(self._segment_bytes, least_bytes), zeros=False)
        else:
            self._prepared.rename(path)
        return os.open(path, os.O_RDWR)

    def close(self) -> None:
        """Stop; an unfinished segment is removed."""
        self._stop()

    def _is_ready(self) -> bool:
        return self._prepared.is_file() and self._prepared.stat().st_size == self._segment_bytes

    def _fail(self, why: str) -> None:
        self.failure = why
        self._retry_at = self._monotonic() + _RETRY_SECONDS

    def _stop(self) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            _draft(self._prepared, self._process.pid).unlink(missing_ok=True)
            self._process = None


def make_segment(path: Path, size: int, parent: int | None = None, zeros: bool = True) -> None:
    """Make `path` a file of `size` zero bytes on disk. Raises OSError and leaves nothing behind.

    The space is taken first, so that a full disk shows at once. With `parent` it gives up when that
    is no longer the parent process.
    """
    draft = _draft(path, os.getpid())
    try:
        with os.fdopen(os.open(draft, NEW_FILE, 0o600), "wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
            for begin in range(0, size if zeros else 0, len(_ZEROS)):
                if parent is not None and os.getppid() != parent:
                    raise ProcessLookupError(f"process {parent} has ended")
                file.write(_ZEROS[: size - begin])
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _draft(path: Path, pid: int) -> Path:
    """A process's own draft: a process left over from a killed run may still write to its."""
    return path.with_name(f"prepared.{pid}.draft")


def _main(path: str, size: str, parent: str) -> int:
    """Exit status: the errno of what failed."""
    os.nice(19)
    try:
        make_segment(Path(path), int(size), int(parent))
    except OSError as error:
        return error.errno or 1
    return 0


if __name__ == "__main__":
    raise SystemExit(_main(*sys.argv[1:]))
