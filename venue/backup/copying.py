"""Copies files into a directory of ours: private, synced, each with its digest.

Knows files only. Never writes over a file.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from venue.backup.manifest import BackupRefused, CopiedFile, Say
from venue.journal.files import sync_directory

_PART_BYTES = 1 << 20
_SAY_BYTES = 256 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def empty_directory(path: Path) -> Iterator[None]:
    """Make a directory, or take an empty one; its content is removed if what is done inside fails.

    Raises BackupRefused for one that is not empty.
    """
    try:
        path.mkdir(mode=0o700, parents=True)
        is_new = True
    except FileExistsError:
        is_new = False
        if not path.is_dir() or any(path.iterdir()):
            raise BackupRefused(f"{path} is not an empty directory") from None
        path.chmod(0o700)
    sync_directory(path.parent)
    try:
        yield
    except BaseException:
        for entry in path.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        if is_new:
            path.rmdir()
        raise


class Copies:
    """Copies files into one directory. `files`: what was copied, in that order."""

    def __init__(self, source: Path, directory: Path, say: Say) -> None:
        """source: a directory that is laid out in the same way."""
        self._source = source
        self._directory = directory
        self._say = say
        self._said_bytes = self._bytes = 0
        self.files: list[CopiedFile] = []

    def take(self, source: Path, place: Path, length: int | None = None) -> CopiedFile:
        """Copy the first `length` bytes, or all that there are; on return they are on disk.

        place: where the file would be in the source directory. Raises OSError, and BackupRefused
        for a file that is shorter.
        """
        name = place.relative_to(self._source)
        target = self._directory / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest = _new_digest()
        copied = 0
        with source.open("rb") as file, os.fdopen(os.open(target, _NEW, 0o600), "wb") as copy:
            while length is None or copied < length:
                part = file.read(
                    _PART_BYTES if length is None else min(_PART_BYTES, length - copied)
                )
                if not part:
                    break
                digest.update(part)
                copy.write(part)
                copied += len(part)
                self._count(len(part))
            copy.flush()
            os.fsync(copy.fileno())
        sync_directory(target.parent)
        if length is not None and copied < length:
            raise BackupRefused(f"{source} ends after {copied} of {length} bytes")
        taken = CopiedFile(str(name), copied, digest.hexdigest())
        self.files.append(taken)
        return taken

    def forget(self, place: Path) -> None:
        """Remove again what was copied of a directory of the source."""
        name = place.relative_to(self._source)
        for each in [each for each in self.files if Path(each.path).is_relative_to(name)]:
            (self._directory / each.path).unlink()
            self.files.remove(each)

    def _count(self, more: int) -> None:
        self._bytes += more
        if self._bytes - self._said_bytes >= _SAY_BYTES:
            self._said_bytes = self._bytes
            self._say(f"{self._bytes >> 20:,} MiB copied")


def described(path: Path, name: str) -> CopiedFile:
    """A file as a copy of it would be noted. Raises OSError."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, _new_digest)
        return CopiedFile(name, file.tell(), digest.hexdigest())


def _new_digest() -> "hashlib.blake2b":
    return hashlib.blake2b(digest_size=32)


def whole_lines(path: Path) -> int:
    """Bytes up to the end of the last whole line of a file."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            begin = max(0, end - _PART_BYTES)
            file.seek(begin)
            newline = file.read(end - begin).rfind(b"\n")
            if newline >= 0:
                return begin + newline + 1
            end = begin
    return 0
