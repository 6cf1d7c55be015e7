"""`venue journal adopt`: a journal that was copied or moved goes on where it is now.

Parses, calls, prints.
"""

from pathlib import Path

import typer

from venue.cli.json_output import print_json
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    YesOption,
    confirm,
    data_dir_of,
    refuse,
)
from venue.cli.records.recorded import journal_directory, refusing
from venue.clock import Clock, iso
from venue.journal.identity import adopt_journal, is_at_home, journal_identity
from venue.journal.origin import new_origin, read_origin, write_origin
from venue.servers.lock import is_held


def adopt(
    context: typer.Context,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Let a journal that was copied, restored or moved to another disk go on where it is now.

    Only for a journal whose original will not run again: two that go on from the same event are two
    histories, and ledger, trail and streams refuse the second. Nobody knows whether a copy is as
    new as its original was, so sessions stay closed until `venue session open`.

    Example: venue journal adopt --data-dir /mnt/new/venue --yes
    """
    place = data_dir_of(context, data_dir)
    directory = journal_directory(place)
    if is_held(place):
        refuse(f"a venue runs in {place}")
    with refusing():
        identity, is_adopted = journal_identity(directory), is_at_home(directory)
        if not is_adopted and not dry_run:
            confirm(f"let journal {identity} go on in {directory}, and nowhere else", yes)
            _adopt(directory)
    if json:
        told = {"ok": True, "journal": identity, "adopted": not is_adopted, "dry_run": dry_run}
        print_json(told)
    elif is_adopted:
        typer.echo(f"journal {identity} is at home in {directory}: nothing to do")
    else:
        typer.echo(f"journal {identity} {'would go' if dry_run else 'goes'} on in {directory}")


def _adopt(directory: Path) -> None:
    """The origin first: a journal that is at home without it would open its sessions."""
    origin = read_origin(directory)
    why = f"adopted {iso(Clock().now_ns())} as a copy of a journal, which may be older"
    write_origin(directory, new_origin(why, () if origin is None else origin.ancestors))
    adopt_journal(directory)
