"""What a command prints with --json: one object on one line, also when it is refused.

The layout is docs/CLI.md's: `ok` first, lists under a name of their own, FIX codes under the name
of the field and their names beside them (venue.named_codes). Must never print twice.
"""

import json
from typing import Any

import msgspec
import typer

from venue.named_codes import CODES as CODES
from venue.named_codes import JSON_TEXTS as JSON_TEXTS
from venue.named_codes import named as named


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
