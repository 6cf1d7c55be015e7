"""Verifies the table `position_changes` against the journal's events.

May know SQL. Read-only, on the connection that it is given. What a migration has taken over from
an older ledger is not compared: of a trade that was changed twice it has the last change only.
"""

from sqlalchemy import Connection, select

from venue.clearing.breaks import Breaks
from venue.clearing.ordered_rows import OrderedRows
from venue.clearing.portfolio.change_rows import COLUMNS, change_rows
from venue.clearing.postings import EventNotPostable
from venue.clearing.schema import TAKEN_OVER, position_changes
from venue.clearing.verify_accounts import rows_of
from venue.domain.events import AnyEvent

_TABLE = "position change of event"


class ChangesCheck:
    """Compares the rows of each event. first: the journal's first one."""

    def __init__(self, connection: Connection, breaks: Breaks, first: int) -> None:
        table = position_changes
        taken_over = select(table.c.event_seq).where(table.c.line == TAKEN_OVER)
        self._after = max(connection.execute(taken_over).scalar_one_or_none() or 0, first - 1)
        rows = (
            select(table)
            .where(table.c.event_seq > self._after)
            .order_by(table.c.event_seq, table.c.line)
        )
        self._booked = OrderedRows(iter(rows_of(connection, rows)), ("event_seq", "line"))
        self._breaks = breaks

    def take(self, event: AnyEvent) -> None:
        """Compare what this event changes."""
        if event.event_seq <= self._after:
            return
        try:
            rows = change_rows(event)
        except EventNotPostable as error:  # clearing halts in front of it
            self._breaks.add("position changes", event.event_seq, "row", None, str(error))
            return
        for row in rows:
            said = dict(zip(COLUMNS, row, strict=True))
            name = f"position change {row[0]} line {row[1]}"
            self._breaks.compare_next(_TABLE, name, said, self._booked)

    def compare(self) -> None:
        """Name what is left."""
        self._breaks.extras(_TABLE, self._booked.rest())


__all__ = ["ChangesCheck"]
