"""`venue day`: the trading day, by hand and by timetable."""

from datetime import date, datetime
from itertools import islice
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer

from venue.admin.requests import StatusQuery
from venue.cli.desk.operator import ask, command
from venue.cli.desk.verb import add_verbs
from venue.cli.json_output import print_json
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    ReasonOption,
    YesOption,
    confirm,
    data_dir_of,
    iso_day,
)
from venue.cli.text.times import shown_time
from venue.clock import Clock, trading_day
from venue.domain.commands import StartDay
from venue.domain.timetable import Timetable
from venue.timetable import Change, change_told, changes, effective_changes

app = typer.Typer(no_args_is_help=True, help="Start and end the trading day.")
BY_HAND = "days start and end by hand"
_FAR_DAYS = 7
"""A day that is further away than this is asked about: it cannot be taken back once it trades."""


@app.callback()
def day() -> None:
    """Start, end and reopen the trading day; see its timetable."""


@app.command(epilog="Examples: venue day start | venue day start --date 2026-12-01")
def start(
    context: typer.Context,
    when: Annotated[
        str, typer.Option("--date", metavar="YYYY-MM-DD", help="The day; today without it.")
    ] = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Open a trading day after the last one: good-till orders are restated, trading begins.

    No earlier day can be opened afterwards. A day more than a week away asks.
    """
    today = trading_day(Clock().now_ns())
    asked = iso_day(when) if when else today
    away = (date.fromisoformat(asked) - date.fromisoformat(today)).days
    if abs(away) > _FAR_DAYS:
        where = "ahead of" if away > 0 else "before"
        what = f"open trading day {asked}, {abs(away):,} days {where} today"
        confirm(what, yes or dry_run)
    wanted = StartDay(trading_day=asked, reason=reason)
    done = f"trading day {asked} is open"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)


add_verbs(app, "day")


@app.command(epilog="Example: venue day status --json")
def status(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """The trading day, its phase, and what the timetable does next."""
    now = ask(data_dir_of(context, data_dir), StatusQuery())
    now_ns = Clock().now_ns()
    following = () if now.timetable is None else effective_changes(
        now.timetable, now_ns, now.phase, now.trading_day
    )  # fmt: skip
    coming = next(iter(following), None)
    if as_json:
        facts = {"trading_day": now.trading_day, "phase": now.phase, "open_orders": now.open_orders}
        print_json({**facts, "next": None if coming is None else change_told(coming)})
        return
    typer.echo(f"trading day {now.trading_day}: {now.phase}, {now.open_orders} open orders")
    if now.timetable is None or coming is None:
        typer.echo(BY_HAND)
    else:
        typer.echo(_line(coming, now.timetable))


@app.command(epilog="Examples: venue day timetable --count 20 | venue day timetable --json")
def timetable(
    context: typer.Context,
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many changes.")] = 10,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """The next changes by the timetable in force: days, and hours of groups of instruments."""
    now = ask(data_dir_of(context, data_dir), StatusQuery())
    table = now.timetable
    coming = [] if table is None else list(islice(changes(table, Clock().now_ns()), count))
    if as_json:
        told = [change_told(change) for change in coming]
        print_json({"timetable": msgspec.to_builtins(table), "changes": told})
        return
    if table is None or not coming:
        typer.echo(BY_HAND)
        return
    for change in coming:
        typer.echo(_line(change, table))


def _line(change: Change, timetable: Timetable) -> str:
    """A change in words, with the time on the timetable's own clocks where these are others."""
    without = f" without {', '.join(change.closed)}" if change.closed else ""
    day = change.trading_day
    what = f"{day} trades{without}" if day else "the day ends"
    local = datetime.fromtimestamp(change.at_ns // 1_000_000_000, ZoneInfo(timetable.time_zone))
    there = f" ({local:%H:%M} in {timetable.time_zone})" if local.utcoffset() else ""
    return f"{shown_time(change.at_ns)}  {what}{there}"
