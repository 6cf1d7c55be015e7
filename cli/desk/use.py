"""`venue use`: which venue commands ask where nothing says otherwise.

Parses, keeps one path of the account, prints.
"""

from pathlib import Path
from typing import Annotated

import typer

from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, given_data_dir, refuse, wrong_use
from venue.data_directory import DataDirectory
from venue.printable import shown
from venue.settings.data_dir import data_dir_in, look_for_data_dir
from venue.settings.own_configuration import CONFIGURATION
from venue.settings.remembered import forget, remember


def use(
    context: typer.Context,
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="A data directory, or of venue init.")
    ] = None,
    forget_it: Annotated[bool, typer.Option("--forget", help="Remember none.")] = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Remember a data directory for commands that are told of none; without DIR, say which it is.

    --data-dir, VENUE_DATA_DIR, and a venue.toml or .venue of the working directory go before it.
    `venue run` does not follow it. It is kept for this account, below XDG_CONFIG_HOME or ~/.config.

    Examples:

        venue use /var/lib/venue

        venue use

        venue use --forget
    """
    if directory is not None and forget_it:
        wrong_use("give a directory or --forget")
    try:
        if directory is not None:
            remember(_data_dir_at(directory))
        elif forget_it:
            forget()
    except OSError as error:
        refuse(f"not remembered: {error.strerror or error} {error.filename or ''}".strip())
    found = look_for_data_dir(given_data_dir(context, data_dir))
    path = found.path.absolute()
    if json:
        print_json({"data_dir": str(path), "because": found.because})
    else:
        typer.echo(shown(f"{path}  ({found.because})"))


def _data_dir_at(directory: Path) -> Path:
    """The data directory that is meant, absolute: a directory may have the configuration of one.

    Ends with status 1 where it is neither.
    """
    file = directory / CONFIGURATION
    if file.is_file():
        return (directory / data_dir_in(file)).absolute()
    if not DataDirectory(directory).journal.is_dir():
        refuse(f"{directory} has neither a journal nor a {CONFIGURATION}: nothing was changed")
    return directory.absolute()
