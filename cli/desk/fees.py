"""`venue fees`: schedules, who trades by which, what a member pays now. Parses, calls, prints."""

from collections.abc import Iterable
from typing import Annotated

import typer

from venue.admin.requests import FeesQuery, MemberFeesQuery
from venue.cli.desk.operator import ask, command
from venue.cli.desk.verb import add_verbs
from venue.cli.json_output import print_json, print_rows
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    ReasonOption,
    YesOption,
    console,
    data_dir_of,
    iso_day,
    wrong_use,
)
from venue.domain.commands import SetFeeSchedule
from venue.domain.fee_versions import FeeTier
from venue.printable import shown

app = typer.Typer(no_args_is_help=True)


@app.callback()
def fees() -> None:
    """Fees: schedules, who trades by which, what a member pays now."""


@app.command("list", epilog="Example: venue fees list --json")
def list_schedules(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """Every version of every schedule, its tiers, and whether it counts now."""
    rows = ask(data_dir_of(context, data_dir), FeesQuery()).schedules
    if as_json:
        print_rows("schedules", rows)
        return
    lines = []
    for row in rows:
        name = (row.schedule, row.valid_from or "the beginning", row.counts)
        lines.append((*name, "0", row.maker_bps, row.taker_bps, row.minimum))
        lines += [("", "", "", t.from_volume, t.maker_bps, t.taker_bps, "") for t in row.tiers]
    headings = ("schedule", "valid from", "counts")
    _print(headings, ("from volume", "maker bps", "taker bps", "minimum"), lines)


@app.command(epilog="Example: venue fees show ALPHA")
def show(
    context: typer.Context,
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="For example ALPHA.")],
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """What a member's new orders pay in each instrument today, and why: its volume of 30 days."""
    answer = ask(data_dir_of(context, data_dir), MemberFeesQuery(member))
    if as_json:
        print_json(answer)
        return
    volumes = ((each.currency, each.before_today, each.today) for each in answer.volumes)
    _print(("currency",), ("volume of 30 days", "today"), volumes)
    _print(
        ("symbol", "schedule", "of", "valid from"),
        ("from volume", "maker bps", "taker bps", "minimum"),
        (
            (
                each.symbol,
                each.schedule or "-",
                each.of or "fee_bps",
                each.valid_from or "-",
                each.from_volume,
                each.maker_bps,
                each.taker_bps,
                each.minimum,
            )
            for each in answer.fees
        ),
    )


def _print(
    names: tuple[str, ...], numbers: tuple[str, ...], lines: Iterable[tuple[str, ...]]
) -> None:
    from rich.table import Table

    table = Table(*names)
    for heading in numbers:
        table.add_column(heading, justify="right")
    for line in lines:
        table.add_row(*map(shown, line))
    console().print(table)


@app.command(
    "set",
    epilog="Examples: venue fees set gold --maker -0.2 --taker 1.5 | "
    'venue fees set gold --maker -0.2 --taker 1.4 --tier "1000000 -0.3 1.2" '
    "--minimum 0.01 --from 2027-01-04",
)
def set_schedule(
    context: typer.Context,
    schedule: Annotated[str, typer.Argument(metavar="NAME", help="For example gold.")],
    maker: Annotated[
        str, typer.Option("--maker", metavar="BPS", help="Of who rested; below 0: a rebate.")
    ],
    taker: Annotated[
        str, typer.Option("--taker", metavar="BPS", help="Of who traded at once, 1/100 %.")
    ],
    tiers: Annotated[
        list[str] | None,
        typer.Option(
            "--tier", metavar='"VOLUME MAKER TAKER"', help="From that volume of 30 days; repeat it."
        ),
    ] = None,
    minimum: Annotated[
        str, typer.Option("--minimum", metavar="X", help="An order pays that at least, once.")
    ] = "0",
    valid_from: Annotated[
        str, typer.Option("--from", metavar="DAY", help="Trading day from which it counts.")
    ] = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Give a fee schedule a version: a new schedule, or other terms from a later trading day on.

    Orders keep the terms of their entry. What counts already cannot be changed.
    """
    wanted = SetFeeSchedule(
        schedule,
        maker,
        taker,
        iso_day(valid_from) if valid_from else "",
        tuple(map(_tier, tiers or ())),
        minimum,
        reason=reason,
    )
    begins = f"from {valid_from or 'the beginning'} on"
    done = f"fee schedule {schedule} is set, {begins}"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)


def _tier(text: str) -> FeeTier:
    numbers = text.split()
    if len(numbers) != 3:
        wrong_use(f"{text!r} is not VOLUME MAKER TAKER")
    return FeeTier(*numbers)


add_verbs(app, "fees")
