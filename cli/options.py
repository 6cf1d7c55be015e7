"""What many commands share: options, the console, and the one way to refuse.

May know typer and rich only.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

DEFAULT_DATA_DIR = Path(".venue")
_WIDTH_OF_PIPES = 160

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


def member_and_account(text: str) -> tuple[str, str]:
    """Both halves of MEMBER[/ACCOUNT]; the account may be empty. Ends with status 2 for neither."""
    member, slash, account = text.partition("/")
    if not member or (slash and not account):
        wrong_use(f"{text!r} is not MEMBER or MEMBER/ACCOUNT")
    return member, account


def refuse(why: str) -> NoReturn:
    """End with status 1 and one line on stderr."""
    typer.echo(why, err=True)
    raise typer.Exit(1)


def wrong_use(why: str) -> NoReturn:
    """End with status 2 and one line on stderr: wrong use, or a configuration that is none."""
    typer.echo(why, err=True)
    raise typer.Exit(2)


def console() -> "Console":
    """Console on stdout: as wide as the terminal, wide enough for every table in a pipe."""
    from rich.console import Console  # here, for most commands print no table

    return Console(width=None if sys.stdout.isatty() else _WIDTH_OF_PIPES)
