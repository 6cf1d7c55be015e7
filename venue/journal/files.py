"""Replaces a small file as a whole: a reader sees the old one or the new one, never half of one.

Knows files only. Must never write through a link, nor leave a file that others may read.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
"""Flags for opening a file of ours to write it anew."""


def replace(path: Path, content: bytes, *, durably: bool = False) -> None:
    """Replace a file; makes its directory. `durably`: on return it is on disk. Raises OSError."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, NEW_FILE, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, NEW_FILE, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        file.write(content)
        if durably:
            os.fsync(file.fileno())
    draft.replace(path)
    if durably:
        sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make renames and new files in `directory` durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class NotPrivate(Exception):
    """Others can make names in a directory of ours; text says which one, and what to do."""


def ensure_private(directory: Path) -> None:
    """Raise NotPrivate if anybody but us and root can put a file into the directory, or could have.

    Otherwise a link or a socket in the data directory might be a stranger's.
    """
    trusted = {os.geteuid(), 0}
    status = directory.stat()
    if status.st_uid not in trusted:
        raise NotPrivate(f"{directory} belongs to another user: a venue has a directory of its own")
    shared = stat.S_IWOTH if status.st_gid == os.getegid() else stat.S_IWOTH | stat.S_IWGRP
    if status.st_mode & shared:
        raise NotPrivate(f"others may write in {directory}: chmod go-w it")
    for entry in directory.iterdir():
        # PostgreSQL, which refuses to be root, has its own directory
        if os.geteuid() == 0 and entry.name.startswith("postgres"):
            continue
        with suppress(FileNotFoundError):  # a draft of another process, which was renamed meanwhile
            if entry.lstat().st_uid not in trusted:
                raise NotPrivate(f"{entry} belongs to another user: look at it, then remove it")
