"""URLs with passwords that stand in files: VENUE_DATABASE_URL_FILE=/run/secrets/database_url.

So they are in no environment that a container's description shows. Knows the settings that are
URLs; must never show what is in such a file.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from venue.settings.configuration_error import ConfigurationError
from venue.settings.files import ENVIRONMENT_PREFIX, read_text
from venue.settings.urls import URLS

URL_FILES = {f"{ENVIRONMENT_PREFIX}{name.upper()}_FILE": name for name in URLS}
"""Variables that name a file with such a URL, and its setting."""


class UrlFiles(NamedTuple):
    """urls: by setting, as they stand in the files. errors: a line for each that gives none."""

    urls: dict[str, str]
    errors: list[str]


def read_url_files(environment: Mapping[str, str]) -> UrlFiles:
    """The URLs whose files the environment names. An empty variable names no file."""
    given = {name.upper(): value for name, value in environment.items() if value}
    found = UrlFiles({}, [])
    for variable, setting in URL_FILES.items():
        file = given.get(variable)
        if file is None:
            continue
        plain = ENVIRONMENT_PREFIX + setting.upper()
        if plain in given:
            found.errors.append(f"{variable}: {plain} is given too; give one of them")
            continue
        try:
            url = read_text(Path(file), file).strip()
        except ConfigurationError as error:
            found.errors.append(f"{variable}: {error}")
            continue
        if not url:
            found.errors.append(f"{variable}: {file} is empty")
        found.urls[setting] = url
    return found
