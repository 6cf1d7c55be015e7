"""Rows of the table `position_changes`: what changes positions and is no trade as executed.

May know SQL; writes in the transaction that it is given, reads nothing. A trade is in `trades`.
"""

from collections.abc import Sequence
from typing import Any

import psycopg

from venue.clearing.copying import Row, copy_rows
from venue.clearing.portfolio.changes import Change, ChangeKind, changes_of
from venue.domain.decimal_text import format_money
from venue.domain.events import AnyEvent

COLUMNS = (
    "event_seq", "line", "kind", "member", "account", "asset", "quantity", "symbol", "currency",
    "amount", "fee", "of_id",
)  # fmt: skip
_COPY = f"COPY clearing.position_changes ({', '.join(COLUMNS)}) FROM STDIN"


def add_changes(cursor: "psycopg.Cursor[Any]", events: Sequence[AnyEvent]) -> None:
    """Add the rows of these events. Raises EventNotPostable, psycopg.Error."""
    rows = [row for event in events for row in change_rows(event)]
    if rows:
        copy_rows(cursor, _COPY, rows)


def change_rows(event: AnyEvent) -> list[Row]:
    """The rows of an event, a value for each of COLUMNS; a trade as executed has none."""
    changes = [change for change in changes_of(event) if change.kind is not ChangeKind.TRADE]
    return [_row(line, change) for line, change in enumerate(changes)]


def _row(line: int, change: Change) -> Row:
    return (
        change.event_seq,
        line,
        change.kind.value,
        change.member,
        change.account,
        change.asset,
        format_money(change.quantity),
        change.symbol,
        change.currency,
        format_money(change.amount),
        format_money(change.fee),
        change.of,
    )


__all__ = ["COLUMNS", "add_changes", "change_rows"]
