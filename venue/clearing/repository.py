"""Books entries in PostgreSQL: a batch of events, its effect and its position in one transaction.

May know the schema and SQL. Must never book an event twice, nor into another journal's ledger: the
position is read under lock first, and event_seq is the key of every table.
"""

from collections.abc import Sequence
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import DBAPIError

from venue.bus.delivered import Delivered
from venue.bus.halts import PositionMoved
from venue.bus.position_file import Position
from venue.clearing.copying import Row, copy_lines, copy_rows
from venue.clearing.migrations import migrate
from venue.clearing.obligations import Obligations
from venue.clearing.payment_rows import add_payments
from venue.clearing.portfolio.change_rows import add_changes
from venue.clearing.postings import BOOKED, Entry, EventNotPostable, entries_of
from venue.clearing.running import Counts, Running
from venue.clearing.running_rows import load_counts, load_running
from venue.clearing.schema import CONSUMER, position
from venue.clearing.settlement_rows import keep_settlement
from venue.clearing.trade_rows import add_trades, change_trades
from venue.domain.events import AnyEvent
from venue.fault_points import fault_point

_LOCK_POSITION = (
    select(position.c.event_seq, position.c.journal, position.c.digest)
    .where(position.c.consumer == CONSUMER)
    .with_for_update()
)
_SET_POSITION = position.update().where(position.c.consumer == CONSUMER)
ENTRY = ("event_seq", "timestamp_ns", "kind", "description", "trades", "busted")
"""Columns of an entry's row."""
_COPY_ENTRIES = f"COPY clearing.entries ({', '.join(ENTRY)}) FROM STDIN"
_OBLIGATIONS_MAX = 500_000
"""Held in memory; beyond, all are forgotten, and read again when they are needed."""
# A commit that a power failure takes back takes its position back too, and is booked again from the
# journal. So waiting for the disk at each commit would gain nothing.
_NO_WAIT_FOR_DISK = text("SET LOCAL synchronous_commit = off")


class LedgerRepository:
    """The only writer of the ledger. Not to be used by two threads at once."""

    def __init__(self, engine: Engine, owner: Engine | None = None) -> None:
        """owner: with the login that migrates the schema; None: the one that books does."""
        self._engine = engine
        self._owner = owner
        self._running = Running()
        self._obligations = Obligations()
        self._counts: Counts | None = None
        self._left_at = Position(0)

    def open(self) -> Position:
        """Make or migrate the schema and return the position: the last event booked.

        Raises SQLAlchemyError, NotMigrated; may be called again at any time.
        """
        self._forget()
        owner = self._owner or self._engine
        try:
            with owner.begin() as connection:
                migrate(connection)
        finally:
            if owner is not self._engine:
                owner.dispose()  # nobody stays connected as the owner
        with self._engine.begin() as connection:
            self._left_at = _position_in(connection)
            return self._left_at

    def apply(self, events: Sequence[Delivered], reached: Position) -> None:
        """Book what is new of a contiguous run of events, in one transaction with its position.

        Raises EventNotPostable, and then nothing was booked. Raises PositionMoved when the ledger
        is not where it was left (somebody else books here), or not at the event before the first.
        Raises SQLAlchemyError or psycopg.Error when the database fails: the transaction may have
        been committed or not, and the same call again is safe.
        """
        try:
            with self._engine.begin() as connection:
                self._book(connection, events, reached)
                fault_point("before-consumer-commit")
            self._left_at = reached
            fault_point("after-consumer-commit")
        except (psycopg.IntegrityError, psycopg.DataError) as error:
            self._forget()
            raise EventNotPostable(_first_line(error)) from error
        except DBAPIError as error:
            self._forget()
            if isinstance(error.orig, psycopg.IntegrityError | psycopg.DataError):
                raise EventNotPostable(_first_line(error.orig)) from error
            raise
        except BaseException:
            self._forget()  # what was rolled back must not be gone on from
            raise
        if len(self._obligations) > _OBLIGATIONS_MAX:
            self._obligations.clear()

    def _forget(self) -> None:
        """Read from the database, when it is needed next, where everything stands."""
        self._running.clear()
        self._obligations.clear()
        self._counts = None

    def _book(self, connection: Connection, events: Sequence[Delivered], reached: Position) -> None:
        connection.execute(_NO_WAIT_FOR_DISK)
        done = _position_in(connection)
        if done == reached:
            return
        new = [event for event in events if event.event_seq > done.event_seq]
        if done != self._left_at or not new or new[0].event_seq != done.event_seq + 1:
            raise PositionMoved(done)
        booked = [each.event for each in new if each.head.type in BOOKED]
        entries = [entry for event in booked for entry in entries_of(event)]
        driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
        with driver.cursor() as cursor:
            if entries:
                self._insert(connection, cursor, entries, booked)
            keep_settlement(connection, cursor, self._obligations, booked)
            add_changes(cursor, booked)
            add_payments(cursor, booked)
        change_trades(connection, booked)
        connection.execute(
            _SET_POSITION.values(
                event_seq=reached.event_seq, journal=reached.journal, digest=reached.digest
            )
        )

    def _insert(
        self,
        connection: Connection,
        cursor: "psycopg.Cursor[Any]",
        entries: Sequence[Entry],
        events: Sequence[AnyEvent],
    ) -> None:
        load_running(connection, self._running, entries)
        counts = load_counts(connection) if self._counts is None else self._counts
        rows: list[Row] = []
        for entry in entries:
            counts = counts.after(entry)
            rows.append((*entry[:4], *counts))
        copy_rows(cursor, _COPY_ENTRIES, rows)
        copy_lines(cursor, (line for entry in entries for line in self._running.lines(entry)))
        add_trades(cursor, events)
        self._counts = counts


def _position_in(connection: Connection) -> Position:
    """The ledger's position, locked until the end of the transaction."""
    row = connection.execute(_LOCK_POSITION).one()
    return Position(row.event_seq, journal=row.journal, digest=row.digest)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
