"""Finds and ends servers that a killed run has left behind, without trusting a pid file.

May know /proc only. A process counts if it runs our program inside our directory, so a stale or
reused pid in a file can neither stop a start nor end a stranger.
"""

import os
import signal
import time
from pathlib import Path

_POLL_SECONDS = 0.01


def find(directory: Path, program: str) -> list[int]:
    """Pids of the processes called `program` that have `directory` as working directory."""
    if not directory.is_dir():
        return []
    wanted = directory.stat()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            name = (entry / "comm").read_text().strip()
            # Compared by device and inode: right also after the data directory was renamed.
            there = (entry / "cwd").stat() if name == program else None
        except OSError:  # it has ended meanwhile, is a zombie, or is another user's
            continue
        if there is not None and (there.st_dev, there.st_ino) == (wanted.st_dev, wanted.st_ino):
            found.append(int(entry.name))
    return found


def stop(directory: Path, program: str, *, seconds: float = 10.0) -> list[int]:
    """End those processes by SIGINT, after `seconds` by SIGKILL; returns the pids that were there.

    SIGINT is the fast and clean end of both nats-server and PostgreSQL.
    """
    pids = find(directory, program)
    if not pids:
        return []
    # Only the heads: a PostgreSQL backend takes SIGINT for "cancel the query".
    heads = [pid for pid in pids if parent_of(pid) not in pids]
    _send(heads, signal.SIGINT)
    if not _gone(directory, program, seconds):
        _send(find(directory, program), signal.SIGKILL)
        _gone(directory, program, seconds)
    return heads


def parent_of(pid: int) -> int | None:
    """Pid of a process's parent; None if the process does not exist."""
    fields = _stat_fields(pid)
    return int(fields[1]) if fields else None


def start_ticks(pid: int) -> int | None:
    """When a process was started, in clock ticks since boot: with the pid, it names one process.

    None if there is no such process or it is only a zombie.
    """
    fields = _stat_fields(pid)
    return int(fields[19]) if fields and fields[0] not in ("Z", "X") else None


def _stat_fields(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()  # the name before ")" may itself hold blanks


def _send(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _gone(directory: Path, program: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while find(directory, program):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
