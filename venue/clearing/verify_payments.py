"""Verifies references of payments against the journal's events.

Read-only, on the connection that it is given. What was booked before the table's first row may lack
its reference: an older version of the venue kept none.
"""

from sqlalchemy import Connection, func, select

from venue.clearing.breaks import Breaks
from venue.clearing.ordered_rows import OrderedRows
from venue.clearing.payment_rows import COLUMNS, payment_row
from venue.clearing.schema import payments
from venue.clearing.verify_accounts import rows_of
from venue.domain.events import AnyEvent

_TABLE = "payment of event"


class PaymentsCheck:
    """Compares the row of each event that has a reference."""

    def __init__(self, connection: Connection, breaks: Breaks, first: int) -> None:
        self._breaks = breaks
        self._kept_from = connection.execute(select(func.min(payments.c.event_seq))).scalar_one()
        after = select(payments).where(payments.c.event_seq >= first)
        rows = rows_of(connection, after.order_by(payments.c.event_seq))
        self._rows = OrderedRows(iter(rows), ("event_seq",))

    def take(self, event: AnyEvent) -> None:
        """Compare the row of an event."""
        row = payment_row(event)
        if row is None or self._kept_from is None or event.event_seq < self._kept_from:
            return
        said = dict(zip(COLUMNS, row, strict=True))
        self._breaks.compare_next(_TABLE, f"{_TABLE} {event.event_seq}", said, self._rows)

    def compare(self) -> None:
        """Name what is left."""
        self._breaks.extras(_TABLE, self._rows.rest())
