"""A file of secrets as it is read: its owner's alone, and no link.

Knows files only. What cannot be read stops the start: nobody is let in, or locked out, because of
a guess.
"""

import os
import stat
from pathlib import Path

import structlog

from venue.settings.configuration_error import ConfigurationError

_log = structlog.get_logger("credentials")


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
