"""Where the data directory is: one rule for every command, and for `venue run`.

Reads one key of one file, so that a kill need not load all settings. Must never guess: a file that
cannot be read is an error, not the default.
"""

import os
import tomllib
from pathlib import Path

from venue.settings.configuration_error import ConfigurationError
from venue.settings.files import ENVIRONMENT_PREFIX, find_config, read_text

DEFAULT_DATA_DIR = Path(".venue")
KEY = "data_dir"
VARIABLE = f"{ENVIRONMENT_PREFIX}{KEY.upper()}"


def find_data_dir(given: Path | None = None, config: Path | None = None) -> Path:
    """The data directory. First of: given (--data-dir), VENUE_DATA_DIR, data_dir of the file.

    config: that file; else ./venue.toml, else the shipped one. Raises ConfigurationError.
    """
    if given is not None:
        return given
    said = next((text for name, text in os.environ.items() if name.upper() == VARIABLE), None)
    return Path(said) if said is not None else _of_file(find_config(config))


def _of_file(file: Path) -> Path:
    """What the file says, or the default."""
    try:
        said = tomllib.loads(read_text(file, str(file))).get(KEY, str(DEFAULT_DATA_DIR))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file}: {error}; or give --data-dir") from error
    if not isinstance(said, str):
        raise ConfigurationError(f"{file}: {KEY} is no text; or give --data-dir")
    return Path(said)
