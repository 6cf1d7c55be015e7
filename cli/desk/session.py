"""`venue session`: the FIX sessions of the running venue."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from venue.admin.answers import SessionAnswer, SessionRow
from venue.admin.requests import ResetNumbers, SessionQuery, SessionsQuery
from venue.cli.desk.operator import ask, print_done
from venue.cli.desk.session_secrets import SessionArgument, key, password
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
)
from venue.cli.text.times import in_zone
from venue.domain.commands import ResetSession
from venue.printable import shown

if TYPE_CHECKING:
    from rich.table import Table

app = typer.Typer(no_args_is_help=True)
app.command(epilog="Example: venue session password ALPHA < new-password")(password)
app.command(epilog="Example: venue session key ALPHA alpha.pub")(key)


@app.callback()
def session() -> None:
    """FIX sessions: list, show, log out, disable, reset; their passwords and keys.

    They are added, changed and removed in sessions.cfg and venue.toml, with `venue config apply`.
    """


@app.command("list", epilog="Example: venue session list --json")
def list_sessions(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """Sessions that trade: their state, next MsgSeqNum each way, and open orders.

    Who reads market data: venue md sessions. Who listens to drop copies: venue dropcopy listeners.
    """
    rows = ask(data_dir_of(context, data_dir), SessionsQuery()).sessions
    if as_json:
        print_rows("sessions", rows)
        return
    console().print(sessions_table(rows))


@app.command(epilog="Example: venue session show ALPHA --json")
def show(
    context: typer.Context,
    name: SessionArgument,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """One session: from where and since when it is on, numbers, unread, last refused logons.

    Asks the running venue. Refused logons are those since its process has started; why is told to
    nobody else. Of market data and drop copies, too: subscriptions, what waits, how far it is.
    """
    told = ask(data_dir_of(context, data_dir), SessionQuery(name))
    if as_json:
        print_json(told)
        return
    for line in _lines(told):
        typer.echo(shown(line))


def _lines(told: SessionAnswer) -> Iterator[str]:
    row, on = told.session, told.session.connection
    yield f"{row.session} of {row.member}{'' if row.enabled else ', disabled'}"
    if row.blocked:
        yield f"no entry: {row.blocked}"
    if on is None:
        yield "logged off"
    else:
        way = "by TLS" if on.secure else "without TLS"
        yield f"logged on since {on.since} from {on.address} {way}"
        yield f"last heard of {on.last_message}, {on.bytes_unread:,} bytes not sent yet"
    yield f"next MsgSeqNum in {row.next_in:,}, out {row.next_out:,}{_unread(told)}"
    if row.kind == "trading":
        cancels = "are canceled" if row.cancel_on_disconnect else "stay"
        yield f"{row.open_orders:,} open orders, which {cancels} when it ends"
        yield f"at most {row.messages_per_second:,} orders and replaces a second"
    elif row.kind == "marketdata":
        pace = "conflated, for it reads slowly" if told.conflated else "it keeps up"
        yield f"market data: {told.subscriptions:,} subscriptions, {pace}"
    else:
        at = "not known" if told.position is None else f"event {told.position:,}"
        yield f"drop copies: sent up to {at}"
    if told.ended is not None:
        yield f"ended by the venue {in_zone(told.ended.time)}: {told.ended.why}"
    for each in told.refused_logons:
        yield f"logon refused {in_zone(each.time)} from {each.address}: {each.why}"
    if not told.refused_logons:
        yield "no logon was refused since its process has started"


def _unread(told: SessionAnswer) -> str:
    of_what = {"trading": "reports", "dropcopy": "copies"}.get(told.session.kind)
    return "" if of_what is None else f"; {told.unread:,} {of_what} unread"


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
