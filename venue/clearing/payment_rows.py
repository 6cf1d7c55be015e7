"""Rows of the table `payments`: what a deposit, withdrawal, transfer or reversal is called outside.

May know the schema; writes in the transaction that it is given.
"""

from collections.abc import Sequence
from typing import Any

import psycopg

from venue.clearing.copying import Row, copy_rows
from venue.domain.events import (
    AnyEvent,
    FundsDeposited,
    FundsReversed,
    FundsTransferred,
    FundsWithdrawn,
)

COLUMNS = ("event_seq", "reference")
_COPY = f"COPY clearing.payments ({', '.join(COLUMNS)}) FROM STDIN"


def add_payments(cursor: "psycopg.Cursor[Any]", events: Sequence[AnyEvent]) -> None:
    """Add a row for each event that has a reference. Raises psycopg.Error."""
    rows = [row for event in events if (row := payment_row(event)) is not None]
    if rows:
        copy_rows(cursor, _COPY, rows)


def payment_row(event: AnyEvent) -> Row | None:
    """The row of an event, a value for each of COLUMNS; None where it has none."""
    if not isinstance(event, FundsDeposited | FundsWithdrawn | FundsTransferred | FundsReversed):
        return None
    return (event.event_seq, event.reference) if event.reference else None
