"""`venue`: all commands, registered in one place.

Knows the command modules and how failures look to a user: one line on stderr, status 1 or 2.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

import venue
from cli import (
    audit,
    book,
    config,
    day,
    demo,
    dropcopy,
    fix,
    funds,
    journal,
    ledger,
    order,
    replay,
    run,
    session,
    status,
    tail,
    trade,
)
from venue.admin.client import VenueUnreachable
from venue.servers import ServerError
from venue.settings_errors import ConfigurationError

app = typer.Typer(
    name="venue",
    help="An electronic trading venue that speaks FIX 4.4.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(run.run)
app.command("demo")(demo.demo)
app.command("status")(status.status)
app.command("book")(book.book)
app.command("tail")(tail.tail)
app.command("replay")(replay.replay)
app.command("deposit")(funds.deposit)
app.command("withdraw")(funds.withdraw)
app.add_typer(order.app, name="order")
app.add_typer(ledger.app, name="ledger")
app.add_typer(session.app, name="session")
app.add_typer(day.app, name="day")
app.add_typer(trade.app, name="trade")
app.add_typer(config.app, name="config")
app.add_typer(journal.app, name="journal")
app.add_typer(audit.app, name="audit")
app.add_typer(fix.app, name="fix")
app.add_typer(dropcopy.app, name="dropcopy")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(venue.__version__)
        raise typer.Exit


@app.callback(epilog="Examples: venue run --demo | venue book ACME | venue ledger trial-balance")
def options(
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", metavar="DIR", help="Where all data are kept.")
    ] = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print it."),
    ] = False,
) -> None:
    """An electronic trading venue that speaks FIX 4.4."""


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
    raise SystemExit(exit_status)


if __name__ == "__main__":
    main()
