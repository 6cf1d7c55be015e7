"""`venue day`: the trading day, by hand."""

from datetime import date as date_of
from typing import Annotated

import typer

from venue.admin.requests import StatusQuery
from venue.cli.desk.operator import ask, command
from venue.cli.desk.verb import add_verbs
from venue.cli.json_output import print_json
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    OperatorOption,
    ReasonOption,
    YesOption,
    body,
    confirm,
    data_dir_of,
    iso_day,
)
from venue.clock import Clock, trading_day
from venue.domain.commands import StartDay

_DAYS_AHEAD = 7
"""A day further ahead is taken for a slip of the finger: there is no way back from it."""

app = typer.Typer(no_args_is_help=True, help="Start and end the trading day.")


@app.callback()
def day() -> None:
    """Start and end the trading day."""


@app.command(epilog="Examples: venue day start | venue day start --date 2026-12-01")
def start(
    context: typer.Context,
    date: Annotated[
        str, typer.Option("--date", metavar="YYYY-MM-DD", help="The day; today without it.")
    ] = "",
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Open a trading day after the last one: good-till orders are restated, trading begins.

    No earlier day can be opened afterwards. A day more than a week ahead asks; without a terminal
    it needs --yes.
    """
    today = trading_day(Clock().now_ns())
    asked = iso_day(date) if date else today
    ahead = (date_of.fromisoformat(asked) - date_of.fromisoformat(today)).days
    if ahead > _DAYS_AHEAD:
        what = f"open trading day {asked}, {ahead:,} days ahead of today"
        confirm(what, yes or dry_run, without_terminal=False)
    wanted = body(StartDay, operator, reason, trading_day=asked)
    done = f"trading day {asked} is open"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)


add_verbs(app, "day")


@app.command(epilog="Example: venue day status --json")
def status(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """The trading day and its phase."""
    now = ask(data_dir_of(context, data_dir), StatusQuery())
    facts = {"trading_day": now.trading_day, "phase": now.phase, "open_orders": now.open_orders}
    if as_json:
        print_json(facts)
        return
    typer.echo(f"trading day {now.trading_day}: {now.phase}, {now.open_orders} open orders")
