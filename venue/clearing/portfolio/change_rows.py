"""Rows of the table `position_changes`: what changes positions and is no trade as executed.

May know SQL; writes in the transaction that it is given, reads nothing. A trade is in `trades`.
"""

from collections.abc import Sequence
from typing import Any, cast

import psycopg
from sqlalchemy import Connection

from venue.clearing.portfolio.changes import Change, ChangeKind, changes_of
from venue.domain.decimal_text import format_money
from venue.domain.events import AnyEvent

COLUMNS = (
    "event_seq", "line", "kind", "member", "account", "asset", "quantity", "symbol", "currency",
    "amount", "fee", "of_id",
)  # fmt: skip
_COPY = f"COPY clearing.position_changes ({', '.join(COLUMNS)}) FROM STDIN"


def add_changes(connection: Connection, events: Sequence[AnyEvent]) -> None:
    """Add the rows of these events. Raises EventNotPostable, psycopg.Error."""
    rows = [row for event in events for row in change_rows(event)]
    if not rows:
        return
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)


def change_rows(event: AnyEvent) -> list[tuple[object, ...]]:
    """The rows of an event, a value for each of COLUMNS; a trade as executed has none."""
    changes = [change for change in changes_of(event) if change.kind is not ChangeKind.TRADE]
    return [_row(line, change) for line, change in enumerate(changes)]


def _row(line: int, change: Change) -> tuple[object, ...]:
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
