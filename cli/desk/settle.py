"""`venue settle`: run a cycle, what is due, what has failed, and the calendar of settlement.

Asks the running venue; of a past cycle, and whether one is booked, the ledger.
"""

from typing import Annotated

import typer

from venue.admin.settlement_requests import FailsQuery, SettlementAnswer, SettlementQuery
from venue.cli.desk.operator import ask
from venue.cli.desk.settle_run import run
from venue.cli.desk.verb import add_verbs
from venue.cli.json_output import print_json, print_rows
from venue.cli.options import DataDirOption, JsonOption, console, data_dir_of, refuse
from venue.clock import Clock, trading_day
from venue.printable import shown
from venue.settlement_days import settlement_days

app = typer.Typer(no_args_is_help=True)
_FAIL_COLUMNS = ("member", "account", "symbol", "due", "quantity", "amount", "currency")


@app.callback()
def settle() -> None:
    """Settlement: run a cycle, see what is due, what failed, and the calendar."""


app.command(
    epilog="Examples: venue settle run | venue settle run --date 2026-12-02 --yes --no-wait"
)(run)


@app.command(epilog="Examples: venue settle status | venue settle status --cycle 3 --json")
def status(
    context: typer.Context,
    cycle: Annotated[
        int | None, typer.Option("--cycle", min=1, metavar="N", help="A past one, from the ledger.")
    ] = None,
    past: Annotated[
        int | None, typer.Option("--past", min=1, max=1000, metavar="N", help="The last N cycles.")
    ] = None,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """What is still to settle, by due date; the cycle that runs, and what came of the last one.

    Past cycles are read from the ledger.
    """
    place = data_dir_of(context, data_dir)
    if cycle is not None or past is not None:
        from venue.cli.desk.settled_cycle import print_cycle, print_cycles  # here: the database

        if cycle is not None:
            print_cycle(place, cycle, as_json)
        elif past is not None:
            print_cycles(place, past, as_json)
        return
    now = ask(place, SettlementQuery())
    if as_json:
        print_json(now)
        return
    _print_status(now)


def _print_status(now: SettlementAnswer) -> None:
    if now.running is not None:
        running = now.running
        typer.echo(
            f"cycle {running.cycle} of {running.settlement_date} settles: {running.done:,} of "
            f"{running.obligations:,} obligations are done"
        )
    if now.last is not None:
        last = now.last
        typer.echo(
            f"last cycle {last.cycle} of {last.settlement_date}: {last.settled:,} settled, "
            f"{last.partly:,} in part, {last.failed:,} failed"
        )
    if not now.due:
        typer.echo("nothing is to settle")
        return
    from rich.table import Table

    table = Table("due", "obligations", "of these failed", "")
    for row in now.due:
        when = "due" if now.trading_day and row.due <= now.trading_day else ""
        table.add_row(row.due, f"{row.obligations:,}", f"{row.failed:,}", when)
    console().print(table)


@app.command(epilog="Examples: venue settle fails | venue settle fails --member ALPHA --json")
def fails(
    context: typer.Context,
    member: Annotated[
        str, typer.Option("--member", metavar="M", help="Only what it owes or is owed.")
    ] = "",
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """What a cycle should have settled and is still owed, the oldest first, with its age."""
    place = data_dir_of(context, data_dir)
    if member:
        from venue.cli.desk.known_names import check_names

        check_names(place, member=member)
    rows = ask(place, FailsQuery(member)).fails
    if as_json:
        print_rows("fails", rows)
        return
    if not rows:
        typer.echo("nothing has failed")
        return
    from rich.table import Table

    table = Table("member", "account", "symbol", "due")
    for heading in ("quantity", "amount", "", "cycles", "days"):
        table.add_column(heading, justify="right")
    for row in rows:
        cells = (shown(str(getattr(row, name) or "-")) for name in _FAIL_COLUMNS)
        table.add_row(*cells, str(row.cycles), str(row.days))
    console().print(table)


@app.command(epilog="Examples: venue settle calendar | venue settle calendar --days 90 --json")
def calendar(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", min=1, max=1000, help="How many days.")] = 30,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """From the trading day on: which days settle, and when trades of each day settle."""
    now = ask(data_dir_of(context, data_dir), SettlementQuery())
    first = now.trading_day or trading_day(Clock().now_ns())
    try:
        rows = settlement_days(now.rules, first, days)
    except (ValueError, OverflowError):
        refuse(f"the trading day {first} is none that the calendar has")
    if as_json:
        print_rows("days", rows)
        return
    from rich.table import Table

    table = Table("day", "", "settles", "T+1", "T+2")
    for row in rows:
        is_day = "yes" if row.settles else "no"
        table.add_row(row.day, row.weekday, is_day, row.t1, row.t2)
    console().print(table)


add_verbs(app, "settle")
