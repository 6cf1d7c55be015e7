"""Behaviours as text: a script (TOML or JSON) with its steps in order, and NAME=VALUE words.

Reads and checks; does nothing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from venue.near_names import near_name
from venue.simulator.behaviours import BEHAVIOURS, AnyBehaviour, Fill, On


class ScriptError(Exception):
    """A script, or a word of a command, that says nothing; the text is one line."""


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file's content: [[step]] tables."""

    step: list[AnyBehaviour]


def read_script(path: Path) -> list[AnyBehaviour]:
    """The steps of a file, JSON if it is called so, else TOML. Raises ScriptError."""
    try:
        text = path.read_bytes()
        if path.suffix == ".json":
            return msgspec.json.decode(text, type=Script).step
        return msgspec.toml.decode(text, type=Script).step
    except OSError as error:
        raise ScriptError(f"{path}: {error.strerror or error}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path}: {error}") from error


def behaviour_of(name: str, words: Sequence[str]) -> AnyBehaviour:
    """The behaviour of that name; words: NAME=VALUE of its fields and of On's. ScriptError."""
    kind = BEHAVIOURS.get(name)
    if kind is None:
        raise ScriptError(f"no behaviour {name}{_hint(name, BEHAVIOURS)}")
    own = [field for field in kind.__struct_fields__ if field != "on"]
    on: dict[str, str] = {}
    told: dict[str, Any] = {"do": name, "on": on}
    for word in words:
        field, equals, value = word.partition("=")
        if not equals or field not in (*own, *On.__struct_fields__):
            known = [*own, *On.__struct_fields__]
            raise ScriptError(f"{word!r} is no NAME=VALUE of {name}{_hint(field, known)}")
        (told if field in own else on)[field] = value
    try:
        return msgspec.convert(told, type=kind, strict=False)
    except msgspec.ValidationError as error:
        raise ScriptError(f"{name}: {error}") from error


def ensure_can_fill(behaviours: Sequence[AnyBehaviour], *, has_counter: bool) -> None:
    """Raise ScriptError where orders are to be filled and nobody is there to do it."""
    if not has_counter and any(isinstance(each, Fill) for each in behaviours):
        raise ScriptError("fill needs a session for the counter-orders: --counter SESSION")


def _hint(word: str, known: Sequence[str] | dict[str, Any]) -> str:
    near = near_name(word, list(known))
    return f"; there are {', '.join(known)}" if near is None else f"; did you mean {near}?"
