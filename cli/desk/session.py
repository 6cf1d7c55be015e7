"""`venue session`: the FIX order-entry sessions of the running venue."""

from typing import TYPE_CHECKING

import typer

from venue.admin.answers import SessionRow
from venue.admin.requests import ResetNumbers, SessionsQuery
from venue.cli.desk.operator import ask, print_done, print_rows
from venue.cli.desk.session_secrets import SessionArgument, key, password
from venue.cli.desk.verb import add_verbs
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    ReasonOption,
    YesOption,
    console,
    data_dir_of,
)
from venue.domain.commands import ResetSession

if TYPE_CHECKING:
    from rich.table import Table

app = typer.Typer(no_args_is_help=True)
app.command(epilog="Example: venue session password ALPHA < new-password")(password)
app.command(epilog="Example: venue session key ALPHA alpha.pub")(key)


@app.callback()
def session() -> None:
    """FIX sessions: list, log out, disable, reset; their passwords and keys.

    They are added, changed and removed in sessions.cfg and venue.toml, with `venue config apply`.
    """


@app.command("list", epilog="Example: venue session list --json")
def list_sessions(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """Sessions with their state, next MsgSeqNum each way, and open orders."""
    rows = ask(data_dir_of(context, data_dir), SessionsQuery()).sessions
    if as_json:
        print_rows("sessions", rows)
        return
    console().print(sessions_table(rows))


@app.command(epilog='Example: venue session reset ALPHA --reason "agreed by phone"')
def reset(
    context: typer.Context,
    name: SessionArgument,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Take a logged-off session's sequence numbers back to 1, both ways."""
    directory = data_dir_of(context, data_dir)
    if dry_run:
        from venue.cli.desk.rehearsal import print_rehearsal  # here, for it brings in the engine

        print_rehearsal(directory, [ResetSession(name, reason=reason)], as_json)
        return
    answer = ask(directory, ResetNumbers(name, reason=reason))
    print_done(f"session {name} begins at MsgSeqNum 1 again", answer, as_json)


add_verbs(app, "session")


def sessions_table(rows: list[SessionRow]) -> "Table":
    """Table of sessions as the venue lists them."""
    from rich.table import Table

    table = Table("session", "member", "state", "entry")
    for heading in ("next in", "next out", "open orders"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            row.session,
            row.member,
            ("logged on" if row.logged_on else "logged off")
            + ("" if row.enabled else ", disabled"),
            row.blocked or "",
            str(row.next_in),
            str(row.next_out),
            str(row.open_orders),
        )
    return table
