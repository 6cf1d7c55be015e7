"""What a command prints with --json: one object on one line, also when it is refused.

The layout is docs/CLI.md's: `ok` first, lists under a name of their own, FIX codes under the name
of the field and their names beside them. Knows the domain's codes; must never print twice.
"""

import json
from enum import StrEnum
from typing import Any

import msgspec
import typer

from venue.domain.types import (
    CxlRejResponseTo,
    ExecRestatementReason,
    ExecType,
    OrdStatus,
    OrdType,
    Side,
    TimeInForce,
)

CODES: dict[str, type[StrEnum]] = {
    "side": Side,
    "aggressor": Side,
    "ord_type": OrdType,
    "ord_status": OrdStatus,
    "time_in_force": TimeInForce,
    "exec_type": ExecType,
    "response_to": CxlRejResponseTo,
    "restatement_reason": ExecRestatementReason,
}
"""Fields whose values are FIX codes; each has a neighbour FIELD_name."""
JSON_TEXTS = ("action", "payload")
"""Fields that the record keeps as JSON text: what a second operator approves, what is parked."""


class _State:
    """Of the command that this process runs now."""

    is_wanted = False
    is_printed = False


def begin(*, is_wanted: bool) -> None:
    """A command begins; is_wanted: it was typed with --json."""
    _State.is_wanted, _State.is_printed = is_wanted, False


def print_json(told: object) -> None:
    """Print the one object of a command. told: a struct or a dictionary."""
    as_told: dict[str, Any] = msgspec.to_builtins(told, str_keys=True)
    _print({"ok": True, **as_told})


def print_rows(name: str, rows: object) -> None:
    """Print a list under its name."""
    print_json({name: rows})


def print_error(why: str, exit_status: int) -> None:
    """Print the object of a command that ends otherwise than with 0, if it has printed none."""
    if _State.is_wanted and not _State.is_printed:
        _print({"ok": False, "error": why, "exit_status": exit_status})


def _print(told: dict[str, Any]) -> None:
    _State.is_printed = True
    typer.echo(json.dumps(named(told)))


def named(told: Any) -> Any:
    """The same with the name of every FIX code beside it, and without JSON inside of texts."""
    if isinstance(told, list):
        return [named(each) for each in told]
    if not isinstance(told, dict):
        return told
    full: dict[str, Any] = {}
    for key, value in told.items():
        full[key] = _object(value) if key in JSON_TEXTS and isinstance(value, str) else named(value)
        name = _name(key, value)
        if name is not None:
            full[f"{key}_name"] = name
    return full


def _name(key: str, value: Any) -> str | None:
    kind = CODES.get(key)
    if kind is None or not isinstance(value, str):
        return None
    return next((code.name for code in kind if code.value == value), None)


def _object(text: str) -> Any:
    try:
        return named(json.loads(text))
    except ValueError:  # it is what it was written as
        return text
