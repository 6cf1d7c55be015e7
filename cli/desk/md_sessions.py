"""`venue md sessions`: who reads market data over FIX, and who does not keep up.

Reads what the process fix-marketdata shows; parses and prints.
"""

import typer

from venue.cli.json_output import print_rows
from venue.cli.options import DataDirOption, JsonOption, console, data_dir_of
from venue.fixdata.shown import read_status
from venue.printable import shown
from venue.processes import FIX_MARKETDATA


def sessions(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """FIX sessions of market data that are on: their subscriptions, and what they have not read."""
    status = read_status(data_dir_of(context, data_dir), FIX_MARKETDATA.name)
    rows = [] if status is None else status.sessions
    if as_json:
        print_rows("sessions", rows)
        return
    from rich.table import Table  # here, for JSON needs no table

    table = Table("session", "from", "since", "subscriptions", "bytes unread", "state")
    for row in rows:
        on = row.connection
        state = "conflated" if row.conflated else "keeps up"
        numbers = (f"{row.subscriptions:,}", f"{on.bytes_unread:,}")
        table.add_row(row.session, shown(on.address), on.since, *numbers, state)
    console().print(table)


__all__ = ["sessions"]
