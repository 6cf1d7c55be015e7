"""`venue backup`: a copy of what cannot be made again, of a running venue or of a stopped one.

Parses, calls, prints.
"""

import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from venue.backup.manifest import BackupRefused, Manifest
from venue.backup.take import take_backup
from venue.checked_configuration import CheckedConfiguration
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, YesOption, data_dir_of, refuse
from venue.cli.records.recorded import warn_on_stderr
from venue.cli.text.times import shown_time
from venue.clock import iso
from venue.printable import shown
from venue.servers.runtime import find_running
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import load_settings


def backup(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty directory.")],
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Instead of what the venue runs with."),
    ] = None,
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Copy journal, snapshots, audit trail with its heads, credentials, incidents and configuration
    into DIR, at one record, while the venue runs or not; then check the whole copy and replay it.

    Streams and ledger are made again from the journal, and are not in it. A backup is whole once it
    has its backup.json. It holds secrets: keep it as the data directory itself.

    Examples:

        venue backup /mnt/backup/2026-01-31

        venue backup /mnt/backup/now --data-dir /var/lib/venue --json
    """
    place = data_dir_of(context, data_dir)
    warn_on_stderr()
    began = time.monotonic()
    try:
        manifest = take_backup(place, directory, _configuration(place, config), progress)
    except BackupRefused as error:
        refuse(f"no backup: {error}")
    except OSError as error:
        refuse(f"no backup: {error.strerror or error} {error.filename or ''}".strip())
    seconds = round(time.monotonic() - began, 3)
    if json:
        facts = {"directory": str(directory), "seconds": seconds, **told(manifest)}
        print_json({"ok": True, **facts})
        return
    for line in lines(manifest):
        typer.echo(shown(line))
    typer.echo(shown(f"backed up to {directory} in {seconds:g} s"))


def progress(text: str) -> None:
    """How far it is, on stderr."""
    typer.echo(shown(text), err=True)


def told(manifest: Manifest) -> dict[str, Any]:
    """A manifest's facts for JSON; of its files, how many and how large."""
    facts: dict[str, Any] = msgspec.to_builtins(manifest)
    files = facts.pop("files")
    facts["files"] = len(files)
    facts["bytes"] = sum(each["bytes"] for each in files)
    facts["time"] = iso(manifest.timestamp_ns)
    facts["ledger_rebuilds"] = manifest.first_event_seq == 1
    return facts


def lines(manifest: Manifest) -> list[str]:
    """What a backup is, for an operator."""
    told_lines = [
        f"journal {manifest.journal} of {manifest.data_dir}, until record {manifest.seq:,}, event "
        f"{manifest.event_seq:,} of {shown_time(manifest.timestamp_ns)}, trading day "
        f"{manifest.trading_day}",
        f"state {manifest.digest}, audit trail until event {manifest.trail_event_seq:,}",
    ]
    if manifest.first_event_seq > 1:
        told_lines.append(
            f"the journal begins with event {manifest.first_event_seq:,}: the ledger does not come "
            "from it alone, back up the database too"
        )
    return told_lines


def _configuration(data_dir: Path, config: Path | None) -> dict[str, Path]:
    """The files to copy by their names beside the configuration file: those with which the venue
    runs, as they were checked, or those of `config`."""
    try:
        if config is None and find_running(data_dir) is not None:
            copies = CheckedConfiguration(data_dir).files()
        else:
            files = load_settings(config, data_dir=data_dir).configuration_files()
            copies = {file: file for file in files}
    except ConfigurationError as error:
        raise ConfigurationError(f"{error}\n(--config names another configuration)") from error
    base = next(iter(copies)).parent
    return {
        str(file.relative_to(base)) if file.is_relative_to(base) else file.name: copy
        for file, copy in copies.items()
    }
