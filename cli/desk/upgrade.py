"""`venue upgrade --check`: which formats lie there, and what the next start makes of each.

Parses, calls, prints. Changes nothing; what is not running is not started.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from venue import logs
from venue.cli.json_output import print_json
from venue.cli.options import (
    DataDirOption,
    JsonOption,
    console,
    data_dir_of,
    wrong_use,
)
from venue.cli.progress import progress
from venue.doctor.finding import Finding
from venue.printable import shown
from venue.settings.settings import load_settings
from venue.upgrade.check import Upgrade
from venue.upgrade.check import check as check_upgrade
from venue.upgrade.format import NextStart


def upgrade(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Say what the next start comes to; change nothing.")
    ] = False,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Instead of ./venue.toml.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one setting.")
    ] = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say of each store which version lies there, which this program reads and writes, and whether
    its next start works, migrates or refuses; of each finding what to do.

    Run it with the new program, beside the venue that still runs with the old one: then the ledger
    and the stream are asked, too. The journal is executed again as a start would.

    Exit status 0: it will start; 1: it will not; 2: the configuration is none of this version.

    Examples:

        venue upgrade --check

        venue upgrade --check --data-dir /var/lib/venue --config /etc/venue/venue.toml --json
    """
    if not check:
        wrong_use("an upgrade is the next start of the new version: --check says what it comes to")
    place = data_dir_of(context, data_dir, None)
    logs.configure("venue", level="error")
    with progress("executing the journal, as a start would") as bar:
        found = check_upgrade(place, lambda: load_settings(config, overrides or (), place), bar.at)
    refuses = found.next_start is NextStart.REFUSES
    if as_json:
        told = {"next_start": found.next_start, "formats": found.formats}
        print_json({"ok": not refuses, **told})
    else:
        _print(found)
    if refuses:
        raise typer.Exit(2 if found.is_configuration_wrong else 1)


def _print(found: Upgrade) -> None:
    table = Table("store", "on disk", "reads", "writes", "next start")
    for each in found.formats:
        lists = (", ".join(each.on_disk), _in_short(each.reads), each.writes)
        table.add_row(each.store, *(text or "-" for text in lists), each.next_start)
    console().print(table)
    for finding in found.findings:
        _print_finding(finding)
    typer.echo(f"next start: {found.next_start}")


def _in_short(versions: list[str]) -> str:
    """Versions that are read; many by the first and the last."""
    return f"{versions[0]} to {versions[-1]}" if len(versions) > 2 else ", ".join(versions)


def _print_finding(finding: Finding) -> None:
    typer.echo(shown(f"{finding.level.value}: {finding.code}: {finding.what}"))
    typer.echo(shown(f"    do: {finding.do}"))
