"""`venue`: the one way in to all commands.

Knows the table of commands and how failures look to a user: one line on stderr, status 1 or 2.
"""

import sys
from typing import Annotated

import typer

import venue
from venue.admin.client import VenueUnreachable
from venue.cli.command_table import CommandGroup
from venue.cli.json_output import print_error
from venue.cli.options import DataDirOption
from venue.cli.text.times import show_local
from venue.colors import wants_colors
from venue.servers import ServerError
from venue.settings.configuration_error import ConfigurationError
from venue.settings.files import LOCAL_TIME

app = typer.Typer(
    name="venue",
    cls=CommandGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(venue.__version__)
        raise typer.Exit


@app.callback(epilog="Examples: venue run --demo | venue book ACME | venue ledger trial-balance")
def options(
    context: typer.Context,
    data_dir: DataDirOption = None,
    local_time: Annotated[
        bool,
        typer.Option(
            "--local-time",
            envvar=LOCAL_TIME,
            help="Show times in the machine's zone, not in UTC; never in JSON and CSV.",
        ),
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print it."),
    ] = False,
) -> None:
    """An electronic trading venue that speaks FIX 4.4.

    Exit status: 0 done, 1 refused or not found, 2 wrong use or configuration, 3 not done yet, for
    another operator has to approve it.
    """
    show_local(local_time)
    if not wants_colors(sys.stdout):
        context.color = False


def main() -> None:
    """Console script: what a command could not do becomes one line on stderr."""
    try:
        app()
    except VenueUnreachable as error:
        _fail(str(error), 1)
    except (ConfigurationError, ServerError) as error:
        _fail(str(error), 2)


def _fail(why: str, exit_status: int) -> None:
    sys.stderr.write(f"{why}\n")
    print_error(why, exit_status)
    raise SystemExit(exit_status)


if __name__ == "__main__":
    main()
