"""The data directory that `venue use` remembers for an account: a file below XDG_CONFIG_HOME.

Knows one file. Loads nothing, for commands that only look for the data directory. Must never guess:
a file that cannot be read is an error.
"""

import os
from pathlib import Path

from venue.durable_file import replace_durably
from venue.settings.configuration_error import ConfigurationError

_CURE = "venue use DIR, or venue use --forget"


def remembered() -> Path | None:
    """The directory that is remembered, absolute; None: none is. Raises ConfigurationError."""
    file = remembered_file()
    if file is None:
        return None
    try:
        text = file.read_text(encoding="utf-8").rstrip("\n")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}; {_CURE}") from error
    if not Path(text).is_absolute():
        raise ConfigurationError(f"{file} has no absolute path: {_CURE}")
    return Path(text)


def remember(data_dir: Path) -> None:
    """Remember an absolute path. Raises OSError, and ConfigurationError without a home."""
    file = remembered_file()
    if file is None:
        raise ConfigurationError("this account has no home directory: set XDG_CONFIG_HOME")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_durably(file, f"{data_dir}\n".encode())


def forget() -> None:
    """Remember none. Raises OSError."""
    file = remembered_file()
    if file is not None:
        file.unlink(missing_ok=True)


def remembered_file() -> Path | None:
    """Where it stands; None for an account without a home, as in some containers."""
    given = os.environ.get("XDG_CONFIG_HOME", "")
    if given:
        return Path(given) / "venue" / "data-dir"
    try:
        return Path.home() / ".config" / "venue" / "data-dir"
    except RuntimeError:
        return None
