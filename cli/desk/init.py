"""`venue init`: a commented configuration of one's own.

Parses, writes two files, checks them as `venue run` would, prints.
"""

import os
from pathlib import Path
from typing import Annotated

import typer

from venue.cli.json_output import print_json
from venue.cli.options import JsonOption, YesOption, confirm, refuse
from venue.durable_file import replace_durably
from venue.printable import shown
from venue.settings.own_configuration import CONFIGURATION, data_dir_of, own_configuration
from venue.settings.settings import load_settings


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Made if it is not there.", file_okay=False)
    ],
    bare: Annotated[
        bool, typer.Option("--bare", help="The demo's members and instruments as comments only.")
    ] = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Write venue.toml and sessions.cfg into a directory, with every key and what it means.

    Its data will be in DIR/data. Files that are there already are replaced only with --yes. With
    --bare nobody can log on until members, sessions and instruments are added: for a venue that is
    no demo, and has no demo passwords.

    Examples:

        venue init ~/exchange

        venue init /etc/venue --bare
    """
    texts = own_configuration(directory, bare=bare)
    files = [directory / name for name in texts]
    there = [str(file) for file in files if os.path.lexists(file)]
    if there:
        confirm(f"replace {', '.join(there)}", yes)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file, text in zip(files, texts.values(), strict=True):
            replace_durably(file, text.encode())
    except OSError as error:
        refuse(f"not written: {error.strerror or error} {error.filename or ''}".strip())
    config, data_dir = directory / CONFIGURATION, data_dir_of(directory)
    load_settings(config)  # what VENUE_ variables say may contradict it
    if json:
        print_json({"files": [str(file) for file in files], "data_dir": str(data_dir)})
        return
    for file in files:
        typer.echo(shown(str(file)))
    typer.echo(shown(f"start it with: venue run --config {config}"), err=True)
    typer.echo(shown(f"and let all commands find it: venue use {directory}"), err=True)
