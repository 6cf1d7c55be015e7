"""`venue dropcopy listeners` and `rewind`: who listens to drop copies over FIX, and from where on.

Reads what the process `fix-dropcopy` has written, and asks it by a file; parses and prints.
"""

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from venue.cli.json_output import print_json, print_rows
from venue.cli.options import (
    DataDirOption,
    JsonOption,
    YesOption,
    confirm,
    console,
    data_dir_of,
    refuse,
)
from venue.data_directory import DataDirectory
from venue.fixdc.listener_rows import ListenerRow, listener_rows, places_of
from venue.fixdc.places import ask_rewind
from venue.printable import shown
from venue.processes import FIX_DROPCOPY
from venue.servers.runtime import find_running

if TYPE_CHECKING:
    from rich.table import Table

FIRST = "first"
_EXEC_ID = re.compile("[1-9][0-9]{0,17}[0-2]")
_TAKEN_SECONDS = 10.0
_LOOK_SECONDS = 0.05


def listeners_table(rows: list[ListenerRow]) -> "Table":
    """Table of listeners."""
    from rich.table import Table  # here, for JSON needs no table

    table = Table("listener", "of", "gets", "state")
    for heading in ("position", "lag", "unread"):
        table.add_column(heading, justify="right")
    for row in rows:
        state = "logged on" if row.logged_on else "logged off"
        state += ", does not read" if row.waits else ""
        state += f", lost up to event {row.lost_through}" if row.lost_through else ""
        table.add_row(
            row.session,
            shown(", ".join([*row.members, *row.accounts])),
            row.levels,
            state,
            f"{row.position:,}",
            "?" if row.lag is None else f"{row.lag:,}",
            f"{row.unread:,}",
        )
    return table


def listeners(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """Who listens to drop copies over FIX: whose, how far each is, and what it has not read."""
    rows = listener_rows(data_dir_of(context, data_dir))
    if as_json:
        print_rows("listeners", rows)
    else:
        console().print(listeners_table(rows))


def rewind(
    context: typer.Context,
    session: Annotated[str, typer.Argument(metavar="SESSION", help="That listens.")],
    exec_id: Annotated[
        str, typer.Argument(metavar="EXECID", help="First copy to tell again; or: first.")
    ],
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Set a listener back: it is told again from an ExecID on, with PossResend(97)=Y.

    It need not log on anew. What it has not read yet is never passed over.
    """
    place = data_dir_of(context, data_dir)
    known = places_of(place).listeners
    if session not in known:
        names = f"there are {', '.join(known)}" if known else "there is none yet"
        refuse(f"there is no listener {session}; {names}")
    if exec_id != FIRST and not _EXEC_ID.fullmatch(exec_id):
        refuse(f"{exec_id!r} is no ExecID, nor {FIRST!r}")
    behind = 0 if exec_id == FIRST else int(exec_id) // 10 - 1
    at = known[session].event_seq
    if behind > at:
        refuse(f"{session} is at event {at}, before ExecID {exec_id}: it is only set back")
    confirm(f"tell {session} again from ExecID {exec_id} on", yes)
    path = ask_rewind(DataDirectory(place).drop_copies, session, behind)
    running = find_running(place)
    is_up = running is not None and running.pid_of(FIX_DROPCOPY.name) is not None
    if is_up and not _is_taken(path):
        refuse(f"{FIX_DROPCOPY.name} has not taken it yet: it will when it goes on")
    if as_json:
        print_json({"ok": True, "session": session, "behind_event": behind, "taken": is_up})
    else:
        when = "" if is_up else f" once {FIX_DROPCOPY.name} runs"
        typer.echo(f"{session} is told again what lies behind event {behind}{when}")


def _is_taken(path: Path) -> bool:
    until = time.monotonic() + _TAKEN_SECONDS
    while path.exists():
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK_SECONDS)
    return True
