"""The lock of a data directory: a flock, so it is free as soon as its holder is dead.

May know the data directory only. The file is never deleted: a deleted lock can be held twice.
"""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from venue.data_directory import TRADING_LOCK, DataDirectory
from venue.servers import ServerError

_POLL_SECONDS = 0.02


class LockHeld(ServerError):
    """Another process has the data directory. pid: which one; None: it has not written it yet."""

    def __init__(self, data_dir: Path, pid: int | None) -> None:
        self.pid = pid
        who = f"pid {pid}" if pid is not None else "pid unknown"
        super().__init__(f"data directory {data_dir} is in use by a running venue ({who})")


class DataDirLock:
    """One of a data directory's locks: `venue.lock` of trading, `run.lock` of its supervisor."""

    def __init__(self, data_dir: Path, name: str = TRADING_LOCK) -> None:
        self._data_dir = data_dir
        self._path = DataDirectory(data_dir).lock(name)
        self._file_descriptor: int | None = None

    def acquire(self, patience_seconds: float = 0.0) -> None:
        """Take the lock and write our pid into it; makes the data directory if it is not there.

        Raises LockHeld if it is still held after `patience_seconds`: a killed holder needs some
        milliseconds to be gone.
        """
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + patience_seconds
        while not _try_flock(descriptor):
            if time.monotonic() >= deadline:
                holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
                os.close(descriptor)
                raise LockHeld(self._data_dir, int(holder) if holder.isdigit() else None)
            time.sleep(_POLL_SECONDS)
        with suppress(OSError):  # a full disk: it is held all the same, its pid is unknown
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._file_descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; no effect if we do not hold it."""
        if self._file_descriptor is None:
            return
        os.ftruncate(self._file_descriptor, 0)
        os.close(self._file_descriptor)
        self._file_descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def is_held(data_dir: Path, name: str = TRADING_LOCK) -> bool:
    """Whether a process has the lock now. Asking blocks others for a moment at most."""
    try:
        descriptor = os.open(DataDirectory(data_dir).lock(name), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _try_flock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
