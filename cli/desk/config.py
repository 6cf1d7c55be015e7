"""`venue config`: what the configuration says, which source said it, and bringing it into force.

Knows settings and how to print them; must never show a password.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
import typer
from msgspec.structs import replace
from pydantic import BaseModel, SecretStr
from rich.console import Console
from rich.table import Table
from rich.text import Text

from venue.admin.answers import SessionChanges
from venue.admin.requests import ConfigurationQuery, ConfigureSessions, Submit
from venue.cli.desk.operator import ask, held_as, outcome
from venue.cli.options import (
    HELD,
    DataDirOption,
    DryRunOption,
    JsonOption,
    OperatorOption,
    ReasonOption,
    YesOption,
    data_dir_of,
    given_data_dir,
    operator_name,
    refuse,
)
from venue.domain.commands import (
    ConfigurationCommand,
    SetFourEyes,
    SetSanctions,
    configuration_only,
)
from venue.masking import MASK, mask_url
from venue.printable import shown
from venue.settings.configuration_error import ConfigurationError
from venue.settings.files import find_config
from venue.settings.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, help="Show the configuration, apply it.")

_WIDTH_OF_PIPES = 240
_ENTRY_NAMES = ("symbol", "name", "comp_id")


@app.callback()
def config() -> None:
    """Show the configuration, apply it."""


class Entry(NamedTuple):
    """One key of the configuration, its value as text, and where that comes from."""

    key: str
    value: str
    origin: str
    description: str


@app.command(
    epilog="Examples: venue config show --set fix.port=9900 | venue config show fix | "
    "venue config show --json"
)
def show(
    context: typer.Context,
    section: Annotated[
        str, typer.Argument(help="Only keys that begin so: fix, instruments.ACME.", metavar="KEY")
    ] = "",
    config: Annotated[Path | None, typer.Option(help="Configuration file.")] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a key.")
    ] = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print every key with its value and where it comes from: default, file and line, or override.

    Passwords are shown as ***. What each key means is in the output of --json.
    """
    directory = given_data_dir(context, data_dir)
    try:
        settings = load_settings(config, overrides or (), directory)
    except ConfigurationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    asked = [entry for entry in entries(settings) if entry.key.startswith(section)]
    if not asked:
        refuse(f"the configuration has no key that begins with {section}")
    if as_json:
        typer.echo(json.dumps({"settings": [entry._asdict() for entry in asked]}, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("key", "value", "from"):
        table.add_column(heading, overflow="fold")
    for entry in asked:
        table.add_row(*(Text(shown(cell)) for cell in entry[:3]))
    Console(width=None if sys.stdout.isatty() else _WIDTH_OF_PIPES).print(table)


def entries(settings: Settings) -> Iterator[Entry]:
    """All keys of the settings in the order of venue.toml."""
    yield from _entries(settings, settings, (), "")


def _entries(
    settings: Settings, model: BaseModel, path: tuple[str | int, ...], prefix: str
) -> Iterator[Entry]:
    for name, field in type(model).model_fields.items():
        value: Any = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _entries(settings, value, (*path, name), f"{prefix}{name}.")
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            for index, item in enumerate(value):
                entry = next(getattr(item, key) for key in _ENTRY_NAMES if hasattr(item, key))
                inner = (*path, name, index)
                yield from _entries(settings, item, inner, f"{prefix}{name}.{entry}.")
        elif value is not None:
            origin = settings.origin(*path, name)
            yield Entry(f"{prefix}{name}", _text(value), origin, field.description or "")


def _text(value: Any) -> str:
    match value:
        case SecretStr():
            return MASK
        case bool():
            return str(value).lower()
        case tuple():
            return ", ".join(map(str, value))
        case dict():
            return ", ".join(f"{key}={inner}" for key, inner in value.items())
        case _:
            return mask_url(str(value))


@app.command(epilog="Examples: venue config apply --dry-run | venue config apply --json")
def apply(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="Configuration file.")] = None,
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Bring instruments, members and sessions of the file into force in the running venue.

    Sessions are added, changed and removed without a new start, which nobody else notices. Funds
    move by deposit and withdraw only. Exit status 3 if a part of it waits for another operator.
    """
    directory = data_dir_of(context, data_dir, config)
    try:
        settings = load_settings(config, (), directory)
    except ConfigurationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    differing = ask(directory, ConfigurationQuery(_in_the_file(settings))).differences
    who = operator_name(operator)
    commands = [replace(command, operator=who, reason=reason) for command in differing]
    file = str(find_config(config).absolute())
    of_sessions = ConfigureSessions(file, dry_run, who, reason)
    if dry_run:
        from venue.cli.desk.rehearsal import print_rehearsal  # here, for it brings in the engine

        changes = ask(directory, of_sessions)
        more = {"applied": [], **_told(differing, changes)}
        if differing or as_json:
            print_rehearsal(directory, commands, as_json, more)
        if not as_json:
            _print_changes(changes, differing, "would be")
        return
    held: list[str] = []
    applied: list[ConfigurationCommand] = []
    for command, as_in_file in zip(commands, differing, strict=True):
        answer = ask(directory, Submit(command))
        waits = held_as(answer)
        if waits is None:
            applied.append(as_in_file)
        else:
            held.append(waits)
        if not as_json:
            said = {**msgspec.to_builtins(command), "operator": who, "reason": reason}
            typer.echo(outcome(f"applied {json.dumps(said)}", answer))
    changes = ask(directory, of_sessions)
    if as_json:
        told = {"applied": msgspec.to_builtins(applied), **_told(differing, changes)}
        typer.echo(json.dumps({**told, "held": held} if held else told))
    else:
        _print_changes(changes, differing, "is")
    if held:
        raise typer.Exit(HELD)


def _told(differing: list[ConfigurationCommand], changes: SessionChanges) -> dict[str, Any]:
    sessions = msgspec.to_builtins(changes)
    del sessions["ok"]
    return {"differences": msgspec.to_builtins(differing), "sessions": sessions}


def _print_changes(
    sessions: SessionChanges, differing: list[ConfigurationCommand], be: str
) -> None:
    """What has become of the sessions, a line each; one line when nothing differs at all."""
    of = {"added": sessions.added, "changed": sessions.changed, "removed": sessions.removed}
    for done, names in of.items():
        for name in names:
            typer.echo(f"session {name} {be} {done}")
    for key in sessions.waiting:
        typer.echo(f"takes a new start: {key}")
    if not differing and not sessions.waiting and not any(of.values()):
        typer.echo("the configuration file says what is in force")


def _in_the_file(settings: Settings) -> list[ConfigurationCommand]:
    """All that the file defines; what it leaves out of [control] is defined as empty."""
    defined = configuration_only(settings.seed_commands())
    kept = [command for command in defined if not isinstance(command, SetSanctions)]
    four_eyes = tuple(sorted(set(settings.control.four_eyes)))
    return [*kept, SetSanctions(settings.control.sanctioned_names()), SetFourEyes(four_eyes)]
