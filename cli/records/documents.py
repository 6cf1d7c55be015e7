"""What commands share that make documents from the ledger: forms, days, and where a file goes."""

import sys
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from sqlalchemy import Engine

from venue.clearing.documents.business_days import BusinessDays, NotAPeriod, Period
from venue.clearing.statements import booked_position
from venue.cli.json_output import print_json
from venue.cli.options import choice_of, refuse, said_when_slow, wrong_use
from venue.data_directory import DataDirectory
from venue.journal.files import replace
from venue.journal.reader import JournalReader
from venue.journal.segment import has_segments
from venue.printable import shown
from venue.servers import ServerError
from venue.servers.runtime import find_running
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import load_settings

BOOKED_SECONDS = 30.0
_LOOK_SECONDS = 0.1
D = TypeVar("D", bound=msgspec.Struct)


class Form(StrEnum):
    """How a document is given."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PDF = "pdf"


FormOption = Annotated[
    Form | None,
    typer.Option(
        "--format",
        metavar="FORM",
        parser=choice_of(Form),
        help="table (the default), csv, json or pdf.",
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write it there as a whole, instead of stdout."
    ),
]


def form_of(form: Form | None, as_json: bool, output: Path | None) -> Form:
    """The form that was asked for; ends with status 2 for two of them, or a table in a file."""
    if as_json and form not in (None, Form.JSON):
        wrong_use("give --format or --json")
    wanted = Form.JSON if as_json else form or Form.TABLE
    if wanted is Form.TABLE and output is not None:
        wrong_use("a table is for the terminal: --output takes --format csv, json or pdf")
    if wanted is Form.PDF and output is None and sys.stdout.isatty():
        wrong_use("a PDF is not for the terminal: --output FILE")
    return wanted


def give(
    made: D,
    wanted: Form,
    output: Path | None,
    *,
    table: Callable[[D], None],
    csv: Callable[[D], str],
    pdf: Callable[[D], bytes],
) -> None:
    """Give a document as `form_of` has said; ends with status 1 where it cannot be written."""
    if wanted is Form.TABLE:
        table(made)
    elif wanted is Form.CSV:
        _deliver(csv(made).encode(), output)
    elif wanted is Form.PDF:
        _deliver(pdf(made), output)
    elif output is None:
        print_json(made)
    else:
        _deliver(msgspec.json.encode(made) + b"\n", output)


def _deliver(content: bytes, output: Path | None) -> None:
    """Write to the file, or to stdout; ends with status 1 where the file cannot be written."""
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        replace(output, content, durably=True)
    except OSError as error:
        refuse(f"{output} cannot be written: {error.strerror or error}")
    typer.echo(shown(f"written to {output}"), err=True)


def business_days(data_dir: Path) -> BusinessDays:
    """The days of the venue there, by the [calendar] that it was started with, else is configured.

    Ends with status 2 where the configuration cannot be read.
    """
    try:
        running = find_running(data_dir)
        config = Path(running.config) if running is not None and running.config else None
        return BusinessDays(load_settings(config, data_dir=data_dir).timetable())
    except ServerError as error:
        refuse(str(error))
    except ConfigurationError as error:
        wrong_use(str(error))


def period_of(find: Callable[[str], Period], text: str) -> Period:
    """A day or month as it was typed; ends with status 2 for what is none."""
    try:
        return find(text)
    except NotAPeriod as error:
        wrong_use(str(error))


def ensure_booked(engine: Engine, data_dir: Path) -> None:
    """Wait until the ledger has all that the journal has now; ends with status 1 if it does not.

    Away from the journal, and where nobody shows how far it is, nothing is waited for.
    """
    journal = DataDirectory(data_dir).journal
    last = None
    if has_segments(journal):
        reader = JournalReader(journal)
        last = reader.durable_event_seq()
        reader.close()
    if last is None:
        return
    deadline = time.monotonic() + BOOKED_SECONDS
    with said_when_slow(f"waiting until the ledger has event {last}"):
        while (booked := booked_position(engine).event_seq) < last:
            if time.monotonic() > deadline:
                refuse(f"the ledger is at event {booked}, the journal at {last}: try again later")
            time.sleep(_LOOK_SECONDS)
