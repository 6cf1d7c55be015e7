"""The files that settings are read from: which one is meant, and its text.

Knows no keys. Loads nothing, for commands that only look for the data directory.
"""

import importlib.resources
from pathlib import Path

import venue
from venue.settings.configuration_error import ConfigurationError

ENVIRONMENT_PREFIX = "VENUE_"
LOCAL_TIME = f"{ENVIRONMENT_PREFIX}LOCAL_TIME"
"""Has the command line show times in the machine's zone; no setting of a venue."""
HERE = Path("venue.toml")
"""The configuration file of the working directory."""
_BYTE_ORDER_MARK = "\ufeff"


def shipped(name: str) -> Path:
    """Path of a file that travels with the package (venue/defaults), or stands in its checkout."""
    packaged = Path(str(importlib.resources.files("venue"))) / "defaults" / name
    return packaged if packaged.exists() else Path(venue.__file__).parent.parent / name


def find_config(config: Path | None) -> Path:
    """The configuration file to read: the one given, else ./venue.toml, else the shipped one."""
    if config is not None:
        return config
    return HERE if HERE.exists() else shipped("venue.toml")


def find_beside(config: Path, name: Path) -> Path | None:
    """Absolute path of a file named in the configuration: beside it, here, or shipped."""
    for candidate in (config.parent / name, name, shipped(str(name))):
        if candidate.is_file():
            return candidate.resolve()
    return None


def shown_path(path: Path) -> str:
    """A path as its reader would write it: relative when it lies below the working directory."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def read_text(path: Path, shown: str) -> str:
    """Text of a configuration file; ConfigurationError when it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{shown}: not UTF-8 text at byte {error.start}") from error
    except OSError as error:
        raise ConfigurationError(f"{shown}: {error.strerror or error}") from error
    if text.startswith(_BYTE_ORDER_MARK):
        raise ConfigurationError(
            f"{shown}: begins with a byte order mark (BOM); save it as UTF-8 without one"
        )
    return text
