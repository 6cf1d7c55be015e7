"""Options that many commands share, and the one way to refuse: a line on stderr and exit status 1.

May know typer only.
"""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

DEFAULT_DATA_DIR = Path(".venue")

DataDirOption = Annotated[
    Path | None, typer.Option("--data-dir", metavar="DIR", help="Where all data are kept.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def data_dir_of(context: typer.Context, value: Path | None) -> Path:
    """The data directory: given behind the subcommand, before it, or the default."""
    if value is not None:
        return value
    before: Path | None = context.find_root().params.get("data_dir")
    return before if before is not None else DEFAULT_DATA_DIR


def refuse(why: str) -> NoReturn:
    """End with status 1 and one line on stderr."""
    typer.echo(why, err=True)
    raise typer.Exit(1)
