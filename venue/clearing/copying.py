"""COPY into the ledger's tables: rows of values, or lines of postings written out at once.

May know psycopg. Raises psycopg.Error.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any

import psycopg

from venue.clearing.running import LINE, Line

Row = tuple[object, ...]

_LINES_AT_ONCE = 1_000
_COPY_LINES = f"COPY clearing.postings ({', '.join(LINE)}) FROM STDIN"


def copy_rows(cursor: "psycopg.Cursor[Any]", statement: str, rows: Iterable[Row]) -> None:
    """Insert rows by COPY."""
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def copy_lines(cursor: "psycopg.Cursor[Any]", lines: Iterable[Line]) -> None:
    """Insert lines of postings by COPY. PostgreSQL stores them while the next are made.

    They have numbers and dates only, so that nothing needs to be escaped.
    """
    with cursor.copy(_COPY_LINES) as copy:
        source = iter(lines)
        while part := "".join(map(_text, islice(source, _LINES_AT_ONCE))):
            copy.write(part)


def _text(line: Line) -> str:
    seq, at, account_id, amount, before, after, version, value_date, number = line
    wallet_number = r"\N" if number is None else number
    return (
        f"{seq}\t{at}\t{account_id}\t{amount!s}\t{before!s}\t{after!s}\t{version}\t{value_date}\t"
        f"{wallet_number}\n"
    )
