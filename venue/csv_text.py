"""Rows as CSV text: a line of names, then a line a row.

Pure. A cell that a spreadsheet would take for a formula gets an apostrophe.
"""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The whole table; what is None is empty. Lines end with a line feed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([cell(value) for value in row])
    return out.getvalue()


def csv_line(row: Sequence[object]) -> str:
    """One row, with its line feed."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([cell(value) for value in row])
    return out.getvalue()


def cell(value: object) -> object:
    """A value as it may stand in a file that a spreadsheet opens."""
    if isinstance(value, str) and value.startswith(_FORMULA) and not _is_number(value):
        return f"'{value}"
    return "" if value is None else value


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()
