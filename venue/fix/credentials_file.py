"""credentials.json: hashes of passwords and public keys of the FIX sessions, for its owner's eyes.

Knows the file's form only.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec

from venue.private_file import Versioned, read_versioned, write_versioned

CREDENTIALS_VERSION = 1


class KeptPassword(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A password. until_ns: its end in UTC nanoseconds, 0: none. must_change: see Verdict."""

    hash: str
    until_ns: int = 0
    must_change: bool = False


class KeptKey(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An Ed25519 public key, its 32 bytes. until_ns: as in KeptPassword."""

    key: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    until_ns: int = 0


MOST_CHOICES = 100
"""Of a session that are kept: so many it may make while trading, which notes them, is away."""


class Record(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a session may log on with, the newest first: at most two of each.

    chosen_ns: when it has chosen a password itself, in UTC nanoseconds, each later than the one
    before; the newest MOST_CHOICES.
    """

    passwords: tuple[KeptPassword, ...] = ()
    public_keys: tuple[KeptKey, ...] = ()
    chosen_ns: tuple[int, ...] = ()

    def chosen_at(self, now_ns: int) -> tuple[int, ...]:
        """The times of choices with one more, now."""
        last_ns = self.chosen_ns[-1] if self.chosen_ns else 0
        return (*self.chosen_ns, max(now_ns, last_ns + 1))[-MOST_CHOICES:]


class _File(Versioned, frozen=True, forbid_unknown_fields=True):
    sessions: dict[str, Record]


def read_credentials(path: Path) -> dict[str, Record]:
    """Records by session; none when there is no file. Raises ConfigurationError."""
    found = read_versioned(path, _File, CREDENTIALS_VERSION)
    return {} if found is None else found.sessions


NO_FILE = (0, 0, 0)


def stamp_of(path: Path) -> tuple[int, int, int]:
    """Differs when the file was replaced; NO_FILE when there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return NO_FILE
    return status.st_ino, status.st_mtime_ns, status.st_size


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold the directory for this process alone. Raises OSError where it is not there."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_credentials(path: Path, records: Mapping[str, Record]) -> None:
    """Replace the file durably. Raises OSError, and then the old file is still there."""
    write_versioned(path, _File(CREDENTIALS_VERSION, dict(sorted(records.items()))))
