"""The files that settings name: where each one is, or the copy that is read in its place.

Knows keys and paths; must never read a file.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from venue.settings.configuration_error import ConfigurationError
from venue.settings.files import find_beside
from venue.settings.sources import Layers

S = TypeVar("S", bound=BaseModel)
NAMED_FILES = {
    "fix": ("sessions_file", "dictionary"),
    "gate": ("certificate", "key", "client_ca"),
    "control": ("sanctions_file",),
}
"""Keys that name files to be read, by section."""


class FileCopy(NamedTuple):
    """A file of the configuration, and the copy of it that is read in its place."""

    original: Path
    copy: Path


class ConfigurationCopy(NamedTuple):
    """Copies of the configuration file and of those that it names, by `section.key`."""

    file: FileCopy
    named: Mapping[str, FileCopy]


def with_files(settings: S, layers: Layers, copied: ConfigurationCopy | None = None) -> S:
    """The settings with absolute paths of the files that they name, or of the copies of these.

    Raises ConfigurationError if one is not there.
    """
    named = {} if copied is None else copied.named
    errors: list[str] = []
    sections: dict[str, BaseModel] = {}
    for name, keys in NAMED_FILES.items():
        section: BaseModel | None = getattr(settings, name)
        if section is None:
            continue
        found: dict[str, Path | None] = {}
        for key in keys:
            file: Path | None = getattr(section, key)
            if file is None:
                continue
            kept = named.get(f"{name}.{key}")
            found[key] = find_beside(layers.file, file) if kept is None else kept.copy
            if found[key] is None:
                errors.append(f"{layers.place((name, key))}: there is no file {file}")
        sections[name] = section.model_copy(update=found)
    if errors:
        raise ConfigurationError("\n".join(errors))
    return settings.model_copy(update=sections)


def named_files(settings: BaseModel) -> dict[str, Path]:
    """The files that settings name, by `section.key`."""
    return {
        f"{name}.{key}": file
        for name, keys in NAMED_FILES.items()
        if (section := getattr(settings, name)) is not None
        for key in keys
        if (file := getattr(section, key)) is not None
    }
