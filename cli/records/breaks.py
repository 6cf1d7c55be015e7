"""`venue breaks`: what reconciliation has found, whose it is, and what became of it.

Parses, calls, prints; reads and appends to the book of breaks in the data directory.
"""

import os
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table

from venue.accounts import account_name
from venue.admin.login_file import LoginUnreadable, login_of
from venue.cli.json_output import print_json
from venue.cli.options import (
    DataDirOption,
    JsonOption,
    YesOption,
    console,
    data_dir_of,
    refuse,
)
from venue.cli.text.times import shown_time
from venue.clock import Clock
from venue.data_directory import DataDirectory
from venue.printable import shown
from venue.reconcile.break_rows import break_row
from venue.reconcile.breaks import Break, BreakBook, BreaksUnreadable, NoSuchBreak, State

app = typer.Typer(no_args_is_help=True)
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Of the break, such as B3f09c2.")]
_NS = 1_000_000_000


@app.callback()
def breaks() -> None:
    """What reconciliation has found: list, show, assign to somebody, close."""


@app.command("list")
def list_breaks(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Those that are gone or closed, too.")
    ] = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """List the open breaks: id, age, owner, what differs.

    Examples:

        venue breaks list

        venue breaks list --all --json
    """
    found = [each for each in _breaks(_book(context, data_dir)) if everything or _is_open(each)]
    if json:
        print_json({"ok": True, "breaks": [break_row(each) for each in found]})
        return
    if not found:
        print("no break is open" if not everything else "there was never a break")
        return
    table = Table(title="Breaks")
    for heading in ("id", "state", "age", "owner", "what differs"):
        table.add_column(heading)
    for each in found:
        table.add_row(
            each.break_id, each.state, _age(each), shown(each.owner), shown(str(each.difference))
        )
    console().print(table)


@app.command("show")
def show(
    context: typer.Context,
    break_id: IdArgument,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Show a break with its whole history.

    Example: venue breaks show B3f09c2a61d04
    """
    found = next(
        (each for each in _breaks(_book(context, data_dir)) if each.break_id == break_id), None
    )
    if found is None:
        refuse(f"there is no break {break_id}")
    if json:
        print_json({"ok": True, **msgspec.structs.asdict(break_row(found))})
        return
    print(shown(f"{found.break_id} {found.state}: {found.difference}"))
    for act in found.history:
        by = f" by {act.by}" if act.by else ""
        note = f": {act.note}" if act.note else ""
        print(shown(f"{shown_time(act.timestamp_ns)} {act.kind}{by}{note}"))


@app.command("assign")
def assign(
    context: typer.Context,
    break_id: IdArgument,
    owner: Annotated[str, typer.Argument(help="Who looks after it.")],
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Give an open break to somebody.

    Example: venue breaks assign B3f09c2a61d04 dana
    """
    place = DataDirectory(data_dir_of(context, data_dir))
    try:
        found = BreakBook(place.breaks).assign(break_id, owner, _who(place), Clock().now_ns())
    except (NoSuchBreak, BreaksUnreadable) as error:
        refuse(str(error))
    _say(found, f"{break_id} is {owner}'s", json=json)


@app.command("close")
def close(
    context: typer.Context,
    break_id: IdArgument,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Kept in its history.")],
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Close an open break, with the reason. If a later round finds it, it is open again.

    Example: venue breaks close B3f09c2a61d04 --reason "restored from the backup of 7 May"
    """
    place = DataDirectory(data_dir_of(context, data_dir))
    if not reason.strip():
        refuse("a break is closed for a reason")
    try:
        found = BreakBook(place.breaks).close(break_id, reason, _who(place), Clock().now_ns())
    except (NoSuchBreak, BreaksUnreadable) as error:
        refuse(str(error))
    _say(found, f"{break_id} is closed", json=json)


def _say(found: Break, text: str, *, json: bool) -> None:
    if json:
        print_json({"ok": True, **msgspec.structs.asdict(break_row(found))})
    else:
        print(shown(text))


def _book(context: typer.Context, data_dir: Any) -> BreakBook:
    return BreakBook(DataDirectory(data_dir_of(context, data_dir)).breaks)


def _breaks(book: BreakBook) -> list[Break]:
    try:
        return book.breaks()
    except BreaksUnreadable as error:
        refuse(str(error))


def _is_open(found: Break) -> bool:
    return found.state is State.OPEN


def _age(found: Break) -> str:
    seconds = max(0, (Clock().now_ns() - found.since_ns) // _NS)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _who(place: DataDirectory) -> str:
    """Who acts: the operator who is logged in, else the Unix account."""
    try:
        login = login_of(place.path)
    except LoginUnreadable as error:
        refuse(str(error))
    return account_name(os.getuid()) if login is None else login.name
