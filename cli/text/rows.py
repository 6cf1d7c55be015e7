"""Rows as CSV: a line of names, then a line a row; the same fields as with --json.

Prints what it is given, as venue.csv_text writes it.
"""

import sys
from collections.abc import Iterable
from typing import Annotated

import msgspec
import typer

from venue.csv_text import csv_text

CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV, with a line of names first.")]


def print_csv(kind: type[msgspec.Struct], rows: Iterable[msgspec.Struct]) -> None:
    """Print the rows of one kind; what is not set is empty."""
    names = kind.__struct_fields__
    told = (msgspec.to_builtins(row) for row in rows)
    sys.stdout.write(csv_text(names, ([row[name] for name in names] for row in told)))
