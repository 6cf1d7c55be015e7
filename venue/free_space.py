"""How much room a disk has for its users. Asks the file system, changes nothing."""

import os
from pathlib import Path


def free_bytes(path: Path) -> int:
    """Bytes that may still be written beside `path`, without root's reserve. Raises OSError."""
    disk = os.statvfs(path)
    return disk.f_bavail * disk.f_frsize
