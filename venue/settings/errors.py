"""Texts of configuration errors: one line with file, line, key, what is allowed and a near miss.

Knows TOML's lines, pydantic's errors and fields, not what they mean; must never print a password.
"""

import json
import re
import tomllib
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from venue.masking import MASK, mask_url
from venue.near_names import unknown, unknown_of
from venue.settings.configuration_error import ConfigurationError

_TABLE = re.compile(r"\s*(?P<open>\[\[?)\s*(?P<name>[^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""\s*(?P<name>(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[^=\s.]+)*)\s*=""")
_TOML_PLACE = re.compile(
    r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)$"
)

KeyPath = tuple[str | int, ...]
"""Where a value stands: ("fix", "port"), ("instruments", 0, "tick_size")."""


MOVED: Mapping[KeyPath, KeyPath] = {("journal", "retain_days"): ("retention", "journal_days")}
"""Keys of earlier versions, and what they are called now."""


class Written(NamedTuple):
    """A value kept as written: numbers with a point (binary floats are not exact), true, false."""

    text: str


def moved(new: KeyPath) -> str:
    """The error text for a key that has another name now."""
    return f"moved: it is [{new[0]}] {key_name(new[1:])} now"


def key_name(path: KeyPath) -> str:
    """A path as it is written: `funds.USD`, `accounts[1]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def item_name(item: object) -> str:
    """Name of an entry of an array of tables (symbol, name or CompID), empty when it has none."""
    if isinstance(item, dict):
        for key in ("symbol", "name", "comp_id"):
            if isinstance(item.get(key), str):
                return str(item[key])
    return ""


def describe(error: ErrorDetails, model: type[BaseModel]) -> str:
    """What is wrong and what is allowed, for one error that pydantic found in `model`."""
    path: KeyPath = error["loc"]
    match error["type"]:
        case "extra_forbidden" if path in MOVED:
            return moved(MOVED[path])
        case "extra_forbidden":
            known = model_at(model, path[:-1]).model_fields
            if len(path) > 1:
                return unknown(str(path[-1]), known)
            return unknown_of(
                str(path[0]), {k: section_name(k, field) for k, field in known.items()}
            )
        case "missing":
            field = field_at(model, path)
            return f"missing; it must be {allowed(field)}"
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            field = field_at(model, path)
            return f"{shown_value(path, error['input'])} is not {allowed(field)}"


def section_name(key: str, field: FieldInfo) -> str:
    """A top-level key as it stands in the file: `[fix]`, `[[members]]` or `log_level`."""
    if section_model(field) is None:
        return key
    return f"[[{key}]]" if is_array(field) else f"[{key}]"


def shown_value(path: KeyPath, value: object) -> str:
    """A value as written, or a mask when the key names a secret."""
    if path and "password" in str(path[-1]):
        return MASK
    if isinstance(value, Written):
        return value.text
    return mask_url(json.dumps(value, ensure_ascii=False, default=str))


def allowed(field: FieldInfo) -> str:
    """The values a field takes, in words."""
    annotation = _without_none(field.annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if section_model(field) is not None:
        return "an array of tables" if is_array(field) else "a table"
    if origin is Literal:
        return "one of " + ", ".join(json.dumps(choice) for choice in arguments)
    if annotation is bool:
        return "true or false"
    if annotation is int:
        return _allowed_range(field)
    if origin is tuple:
        return "an array of texts in quotes"
    if origin is dict:
        return 'a table of decimal numbers in quotes such as "0.01"'
    if annotation is Path:
        return "a path in quotes"
    if annotation is SecretStr:
        return "a text in quotes that is not empty"
    return "a text in quotes"


def is_array(field: FieldInfo) -> bool:
    """Whether the field is an array of tables such as [[members]]."""
    return get_origin(field.annotation) is tuple and section_model(field) is not None


def section_model(field: FieldInfo) -> type[BaseModel] | None:
    """Model of a section or of the entries of an array of tables, None for a plain value."""
    candidates: Sequence[Any] = (field.annotation, *get_args(field.annotation))
    for candidate in candidates:
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel]:
    """Model of the section a path names; the innermost there is when it goes on into a value."""
    for part in path:
        field = model.model_fields.get(str(part))
        inner = section_model(field) if field is not None else None
        if inner is not None:
            model = inner
    return model


def field_at(model: type[BaseModel], path: KeyPath) -> FieldInfo:
    """Field a path names, or the one whose element it names (`accounts` for accounts[1])."""
    found: FieldInfo | None = None
    for part in path:
        field = model.model_fields.get(str(part))
        if field is not None:
            found = field
            model = section_model(field) or model
    if found is None:
        raise LookupError(f"no field at {key_name(path)}")
    return found


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation


def _allowed_range(field: FieldInfo) -> str:
    lowest = next((limit.ge for limit in field.metadata if isinstance(limit, Ge)), None)
    highest = next((limit.le for limit in field.metadata if isinstance(limit, Le)), None)
    if highest is None:
        return f"a whole number of {lowest or 0} or more"
    return f"a whole number from {lowest or 0} to {highest}"


def parse_toml(text: str, shown: str) -> dict[str, Any]:
    """Data of a TOML text; ConfigurationError with the line when it is not TOML."""
    try:
        return tomllib.loads(text, parse_float=Written)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.match(str(error))
        if place is None:
            raise ConfigurationError(f"{shown}: {error}") from error
        line = place["line"] or max(len(text.splitlines()), 1)
        raise ConfigurationError(f"{shown}:{line} not TOML: {place['what']}") from error


def key_lines(text: str) -> dict[KeyPath, int]:
    """Line of every table and key of a TOML text, entries of arrays of tables counted from 0."""
    lines: dict[KeyPath, int] = {}
    last_entry: dict[KeyPath, int] = {}
    table: KeyPath = ()
    in_long_text = False

    def resolved(names: Sequence[str]) -> KeyPath:
        path: KeyPath = ()
        for name in names:
            path = (*path, name)
            if path in last_entry:
                path = (*path, last_entry[path])
        return path

    for number, line in enumerate(text.splitlines(), 1):
        if not in_long_text:
            if header := _TABLE.match(line):
                *outer, name = _names(header["name"])
                table = (*resolved(outer), name)
                if header["open"] == "[[":
                    lines.setdefault(table, number)
                    last_entry[table] = last_entry.get(table, -1) + 1
                    table = (*table, last_entry[table])
                lines.setdefault(table, number)
            elif key := _KEY.match(line):
                lines[(*table, *_names(key["name"]))] = number
        if (line.count('"""') + line.count("'''")) % 2:
            in_long_text = not in_long_text
    return lines


def _names(dotted: str) -> list[str]:
    return [name.strip().strip("\"'") for name in dotted.split(".")]
