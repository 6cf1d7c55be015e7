"""A file of secrets as it is read and replaced: its owner's alone, and no link.

Knows files only. What cannot be read stops the start: nobody is let in, or locked out, because of
a guess.
"""

import os
import stat
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

from venue.durable_file import replace_durably
from venue.settings.configuration_error import ConfigurationError

_log = structlog.get_logger("credentials")
V = TypeVar("V", bound="Versioned")


def read_private(path: Path) -> bytes | None:
    """Content of the file; None when there is none. Raises ConfigurationError.

    If others may read the file, its mode is changed to the owner's alone, and that is logged.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if mode & 0o077:
            _log.warning("others could read the credentials", file=str(path), mode=f"{mode:o}")
            os.fchmod(descriptor, 0o600)
        return file.read()


class Versioned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of what such a file has in it."""

    version: int


def read_versioned(path: Path, kind: type[V], version: int) -> V | None:
    """What the file has, None when there is no file. Raises ConfigurationError."""
    content = read_private(path)
    if content is None:
        return None
    try:
        found = msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"{path} cannot be read: {error}; restore it") from error
    if found.version != version:
        raise ConfigurationError(f"{path} has version {found.version}; this venue reads {version}")
    return found


def write_versioned(path: Path, content: Versioned) -> None:
    """Replace the file durably. Raises OSError, and then the old file is still there."""
    replace_durably(path, msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
