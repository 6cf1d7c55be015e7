"""The identity of a journal: a random text, bound to the directory that it was made for.

A copy of a journal has the same identity in another directory, and is recognised by that. Must
never change the identity of a journal that has one.
"""

import ctypes
import os
import secrets
import struct
from pathlib import Path

from venue.journal.files import replace

_FILE = "identity"
_LIBC = ctypes.CDLL(None, use_errno=True)
_AT_FDCWD, _STATX_BTIME = -100, 0x800
_BIRTH_OFFSET = 80
_BIRTH = struct.Struct("=qI")


class JournalIsCopy(Exception):
    """The journal was copied from elsewhere; text says what to do."""


def journal_identity(directory: Path) -> str:
    """The identity of the journal in this directory; empty where it has none yet."""
    return _read(directory)[0]


def identify_journal(directory: Path) -> None:
    """Give a new journal its identity. Raises JournalIsCopy."""
    identity, home = _read(directory)
    if identity and home and home != home_of(directory):
        raise JournalIsCopy(
            f"{directory} is a copy of a journal, or was moved from another disk: if the original "
            "will not run again, `venue journal adopt` lets it go on here"
        )
    if not home:
        _write(directory, identity or secrets.token_hex(12))


def is_at_home(directory: Path) -> bool:
    """Whether a journal may go on in this directory: it was made for it, or adopted there.

    Raises FileNotFoundError when it has no identity.
    """
    identity, home = _read(directory)
    if not identity:
        raise FileNotFoundError(f"{directory / _FILE} is missing")
    return home in ("", home_of(directory))


def adopt_journal(directory: Path) -> None:
    """Bind a journal that was copied or moved to the directory where it is now."""
    _write(directory, journal_identity(directory))


def home_of(directory: Path) -> str:
    """Inode and time of birth of a directory. No copy has both. A move within a disk and a restart
    of the machine change neither. The time is 0 where the file system does not have it."""
    return f"{directory.stat().st_ino:x}-{_birth_ns(directory):x}"


def _birth_ns(directory: Path) -> int:
    """Time of birth by statx(2), for which Python has no call; 0 where there is none."""
    statx = getattr(_LIBC, "statx", None)
    status = ctypes.create_string_buffer(256)
    if statx is None or statx(_AT_FDCWD, os.fsencode(directory), 0, _STATX_BTIME, status) != 0:
        return 0
    (known,) = struct.unpack_from("=I", status)
    if not known & _STATX_BTIME:
        return 0
    seconds, nanoseconds = _BIRTH.unpack_from(status, _BIRTH_OFFSET)
    return int(seconds) * 1_000_000_000 + int(nanoseconds)


def _read(directory: Path) -> tuple[str, str]:
    """Identity and home; each is empty where it was not written yet."""
    try:
        words = (directory / _FILE).read_text().split()
    except FileNotFoundError:
        words = []
    identity, home, *_ = [*words, "", ""]
    return identity, home


def _write(directory: Path, identity: str) -> None:
    text = f"{identity}\n{home_of(directory)}\n"
    replace(directory / _FILE, text.encode(), durably=True)
