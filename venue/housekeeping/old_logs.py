"""Removes logs that were set aside: what is too old, and the oldest while there are too many.

Knows files only. A log that is being written is never removed.
"""

from pathlib import Path

from venue.rotation import all_set_aside

_NS_PER_DAY = 86_400 * 1_000_000_000
_GIB = 1 << 30


def remove_old_logs(directory: Path, days: int, gib: int, now_ns: int) -> list[str]:
    """Names of the logs that were removed; days and gib: 0 is no such bound. Raises OSError."""
    files = [(path.stat(), path) for path in all_set_aside(directory)]
    files.sort(key=lambda each: each[0].st_mtime_ns)
    left = sum(status.st_size for status, _ in files)
    removed = []
    for status, path in files:
        is_old = days and status.st_mtime_ns < now_ns - days * _NS_PER_DAY
        if not is_old and not (gib and left > gib * _GIB):
            break
        path.unlink()
        left -= status.st_size
        removed.append(path.name)
    return removed
