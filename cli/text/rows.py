"""Rows as CSV: a line of names, then a line a row; the same fields as with --json.

Prints what it is given. A cell that a spreadsheet would take for a formula gets an apostrophe.
"""

import csv
import sys
from collections.abc import Iterable
from typing import Annotated

import msgspec
import typer

CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV, with a line of names first.")]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def print_csv(kind: type[msgspec.Struct], rows: Iterable[msgspec.Struct]) -> None:
    """Print the rows of one kind; what is not set is empty."""
    names = kind.__struct_fields__
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        told = msgspec.to_builtins(row)
        writer.writerow([_cell(told[name]) for name in names])


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA) and not _is_number(value):
        return f"'{value}"
    return "" if value is None else value


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()
