"""Our own directory in memory-backed storage, where nobody else can make names.

Knows the operating system only. What stands there never waits for a disk, and a reboot clears it.
"""

import os
from contextlib import suppress
from pathlib import Path

_MEMORY_BACKED = Path("/dev/shm")
_OTHERS = 0o077
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def memory_place(*, make: bool = False) -> tuple[Path, int] | None:
    """Our own directory in memory-backed storage, and a descriptor of it for the caller to close.

    None: there is none, or others can make names in it.
    """
    memory = _MEMORY_BACKED / f"venue-{os.geteuid()}"
    try:
        if make:
            with suppress(FileExistsError):
                memory.mkdir(mode=0o700)
        descriptor = os.open(memory, _DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    if _is_ours_alone(descriptor):
        return memory, descriptor
    os.close(descriptor)
    return None


def _is_ours_alone(directory: int) -> bool:
    status = os.fstat(directory)
    return status.st_uid == os.geteuid() and not status.st_mode & _OTHERS
