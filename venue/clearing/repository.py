"""Books entries in PostgreSQL: a batch of events, its effect and its position in one transaction.

May know the schema and SQL. Must never book an event twice, nor into another journal's ledger: the
position is read under lock first, and event_seq is the key of every table.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from venue.bus.delivered import Delivered
from venue.bus.halts import PositionMoved
from venue.bus.position_file import Position
from venue.clearing.migrations import migrate
from venue.clearing.portfolio.change_rows import add_changes
from venue.clearing.postings import (
    BOOKED,
    EXACT,
    AccountKind,
    Entry,
    EventNotPostable,
    LedgerAccount,
    entries_of,
)
from venue.clearing.schema import CONSUMER, accounts, position
from venue.clearing.trade_rows import Row, add_trades, change_trades, copy_rows
from venue.domain.events import AnyEvent
from venue.fault_points import fault_point

_LOCK_POSITION = (
    select(position.c.event_seq, position.c.journal, position.c.digest)
    .where(position.c.consumer == CONSUMER)
    .with_for_update()
)
_SET_POSITION = position.update().where(position.c.consumer == CONSUMER)
_COPY_ENTRIES = "COPY clearing.entries (event_seq, timestamp_ns, kind, description) FROM STDIN"
_COPY_POSTINGS = "COPY clearing.postings (event_seq, line, account_id, amount) FROM STDIN"
_ADD_TO_BALANCES = text(
    "INSERT INTO clearing.balances AS b (account_id, balance) "
    "SELECT * FROM unnest(CAST(:ids AS int[]), CAST(:deltas AS numeric[])) "
    "ON CONFLICT (account_id) DO UPDATE SET balance = b.balance + excluded.balance"
)
# A commit that a power failure takes back takes its position back too, and is booked again from the
# journal. So waiting for the disk at each commit would gain nothing.
_NO_WAIT_FOR_DISK = text("SET LOCAL synchronous_commit = off")


class LedgerRepository:
    """The only writer of the ledger. Not to be used by two threads at once."""

    def __init__(self, engine: Engine, owner: Engine | None = None) -> None:
        """owner: with the login that migrates the schema; None: the one that books does."""
        self._engine = engine
        self._owner = owner
        self._account_ids: dict[LedgerAccount, int] = {}
        self._left_at = Position(0)

    def open(self) -> Position:
        """Make or migrate the schema and return the position: the last event booked.

        Raises SQLAlchemyError, NotMigrated; may be called again at any time.
        """
        self._account_ids.clear()
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
            self._account_ids.clear()
            raise EventNotPostable(_first_line(error)) from error
        except DBAPIError as error:
            self._account_ids.clear()
            if isinstance(error.orig, psycopg.IntegrityError | psycopg.DataError):
                raise EventNotPostable(_first_line(error.orig)) from error
            raise
        except BaseException:
            self._account_ids.clear()  # ids of accounts that were rolled back must not be used
            raise

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
        if entries:
            self._insert(connection, entries, booked)
        change_trades(connection, booked)
        add_changes(connection, booked)
        connection.execute(
            _SET_POSITION.values(
                event_seq=reached.event_seq, journal=reached.journal, digest=reached.digest
            )
        )

    def _insert(
        self, connection: Connection, entries: Sequence[Entry], events: Sequence[AnyEvent]
    ) -> None:
        self._add_accounts(connection, entries)
        ids = self._account_ids
        deltas: defaultdict[int, Decimal] = defaultdict(Decimal)
        lines: list[Row] = []
        for entry in entries:
            for line, (account, amount) in enumerate(entry.postings):
                account_id = ids[account]
                lines.append((entry.event_seq, line, account_id, amount))
                deltas[account_id] = EXACT.add(deltas[account_id], amount)
        driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
        with driver.cursor() as cursor:
            copy_rows(cursor, _COPY_ENTRIES, (entry[:4] for entry in entries))
            copy_rows(cursor, _COPY_POSTINGS, lines)
            add_trades(cursor, events)
        changed = sorted(deltas)
        connection.execute(
            _ADD_TO_BALANCES, {"ids": changed, "deltas": [deltas[each] for each in changed]}
        )

    def _add_accounts(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Look up the ids of all accounts of the entries; make the accounts that are new."""
        if not self._account_ids:
            for row in connection.execute(select(accounts)):
                self._account_ids[_account_of(row)] = row.account_id
        touched = (posting.account for entry in entries for posting in entry.postings)
        missing = sorted({account for account in touched if account not in self._account_ids})
        if missing:
            statement = insert(accounts).values([account._asdict() for account in missing])
            for row in connection.execute(statement.returning(accounts)):
                self._account_ids[_account_of(row)] = row.account_id


def _position_in(connection: Connection) -> Position:
    """The ledger's position, locked until the end of the transaction."""
    row = connection.execute(_LOCK_POSITION).one()
    return Position(row.event_seq, journal=row.journal, digest=row.digest)


def _account_of(row: Any) -> LedgerAccount:
    return LedgerAccount(AccountKind(row.kind), row.owner, row.sub_account, row.asset)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
