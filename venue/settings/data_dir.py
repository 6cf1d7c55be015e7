"""Where the data directory is: one rule for every command, and for `venue run`.

Reads one key of one file, so that a kill need not load all settings. Must never guess: a file that
cannot be read is an error, not the default.
"""

import os
import tomllib
from pathlib import Path
from typing import NamedTuple

from venue.settings.configuration_error import ConfigurationError
from venue.settings.files import ENVIRONMENT_PREFIX, HERE, find_config, read_text
from venue.settings.remembered import remembered

DEFAULT_DATA_DIR = Path(".venue")
KEY = "data_dir"
VARIABLE = f"{ENVIRONMENT_PREFIX}{KEY.upper()}"
REMEMBERED = "venue use"
"""Says so where the directory is the one that the account remembers."""


class Found(NamedTuple):
    """A data directory, and in a few words who says so."""

    path: Path
    because: str


def find_data_dir(given: Path | None = None, config: Path | None = None) -> Path:
    """The data directory; see `look_for_data_dir`. Raises ConfigurationError."""
    return look_for_data_dir(given, config).path


def look_for_data_dir(given: Path | None = None, config: Path | None = None) -> Found:
    """The data directory. First of: given (--data-dir), VENUE_DATA_DIR, data_dir of the file.

    config: that file; else ./venue.toml, else the shipped one. Where neither a file nor a data
    directory stands here, what `venue use` has remembered goes before the shipped one: `venue run`
    never takes that, for it starts nothing that nobody has named. Raises ConfigurationError.
    """
    if given is not None:
        return Found(given, "--data-dir")
    said = next((text for name, text in os.environ.items() if name.upper() == VARIABLE), None)
    if said is not None:
        return Found(Path(said), VARIABLE)
    if config is None and not HERE.exists() and not DEFAULT_DATA_DIR.exists():
        kept = remembered()
        if kept is not None:
            return Found(kept, REMEMBERED)
    file = find_config(config)
    return Found(data_dir_in(file), str(file))


def data_dir_in(file: Path) -> Path:
    """What a configuration file says, or the default. Raises ConfigurationError."""
    try:
        said = tomllib.loads(read_text(file, str(file))).get(KEY, str(DEFAULT_DATA_DIR))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file}: {error}; or give --data-dir") from error
    if not isinstance(said, str):
        raise ConfigurationError(f"{file}: {KEY} is no text; or give --data-dir")
    return Path(said)
