"""credentials.json: hashes of passwords and public keys of the FIX sessions, for its owner's eyes.

Knows the file's form only. A file that cannot be read stops the start: nobody is let in, or locked
out, because of a guess.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
import structlog

from venue.durable_file import replace_durably
from venue.settings.configuration_error import ConfigurationError

_VERSION = 1
_log = structlog.get_logger("credentials")


class KeptPassword(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A password. until_ns: its end in UTC nanoseconds, 0: none. must_change: see Verdict."""

    hash: str
    until_ns: int = 0
    must_change: bool = False


class KeptKey(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An Ed25519 public key, its 32 bytes. until_ns: as in KeptPassword."""

    key: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    until_ns: int = 0


class Record(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a session may log on with, the newest first: at most two of each."""

    passwords: tuple[KeptPassword, ...] = ()
    public_keys: tuple[KeptKey, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    sessions: dict[str, Record]


def read_credentials(path: Path) -> dict[str, Record]:
    """Records by session; none when there is no file. Raises ConfigurationError.

    If others may read the file, its mode is changed to the owner's alone, and that is logged.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if mode & 0o077:
            _log.warning("others could read the credentials", file=str(path), mode=f"{mode:o}")
            os.fchmod(descriptor, 0o600)
        content = file.read()
    try:
        found = msgspec.json.decode(content, type=_File)
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"{path} cannot be read: {error}; restore it") from error
    if found.version != _VERSION:
        raise ConfigurationError(f"{path} has version {found.version}; this venue reads {_VERSION}")
    return found.sessions


def write_credentials(path: Path, records: Mapping[str, Record]) -> None:
    """Replace the file durably. Raises OSError, and then the old file is still there."""
    content = msgspec.json.encode(_File(_VERSION, dict(sorted(records.items()))))
    replace_durably(path, msgspec.json.format(content, indent=2) + b"\n")
