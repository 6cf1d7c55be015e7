"""`venue alive`: whether a process comes round, for probes that may not take long.

Parses, reads one page of memory, prints. Asks nobody, so that nobody can hold it up.
"""

import time
from typing import Annotated

import typer

from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, data_dir_of, refuse
from venue.counts_page import LATE_SECONDS, read_counts
from venue.printable import shown
from venue.processes import BY_NAME


def _process_named(name: str) -> str:
    if name not in BY_NAME:
        raise typer.BadParameter(f"{name} is none of {', '.join(BY_NAME)}")
    return name


def alive(
    context: typer.Context,
    process: Annotated[str, typer.Argument(parser=_process_named, metavar="PROCESS")],
    ready: Annotated[
        bool, typer.Option("--ready", help="It has to do its work too, not only to come round.")
    ] = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Status 0 if a process of this machine has come round within 5 seconds, else 1 and why.

    It shows that in memory once a second where metrics.enabled says so; also one that runs by
    itself, as `venue run clearing` does. For the probes of containers; people type venue status.

    Examples:

        venue alive clearing

        venue alive trading --ready
    """
    place = data_dir_of(context, data_dir)
    try:
        page = read_counts(place, process)
    except OSError:  # there is no such directory
        page = None
    if page is None:
        refuse(f"{process} shows nothing for {place}: it does not run, or metrics.enabled is false")
    age = page.age_seconds(time.monotonic_ns())
    if age > LATE_SECONDS:
        refuse(f"{process} (pid {page.pid}) has not come round for {age:.0f} s")
    if ready and page.not_ready:
        refuse(f"{process} is not ready: {page.not_ready}")
    if json:
        seconds = round(age, 1)
        print_json({"process": process, "pid": page.pid, "age_seconds": seconds})
        return
    typer.echo(shown(f"{process} (pid {page.pid}) has come round {age:.1f} s ago"))
