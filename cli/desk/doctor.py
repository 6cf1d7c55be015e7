"""`venue doctor`: what is wrong with machine, configuration and data directory, and what to do.

Parses, calls, prints. Asks no running venue, and changes nothing.
"""

from pathlib import Path
from typing import Annotated

import typer

from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, given_data_dir
from venue.doctor.examination import examine
from venue.printable import shown
from venue.settings.settings import load_settings


def doctor(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Instead of ./venue.toml.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one setting.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings count: status 1 for them too.")
    ] = False,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check machine, configuration and data directory, and say of each finding what to do.

    Python, core, compiler, disk and its time to write, clock, ports, open files, kernel settings,
    servers' versions, demo passwords, certificates, configuration that is not in force, and what
    would stop the next start. May be run beside a running venue. Exit status 1 if there is an
    error.

    Examples: venue doctor | venue doctor --strict --json
    """
    directory = given_data_dir(context, data_dir)
    found = examine(lambda: load_settings(config, overrides or (), directory))
    is_bad = bool(found.findings if strict else found.errors)
    if as_json:
        print_json({"ok": not is_bad, "findings": found.findings, "measured": found.measured})
    else:
        for each in found.findings:
            typer.echo(shown(f"{each.level.value}: {each.code}: {each.what}"))
            typer.echo(shown(f"    do: {each.do}"))
        told = ", ".join(f"{name} {value}" for name, value in found.measured.items())
        typer.echo(shown(f"{len(found.errors)} errors, {len(found.findings) - len(found.errors)} "
                         f"warnings; {told}"))  # fmt: skip
    if is_bad:
        raise typer.Exit(1)
