"""`venue approvals`, `approve` and `decline`: the second operator's part of maker and checker."""

import json
from typing import Annotated

import typer

from venue.admin.requests import ApprovalsQuery
from venue.cli.desk.operator import ask, command, print_rows
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    OperatorOption,
    ReasonOption,
    body,
    console,
    data_dir_of,
)
from venue.cli.text.command import command_facts
from venue.cli.text.fix import shown
from venue.domain.commands import Approve, Decline

IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="Of the held command, such as H1: venue approvals.")
]


def approvals(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """Commands that wait for a second operator.

    Which commands do is set by control.four_eyes in venue.toml.

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
        action = json.loads(row.action)
        quiet = {key: value for key, value in action.items() if key not in ("operator", "reason")}
        facts = (row.action_id, row.command, command_facts(quiet))
        table.add_row(*(Text(shown(each)) for each in (*facts, row.operator, row.reason)))
    console().print(table)


def approve(
    context: typer.Context,
    action_id: IdArgument,
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Have a held command executed; not for the operator who asked for it.

    Example: venue approve H1 --operator bob --reason "checked with ALPHA"
    """
    wanted = body(Approve, operator, reason, action_id=action_id)
    done = f"{action_id} is approved and done"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)


def decline(
    context: typer.Context,
    action_id: IdArgument,
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Have a held command forgotten; who asked for it may do that too.

    Example: venue decline H1 --reason "wrong member"
    """
    wanted = body(Decline, operator, reason, action_id=action_id)
    done = f"{action_id} is declined; nothing else was changed"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)
