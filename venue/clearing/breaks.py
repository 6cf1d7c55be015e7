"""Differences between the ledger and the journal, each named by table, key and column.

Pure text; knows rows by the names of their columns.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from venue.clearing.ordered_rows import OrderedRows


class Break(msgspec.Struct, frozen=True):
    """One difference. where: table and key. event_seq: the event concerned, 0 where there is none.

    what: the column, or "row". booked, journal: what each says; None: nothing.
    """

    where: str
    event_seq: int
    what: str
    booked: str | None
    journal: str | None

    def __str__(self) -> str:
        if self.what == "row" and self.booked is None:
            return f"{self.where}: missing, the journal says {self.journal}"
        if self.what == "row" and self.journal is None:
            return f"{self.where}: {self.booked} is not of the journal"
        return f"{self.where}: {self.what} is {self.booked}, the journal says {self.journal}"


class Breaks:
    """All differences that were found, in the order in which they were."""

    def __init__(self) -> None:
        self.found: list[Break] = []

    def add(self, where: str, event_seq: int, what: str, booked: Any, journal: Any) -> None:
        """Name a difference."""
        self.found.append(Break(where, event_seq, str(what), _said(booked), _said(journal)))

    def missing(self, where: str, event_seq: int, said: dict[str, Any]) -> None:
        """Name a row that the ledger lacks."""
        self.add(where, event_seq, "row", None, _told(said))

    def extra(self, where: str, event_seq: int, row: Any) -> None:
        """Name a row of which the journal says nothing."""
        self.add(where, event_seq, "row", _told(row._asdict()), None)

    def compare(self, where: str, event_seq: int, found: Any, said: dict[str, Any]) -> None:
        """Name each column of a row that is not as it was said."""
        for column, value in said.items():
            booked = getattr(found, column)
            if not _equal(booked, value):
                self.add(where, event_seq, column, booked, value)

    def compare_next(
        self, table: str, where: str, said: dict[str, Any], booked: OrderedRows
    ) -> Any:
        """The booked row of what was said, each column compared; None where there is none.

        said: the columns of the key, and event_seq, among them. table: names rows in front of it.
        """
        key = tuple(said[column] for column in booked.key)
        self.extras(table, booked.before(key))
        found = booked.at(key)
        if found is None:
            self.missing(where, said["event_seq"], said)
            return None
        self.compare(where, said["event_seq"], found, said)
        return found

    def extras(self, table: str, rows: Iterator[Any]) -> None:
        """Name rows that belong to events and are not of the journal."""
        for row in rows:
            self.extra(f"{table} {row.event_seq}", row.event_seq, row)


def _equal(found: Any, said: Any) -> bool:
    if isinstance(found, Decimal) and said is not None:
        return found == Decimal(str(said))
    if isinstance(found, date) and isinstance(said, str):
        return found.isoformat() == said
    return bool(found == said)


def _said(value: Any) -> str | None:
    if value is None:
        return None
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _told(row: dict[str, Any]) -> str:
    """A row's columns in one line, without its key."""
    return ", ".join(f"{name} {_said(value)}" for name, value in row.items() if name != "event_seq")
