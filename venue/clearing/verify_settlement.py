"""Verifies obligations, cycles and fails against the journal's events.

May know SQL. Read-only, on the connection that it is given. Where the journal begins later, an
obligation counts from the first event on that says what is left of it.
"""

from typing import Any

from sqlalchemy import Connection, select

from venue.clearing.breaks import Breaks
from venue.clearing.obligations import Obligation, ObligationKey, Obligations
from venue.clearing.ordered_rows import OrderedRows
from venue.clearing.postings import EventNotPostable
from venue.clearing.schema import cycles, fails, obligations
from venue.clearing.settlement_rows import (
    FAIL_COLUMNS,
    cycle_row,
    ended_row,
    fail_row,
    obligation_of,
)
from venue.clearing.verify_accounts import rows_of
from venue.domain.events import AnyEvent, ObligationFailed, SettlementBegun, SettlementEnded

_NOT_ENDED = {"settled": None, "partly": None, "failed": None, "ended_ns": None}


class SettlementCheck:
    """Folds the journal's events, and compares what comes of them."""

    def __init__(self, connection: Connection, breaks: Breaks, first: int) -> None:
        self._connection = connection
        self._breaks = breaks
        self._first = first
        self._obligations = Obligations(from_beginning=first == 1)
        self._cycles: dict[int, dict[str, Any]] = {}
        after = select(fails).where(fails.c.event_seq >= first).order_by(fails.c.event_seq)
        self._fails = OrderedRows(iter(rows_of(connection, after)), ("event_seq",))
        self.fails = 0

    @property
    def obligations(self) -> int:
        """How many obligations the journal knows."""
        return len(self._obligations)

    @property
    def cycles(self) -> int:
        """How many cycles the journal knows."""
        return len(self._cycles)

    def take(self, event: AnyEvent) -> None:
        """Fold an event; compare the row of a fail."""
        try:
            self._obligations.apply(event)
            if isinstance(event, SettlementBegun):
                self._cycles[event.cycle] = cycle_row(event) | _NOT_ENDED
        except EventNotPostable as error:  # clearing halts in front of it
            self._breaks.add("obligations", event.event_seq, "row", None, str(error))
        if isinstance(event, SettlementEnded):
            self._cycles.setdefault(event.cycle, {}).update(ended_row(event))
        elif isinstance(event, ObligationFailed):
            self.fails += 1
            said = dict(zip(FAIL_COLUMNS, fail_row(event), strict=True))
            self._breaks.compare_next("fail of event", _fail_name(event), said, self._fails)

    def compare(self) -> None:
        """Name what is left of fails, and each difference of obligations and cycles."""
        self._breaks.extras("fail of event", self._fails.rest())
        self._compare_obligations()
        self._compare_cycles()

    def _compare_obligations(self) -> None:
        expected = dict(self._obligations.items())
        order = select(obligations).order_by(*obligations.primary_key.columns)
        for row in rows_of(self._connection, order):
            key, _ = obligation_of(row)
            said = expected.pop(key, None)
            if said is not None:
                self._breaks.compare(_name(key), said.changed_seq, row, _columns(said))
            elif row.changed_seq >= self._first:
                self._breaks.extra(_name(key), row.changed_seq, row)
        for key, said in sorted(expected.items()):
            self._breaks.missing(_name(key), said.changed_seq, _columns(said))

    def _compare_cycles(self) -> None:
        expected = dict(self._cycles)
        for row in rows_of(self._connection, select(cycles).order_by(cycles.c.cycle)):
            said = expected.pop(row.cycle, None)
            if said is not None:
                self._breaks.compare(f"cycle {row.cycle}", row.event_seq, row, said)
            elif row.event_seq >= self._first:
                self._breaks.extra(f"cycle {row.cycle}", row.event_seq, row)
        for cycle, said in sorted(expected.items()):
            self._breaks.missing(f"cycle {cycle}", said.get("event_seq", 0), said)


def _columns(obligation: Obligation) -> dict[str, Any]:
    """Of one whose beginning the journal does not have any more, only who changed it last."""
    said: dict[str, Any] = {"changed_seq": obligation.changed_seq}
    if obligation.is_known:
        said |= {
            "asset": obligation.asset,
            "currency": obligation.currency,
            "quantity": obligation.quantity,
            "amount": obligation.amount,
            "cycles": obligation.cycles,
        }
    return said


def _name(key: ObligationKey) -> str:
    return f"obligation of {key.member} {key.account} {key.symbol} due {key.due}"


def _fail_name(event: ObligationFailed) -> str:
    return f"fail of event {event.event_seq}"
