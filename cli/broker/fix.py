"""`venue fix`: reading FIX with names instead of numbers, from files, pipes and sessions' logs.

Knows files and how to print; must never open a connection or show a password.
"""

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from venue.cli.desk.known_names import check_names
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, data_dir_of, refuse, wrong_use
from venue.data_directory import DataDirectory
from venue.fix.names import Names
from venue.fix_text import FoundMessage, as_lines, as_object
from venue.journal.compressed import SUFFIX, CompressionDamage, open_compressed
from venue.session_log import found_in, latest_lines
from venue.settings.files import find_beside

app = typer.Typer(no_args_is_help=True, help="Read FIX messages with names and enumerations.")

_FOLLOW_SECONDS = 0.2

DictionaryOption = Annotated[
    Path | None,
    typer.Option("--dictionary", metavar="FILE", help="Instead of spec/FIX44.xml."),
]


@app.callback()
def fix() -> None:
    """Read FIX messages with names and enumerations."""


@app.command(
    epilog="Examples: venue fix decode capture.log | tail -f capture.log | venue fix decode | "
    "venue fix decode --json session.log"
)
def decode(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="A file, or - for stdin.")] = "-",
    dictionary: DictionaryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the FIX messages of a file; the rest of its text is ignored.

    Separators may be SOH, |, ;, ^A, <SOH>, U+2401 or a blank. Secrets are masked. A wrong CheckSum
    or BodyLength, a code that its field does not have, and a required field that is missing are
    pointed out. Exit status 1 when there is no message.
    """
    names = names_of(dictionary)
    try:
        with _opened(file) as stream:
            count = _print(found_in(stream), names, as_json=as_json)
    except CompressionDamage as error:
        refuse(f"{file}: {error}")
    except OSError as error:
        refuse(f"{file}: {error.strerror or error}")
    if count == 0:
        refuse(f"{'stdin' if file == '-' else file} has no FIX message (looked for 8=FIX)")


@app.command(
    epilog="Examples: venue fix log --session ALPHA | venue fix log --session ALPHA --follow | "
    "venue fix log --session BRAVO --lines 3 --json"
)
def log(
    context: typer.Context,
    session: Annotated[str, typer.Option("--session", metavar="COMPID", help="Whose messages.")],
    follow: Annotated[bool, typer.Option("--follow", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[
        int, typer.Option("--lines", min=0, metavar="N", help="How many of the latest.")
    ] = 20,
    data_dir: DataDirOption = None,
    dictionary: DictionaryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the latest messages of a session, as the venue has logged them (in: from the member).

    They are read back over files that were set aside, compressed or not.
    With --follow --json each message is a JSON object on a line of its own.
    """
    place = data_dir_of(context, data_dir)
    file = DataDirectory(place).session_log(Path(session).name)
    names = names_of(dictionary)
    latest, end = lines_of(session, file, lines, place)
    _print(found_in(latest), names, as_json=as_json, one_by_one=follow)
    if follow:
        with suppress(KeyboardInterrupt):
            _print(_following(file, end), names, as_json=as_json, one_by_one=True)


def lines_of(session: str, file: Path, lines: int, place: Path | None) -> tuple[list[bytes], int]:
    """See latest_lines; ends with status 1 where the file cannot be read.

    place: a data directory, that may know a session of nearly this name.
    """
    try:
        return latest_lines(file, lines)
    except FileNotFoundError:
        if place is not None:
            check_names(place, session=session)
        refuse(f"no messages of session {session}: {file} does not exist")
    except CompressionDamage as error:
        refuse(f"a log of {session} that was set aside is damaged: {error}")
    except OSError as error:
        refuse(f"{file}: {error.strerror or error}")


def names_of(dictionary: Path | None) -> Names:
    """Names in this dictionary, or the venue's; ends with status 2 where there is none."""
    path = dictionary or find_beside(Path(), Path("spec/FIX44.xml"))
    if path is None:
        wrong_use("spec/FIX44.xml is not there; name one with --dictionary")
    try:
        return Names.read(path)
    except OSError as error:
        wrong_use(f"{path}: {error.strerror or error}")
    except ValueError as error:
        wrong_use(str(error))


def _opened(file: str) -> BinaryIO:
    if file.endswith(SUFFIX):
        return open_compressed(Path(file))
    return sys.stdin.buffer if file == "-" else Path(file).open("rb")


def _print(
    messages: Iterable[FoundMessage], names: Names, *, as_json: bool, one_by_one: bool = False
) -> int:
    """Print the messages as they come; return how many there were."""
    count = 0
    objects = []
    for count, message in enumerate(messages, 1):  # noqa: B007
        if not as_json:
            head, *rest = as_lines(message, names)
            typer.secho(head, bold=True)
            typer.echo("\n".join([*rest, ""]))
        elif one_by_one:
            typer.echo(json.dumps(as_object(message, names)))
        else:
            objects.append(as_object(message, names))
        if one_by_one:
            sys.stdout.flush()
    if as_json and not one_by_one and count:
        print_json({"messages": objects})
    return count


def _following(file: Path, position: int) -> Iterator[FoundMessage]:
    """Messages added behind `position`, for ever, over rotations of the file."""
    stream = file.open("rb")
    try:
        stream.seek(position)
        rest = b""
        while True:
            data = stream.read()
            if data:
                *lines, rest = (rest + data).split(b"\n")
                yield from found_in(lines)
                continue
            if _is_replaced(file, stream):
                stream.close()
                stream, rest = file.open("rb"), b""
            else:
                time.sleep(_FOLLOW_SECONDS)
    finally:
        stream.close()


def _is_replaced(file: Path, stream: BinaryIO) -> bool:
    try:
        return not os.path.samestat(file.stat(), os.fstat(stream.fileno()))
    except FileNotFoundError:  # between rename and the first line of the new file
        return False
