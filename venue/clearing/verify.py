"""Verifies the ledger against the journal: what would be booked from it, and what is booked.

May know the journal's reader, the postings and SQL. Read-only, in one snapshot of the database.
Names each difference; what retention has taken from the journal is taken as it is booked.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Select, Table, or_, select

from venue.bus.agreement import JournalNotShown, SinkDisagrees, ensure_in_journal
from venue.bus.position_file import Position
from venue.clearing.balances import ledger_snapshot
from venue.clearing.breaks import Break, Breaks
from venue.clearing.ordered_rows import OrderedRows
from venue.clearing.portfolio.verify_changes import ChangesCheck
from venue.clearing.postings import Entry, EventNotPostable, entries_of
from venue.clearing.repository import ENTRY
from venue.clearing.schema import CONSUMER, EXECUTED, entries, position, postings, trades
from venue.clearing.trade_rows import COLUMNS, CURRENT, changed_row, trade_row
from venue.clearing.verify_accounts import READ, AccountsCheck, rows_of
from venue.clearing.verify_payments import PaymentsCheck
from venue.clearing.verify_settlement import SettlementCheck
from venue.domain.codec import decode_event
from venue.domain.events import AnyEvent, TradeBusted, TradeCorrected, TradeExecuted
from venue.journal.reader import JournalReader


class LedgerVerdict(msgspec.Struct, frozen=True):
    """What was compared, and each difference. first_event_seq: with which the journal begins."""

    position: int
    first_event_seq: int
    entries: int
    trades: int
    obligations: int
    cycles: int
    fails: int
    breaks: list[Break]


def verify_ledger(
    engine: Engine, reader: JournalReader, tell: Callable[[int], None] = lambda event_seq: None
) -> LedgerVerdict:
    """Recompute the ledger up to its position. tell: gets each event that is done.

    Raises SQLAlchemyError, JournalDamage.
    """
    with ledger_snapshot(engine) as connection:
        return _Verification(connection, reader, tell).run()


class _Verification:
    """One pass over the journal beside the tables in the order of their events."""

    def __init__(
        self, connection: Connection, reader: JournalReader, tell: Callable[[int], None]
    ) -> None:
        self._connection = connection
        self._tell = tell
        self._reader = reader
        self._first = reader.first_event_seq()
        self._breaks = Breaks()
        self._accounts = AccountsCheck(connection, self._breaks, self._first)
        self._settlement = SettlementCheck(connection, self._breaks, self._first)
        self._payments = PaymentsCheck(connection, self._breaks, self._first)
        self._positions = ChangesCheck(connection, self._breaks, self._first)
        self._changed: dict[str, dict[str, Any]] = {}
        """Trades that were busted or corrected: what their rows have to say now."""

    def run(self) -> LedgerVerdict:
        booked = self._position()
        booked_entries, booked_lines, booked_trades = map(
            self._in_order, (entries, postings, trades)
        )
        counted = Counter[str]()
        for event in self._events(booked.event_seq):
            for entry in self._entries(event):
                counted["entries"] += 1
                self._compare_entry(entry, booked_entries, booked_lines)
            self._settlement.take(event)
            self._payments.take(event)
            self._positions.take(event)
            if isinstance(event, TradeExecuted):
                counted["trades"] += 1
                row = dict(zip(COLUMNS, trade_row(event), strict=True))
                self._compare_trade(event, row, booked_trades)
            elif isinstance(event, TradeBusted | TradeCorrected):
                self._changed[event.match_id] = changed_row(event)
        for rows, table in (
            (booked_entries, "entry"), (booked_lines, "posting of entry"),
            (booked_trades, "trade of event"),
        ):  # fmt: skip
            self._breaks.extras(table, rows.rest())
        self._accounts.compare_owners()
        self._accounts.compare_balances()
        self._accounts.compare_wallets()
        self._settlement.compare()
        self._payments.compare()
        self._positions.compare()
        self._compare_changed()
        return LedgerVerdict(
            booked.event_seq, self._first, counted["entries"], counted["trades"],
            self._settlement.obligations, self._settlement.cycles, self._settlement.fails,
            self._breaks.found,
        )  # fmt: skip

    def _position(self) -> Position:
        row = self._connection.execute(
            select(position).where(position.c.consumer == CONSUMER)
        ).one_or_none()
        booked = Position(0)
        if row is not None:
            booked = Position(row.event_seq, journal=row.journal, digest=row.digest)
        try:
            ensure_in_journal(booked, self._reader, "the ledger")
        except SinkDisagrees as error:
            self._breaks.add("position", booked.event_seq, "row", str(error), None)
        return booked

    def _events(self, last: int) -> Iterator[AnyEvent]:
        durable = self._reader.durable_event_seq()
        if durable is None:
            raise JournalNotShown
        last = min(last, durable)
        at = self._first - 1
        self._reader.seek(self._first)
        while at < last:
            for journaled in self._reader.read(min(READ, last - at)):
                at = journaled.event_seq
                yield decode_event(journaled.payload)
            self._tell(at)

    def _entries(self, event: AnyEvent) -> list[Entry]:
        try:
            return entries_of(event)
        except EventNotPostable as error:  # clearing halts in front of it
            self._breaks.add("entries", event.event_seq, "row", None, str(error))
            return []

    def _compare_entry(self, entry: Entry, booked: OrderedRows, lines: OrderedRows) -> None:
        counts = self._accounts.counts.after(entry)
        row = dict(zip(ENTRY, (*entry[:4], *counts), strict=True))
        self._breaks.compare_next("entry", f"entry {entry.event_seq}", row, booked)
        self._accounts.compare_lines(entry, lines)

    def _compare_trade(
        self, event: TradeExecuted, row: dict[str, Any], booked: OrderedRows
    ) -> None:
        """As it was executed; what it is now is compared once all its changes are known."""
        said = {name: value for name, value in row.items() if not name.startswith("current_")}
        self._breaks.compare_next("trade of event", f"trade {event.match_id}", said, booked)

    def _compare_changed(self) -> None:
        """What trades are now: as they were executed, but for those that the journal changes."""
        differs = [
            getattr(trades.c, f"current_{name}") != getattr(trades.c, name) for name in CURRENT
        ]
        changed = or_(trades.c.status != EXECUTED, trades.c.changed_seq.is_not(None), *differs)
        for row in self._rows(select(trades).where(changed).order_by(trades.c.event_seq)):
            now = self._changed.pop(row.match_id, None)
            if now is None and row.event_seq < self._first:
                continue  # the journal does not have its changes any more
            if now is None:
                now = {f"current_{name}": getattr(row, name) for name in CURRENT}
                now |= {"status": EXECUTED, "changed_seq": None}
            self._breaks.compare(f"trade {row.match_id}", row.event_seq, row, now)
        for match_id, now in self._changed.items():
            name = f"trade {match_id}"
            self._breaks.add(name, now["changed_seq"], "status", "executed", now["status"])

    def _after_first(self, table: Table) -> Select[Any]:
        keys = list(table.primary_key.columns)
        return select(table).where(table.c.event_seq >= self._first).order_by(*keys)

    def _in_order(self, table: Table) -> OrderedRows:
        rows = self._rows(self._after_first(table))
        return OrderedRows(iter(rows), tuple(table.primary_key.columns.keys()))

    def _rows(self, query: Select[Any]) -> Any:
        return rows_of(self._connection, query)
