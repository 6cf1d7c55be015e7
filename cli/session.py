"""`venue session`: the FIX order-entry sessions of the running venue."""

import json
from typing import Annotated

import typer
from rich.table import Table

from cli.operator import DryRunOption, OperatorOption, ReasonOption, ask, operator_name, print_done
from cli.options import DataDirOption, JsonOption, console, data_dir_of

app = typer.Typer(no_args_is_help=True, help="FIX sessions: list them, reset their numbers.")


@app.callback()
def session() -> None:
    """FIX sessions: list them, reset their numbers."""


@app.command("list", epilog="Example: venue session list --json")
def list_sessions(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """Sessions with their state, next MsgSeqNum each way, and open orders."""
    reply = ask(data_dir_of(context, data_dir), {"query": "sessions"})
    if as_json:
        typer.echo(json.dumps({"sessions": reply["sessions"]}))
        return
    console().print(sessions_table(reply["sessions"]))


@app.command(epilog='Example: venue session reset ALPHA --reason "agreed by phone"')
def reset(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="SESSION", help="CompID of the session.")],
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Take a logged-off session's sequence numbers back to 1, both ways."""
    done = f"session {name} begins at MsgSeqNum 1 again"
    if dry_run:
        print_done(f"would: {done}", {"ok": True, "dry_run": True, "session": name}, as_json)
        return
    request = {"reset_session": name, "operator": operator_name(operator), "reason": reason}
    print_done(done, ask(data_dir_of(context, data_dir), request), as_json)


def sessions_table(rows: list[dict[str, object]]) -> Table:
    """Table of sessions as the venue lists them."""
    table = Table("session", "member", "state")
    for heading in ("next in", "next out", "open orders"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            str(row["session"]),
            str(row["member"]),
            "logged on" if row["logged_on"] else "logged off",
            str(row["next_in"]),
            str(row["next_out"]),
            str(row["open_orders"]),
        )
    return table
