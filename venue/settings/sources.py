"""Where settings come from: TOML with line numbers, environment, --set, shipped files.

Knows file formats and names of keys, not their meaning. Must never guess what a wrong line means.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from venue import compiled_core, fault_points
from venue.near_names import unknown
from venue.settings.errors import (
    MOVED,
    KeyPath,
    is_array,
    item_name,
    key_name,
    moved,
    section_model,
)
from venue.settings.files import ENVIRONMENT_PREFIX, LOCAL_TIME
from venue.settings.url_files import URL_FILES, read_url_files

_NOT_SETTINGS = {compiled_core.VARIABLE, fault_points.VARIABLE, LOCAL_TIME, *URL_FILES}
"""What begins like a setting in the environment and is none."""


@dataclass
class Layers:
    """What the file, --set and the environment say, and where each key was said."""

    file: Path
    shown: str
    data: dict[str, Any]
    lines: dict[KeyPath, int]
    overrides: dict[str, Any] = field(default_factory=dict)
    origins: dict[KeyPath, str] = field(default_factory=dict)

    def origin(self, path: KeyPath) -> str:
        """Where a key got its value: `--set fix.port`, `VENUE_FIX__PORT`, `venue.toml:7`..."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]]
            if path[:length] in self.lines and (
                length == len(path) or not self._is_table(path[:length])
            ):
                return f"{self.shown}:{self.lines[path[:length]]}"
        return "default"

    def place(self, path: KeyPath) -> str:
        """Beginning of an error line about a key: `venue.toml:12 [risk] max_quantity`."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]]
            if path[:length] in self.lines:
                return f"{self.shown}:{self.lines[path[:length]]} {self._section_and_key(path)}"
        return f"{self.shown} {self._section_and_key(path)}"

    def _section_and_key(self, path: KeyPath) -> str:
        first = str(path[0])
        value = self.data.get(first)
        if isinstance(value, list) and len(path) > 1 and isinstance(path[1], int):
            parts = (f"[[{first}]]", item_name(value[path[1]]), key_name(path[2:]))
            return " ".join(part for part in parts if part)
        if len(path) > 1:
            return f"[{first}] {key_name(path[1:])}"
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return f"[[{first}]]"
        return f"[{first}]" if isinstance(value, dict) else first

    def _is_table(self, path: KeyPath) -> bool:
        return any(key[: len(path)] == path for key in self.lines if len(key) > len(path))


def scan_environment(
    layers: Layers, environment: Mapping[str, str], model: type[BaseModel]
) -> list[str]:
    """Note which keys the environment sets, and take the URLs that it has in files.

    Errors for VENUE_ names that are no key, and for such files. --set is to be scanned behind it.
    """
    arrays, plain = _settable(model)
    names = {_environment_name(path): path for path in plain}
    old = {_environment_name(path): new for path, new in MOVED.items()}
    errors: list[str] = []
    for name in sorted(environment):
        upper = name.upper()
        if not upper.startswith(ENVIRONMENT_PREFIX) or upper in _NOT_SETTINGS:
            continue
        array = upper.removeprefix(ENVIRONMENT_PREFIX).partition("__")[0].lower()
        if upper in names:
            layers.origins[names[upper]] = name
        elif array in arrays:
            errors.append(f"{name}: [[{array}]] can be set in the configuration file only")
        elif upper in old:
            errors.append(f"{name}: {moved(old[upper])}")
        else:
            errors.append(f"{name}: {unknown(upper, names)}")
    files = read_url_files(environment)
    for setting, url in files.urls.items():
        layers.overrides[setting] = url
        layers.origins[(setting,)] = next(n for n, of in URL_FILES.items() if of == setting)
    return [*errors, *files.errors]


def scan_overrides(layers: Layers, overrides: Iterable[str], model: type[BaseModel]) -> list[str]:
    """Take `key=value` texts of --set into the layers; errors for those that name no key."""
    arrays, plain = _settable(model)
    names = {key_name(path): path for path in plain}
    old = {key_name(path): new for path, new in MOVED.items()}
    errors: list[str] = []
    for text in overrides:
        name, equals, value = text.partition("=")
        name = name.strip()
        array, _, rest = name.partition(".")
        if not equals:
            errors.append(f"--set {text}: write it as KEY=VALUE, such as fix.port=9900")
        elif name in names:
            _put(layers.overrides, names[name], value)
            layers.origins[names[name]] = f"--set {name}"
        elif array in arrays:
            error = _override_entry(layers, array, rest, value, arrays[array])
            errors += [f"--set {name}: {error}"] if error else []
        elif name in old:
            errors.append(f"--set {name}: {moved(old[name])}")
        else:
            entries = [f"{array}.NAME.KEY" for array in arrays]
            errors.append(f"--set {name}: {unknown(name, [*names, *entries])}")
    return errors


def _override_entry(
    layers: Layers, array: str, rest: str, value: str, model: type[BaseModel]
) -> str | None:
    entries = layers.data.get(array)
    entries = copy.deepcopy(entries) if isinstance(entries, list) else []
    layers.data[array] = entries
    for index, entry in enumerate(entries):
        name = item_name(entry)
        if not name or not rest.startswith(f"{name}."):
            continue
        key, _, inner = rest.removeprefix(f"{name}.").partition(".")
        if key not in model.model_fields:
            return unknown(
                f"{array}.{name}.{key}", [f"{array}.{name}.{k}" for k in model.model_fields]
            )
        path: KeyPath = (key, inner) if inner else (key,)
        _put(entry, path, value)
        layers.origins[(array, index, *path)] = f"--set {array}.{rest}"
        return None
    name = rest.rpartition(".")[0] or rest
    return f"{name} is {unknown(name, filter(None, map(item_name, entries)))}"


def _put(data: dict[str, Any], path: KeyPath, value: str) -> None:
    *outer, last = map(str, path)
    for name in outer:
        inner = data.get(name)
        data[name] = data = inner if isinstance(inner, dict) else {}
    data[last] = value


def _settable(model: type[BaseModel]) -> tuple[dict[str, type[BaseModel]], list[KeyPath]]:
    arrays: dict[str, type[BaseModel]] = {}
    plain: list[KeyPath] = []
    for name, info in model.model_fields.items():
        section = section_model(info)
        if section is None:
            plain.append((name,))
        elif is_array(info):
            arrays[name] = section
        else:
            plain += [(name, key) for key in section.model_fields]
    return arrays, plain


def _environment_name(path: KeyPath) -> str:
    return ENVIRONMENT_PREFIX + "__".join(map(str, path)).upper()
