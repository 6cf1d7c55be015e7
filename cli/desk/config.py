"""`venue config`: what the configuration says, and which source said it.

Knows settings and how to print them; must never show a password. Bringing it into force:
`config_apply`.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from pydantic import BaseModel, SecretStr
from rich.console import Console
from rich.table import Table
from rich.text import Text

from venue.cli.desk.config_apply import apply
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, given_data_dir, refuse
from venue.masking import MASK, mask_url
from venue.printable import shown
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, help="Show the configuration, apply it.")
app.command(epilog="Examples: venue config apply --dry-run | venue config apply --json")(apply)

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
        print_json({"settings": [entry._asdict() for entry in asked]})
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
