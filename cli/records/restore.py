"""`venue restore`: a new data directory from a backup.

Parses, calls, prints.
"""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from venue.backup.manifest import BackupRefused
from venue.backup.restore import check_backup, restore_backup
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
from venue.cli.records.backup import lines, progress, told
from venue.cli.records.recorded import warn_on_stderr
from venue.printable import shown


def restore(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The backup.")],
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Make a new data directory from a backup, and check all of it.

    Its journal has an identity of its own: it does not start while the original runs on this
    machine, and halts on the original's NATS and database. Sessions stay closed after its start
    until `venue session open`, because clients may be ahead: see docs/OPERATING.md.

    Examples:

        venue restore /mnt/backup/2026-01-31 --data-dir /var/lib/venue-2

        venue restore /mnt/backup/2026-01-31 --data-dir /var/lib/venue-2 --dry-run
    """
    place = data_dir_of(context, data_dir)
    warn_on_stderr()
    began = time.monotonic()
    identity = None
    try:
        if dry_run:
            manifest = check_backup(directory, progress)
        else:
            confirm(f"restore {directory} into {place}", yes)
            manifest, identity = restore_backup(directory, place, progress)
    except BackupRefused as error:
        refuse(f"not restored: {error}")
    except OSError as error:
        refuse(f"not restored: {error.strerror or error} {error.filename or ''}".strip())
    seconds = round(time.monotonic() - began, 3)
    if json:
        facts: dict[str, Any] = {"ok": True, "dry_run": dry_run, "seconds": seconds}
        facts |= {"restored_to": str(place), "restored_journal": identity, **told(manifest)}
        print_json(facts)
        return
    for line in lines(manifest):
        typer.echo(shown(line))
    if dry_run:
        typer.echo("every file is as it was backed up; nothing was made")
        return
    typer.echo(shown(f"restored to {place} as journal {identity} in {seconds:g} s"))
    typer.echo(
        shown(
            f"start it with: venue run --data-dir {place} --config "
            f"{place / manifest.configuration}; then look at venue status, and let the "
            "sessions log on by: venue session open"
        )
    )
