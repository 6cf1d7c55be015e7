"""`venue approvals`: what waits for the second operator of maker and checker."""

import typer

from venue.admin.requests import ApprovalsQuery
from venue.cli.desk.operator import ask
from venue.cli.json_output import print_rows
from venue.cli.options import (
    DataDirOption,
    JsonOption,
    console,
    data_dir_of,
)
from venue.cli.text.command import command_facts
from venue.printable import shown


def approvals(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """Commands that wait for a second operator.

    Which commands do is set by control.four_eyes in venue.toml. They end with exit status 3, and
    their JSON has the id as "held".

    Example: venue approvals --json
    """
    rows = ask(data_dir_of(context, data_dir), ApprovalsQuery()).approvals
    if as_json:
        print_rows("approvals", rows)
        return
    if not rows:
        typer.echo("no command waits for approval")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("id", "command", "what", "asked by", "reason")
    for row in rows:
        quiet = {
            key: value for key, value in row.action.items() if key not in ("operator", "reason")
        }
        facts = (row.action_id, row.command, command_facts(quiet))
        table.add_row(*(Text(shown(each)) for each in (*facts, row.operator, row.reason)))
    console().print(table)
