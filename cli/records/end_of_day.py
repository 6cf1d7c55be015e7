"""`venue endofday`: files of a business day with a manifest of hashes. Parses, calls, prints."""

from pathlib import Path
from typing import Annotated

import typer

from venue.clearing.documents.day_directory import OtherFilesThere, manifest_of, write_day
from venue.clearing.documents.end_of_day import end_of_day
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, data_dir_of, refuse
from venue.cli.records.documents import business_days, ensure_booked, period_of
from venue.cli.records.ledger_access import ledger_of
from venue.clock import Clock
from venue.printable import shown


def endofday(
    context: typer.Context,
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Gets a directory of the day's name.")
    ],
    day: Annotated[
        str, typer.Option("--date", metavar="D", help="Business day; else the last that ended.")
    ] = "",
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Write the files of a business day to DIR/DATE, as CSV: trades, movements, net obligations,
    settlements, fails, fees and positions, for each member and for the house.

    manifest.json has their sizes, rows and SHA-256, and the event up to which they are. The files
    come all together or not at all. Once the day is over and booked the same bytes come again: a
    directory that has them is left as it is, one that has others is refused.

    What a business day is, says `venue statement --help`. The house also has the cycles of
    settlement, and the opening and closing balance of every ledger account.

    Examples:

        venue endofday /srv/endofday --date 2026-11-27

        venue endofday /srv/endofday --json
    """
    place = data_dir_of(context, data_dir)
    days = business_days(place)
    now_ns = Clock().now_ns()
    period = period_of(days.day, day or days.last_ended(now_ns))
    with ledger_of(place) as engine:
        ensure_booked(engine, place)
        made = end_of_day(engine, period, now_ns)
    target = directory / period.name
    try:
        is_new = write_day(target, made)
    except OtherFilesThere as error:
        refuse(str(error))
    except OSError as error:
        refuse(f"no files: {error.strerror or error} {error.filename or ''}".strip())
    if as_json:
        print_json({"directory": str(target), "is_new": is_new, "manifest": manifest_of(made)})
        return
    is_final = "" if made.is_final else "; the day is not over"
    what = "written to" if is_new else "there already in"
    typer.echo(
        shown(
            f"{len(made.files)} files of {period.name} as of event {made.as_of_event_seq:,} {what} "
            f"{target}{is_final}"
        )
    )
