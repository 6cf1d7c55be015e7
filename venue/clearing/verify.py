"""Verifies the ledger against the journal: what would be booked from it, and what is booked.

May know the journal's reader, the postings and SQL. Read-only, in one snapshot of the database.
Names each difference; what retention has taken from the journal is taken as it is booked.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Select, Table, func, or_, select, text

from venue.bus.agreement import JournalNotShown, SinkDisagrees, ensure_in_journal
from venue.bus.position_file import Position
from venue.clearing.ordered_rows import OrderedRows
from venue.clearing.postings import (
    EXACT,
    AccountKind,
    Entry,
    EventNotPostable,
    LedgerAccount,
    entries_of,
)
from venue.clearing.schema import (
    CONSUMER,
    EXECUTED,
    accounts,
    balances,
    entries,
    position,
    postings,
    trades,
)
from venue.clearing.trade_rows import COLUMNS, CURRENT, changed_row, trade_row
from venue.domain.codec import decode_event
from venue.domain.events import AnyEvent, TradeBusted, TradeCorrected, TradeExecuted
from venue.journal.reader import JournalReader

READ = 1_000
_SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


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


class LedgerVerdict(msgspec.Struct, frozen=True):
    """What was compared, and each difference. first_event_seq: with which the journal begins."""

    position: int
    first_event_seq: int
    entries: int
    trades: int
    breaks: list[Break]


def verify_ledger(engine: Engine, reader: JournalReader) -> LedgerVerdict:
    """Recompute the ledger up to its position. Raises SQLAlchemyError, JournalDamage."""
    with engine.connect() as connection, connection.begin():
        connection.execute(_SNAPSHOT)
        return _Verification(connection, reader).run()


class _Verification:
    """One pass over the journal beside the tables in the order of their events."""

    def __init__(self, connection: Connection, reader: JournalReader) -> None:
        self._connection = connection
        self._reader = reader
        self._first = reader.first_event_seq()
        self._breaks: list[Break] = []
        self._accounts = {row.account_id: _account_of(row) for row in self._rows(select(accounts))}
        self._sums: defaultdict[LedgerAccount, Decimal] = defaultdict(Decimal)
        self._used: defaultdict[int, Counter[LedgerAccount]] = defaultdict(Counter)
        """Account ids, and the accounts for which the journal's lines say that they are booked."""
        self._lines: defaultdict[int, list[tuple[int, int, LedgerAccount]]] = defaultdict(list)
        """Account ids, and their lines that the table of accounts gives to another account."""
        self._changed: dict[str, dict[str, Any]] = {}
        """Trades that were busted or corrected: what their rows have to say now."""

    def run(self) -> LedgerVerdict:
        booked = self._position()
        booked_entries, booked_lines, booked_trades = (
            OrderedRows(
                iter(self._rows(self._after_first(table))), tuple(table.primary_key.columns.keys())
            )
            for table in (entries, postings, trades)
        )
        counted = Counter[str]()
        for event in self._events(booked.event_seq):
            for entry in self._entries(event):
                counted["entries"] += 1
                self._compare_entry(entry, booked_entries, booked_lines)
            if isinstance(event, TradeExecuted):
                counted["trades"] += 1
                row = dict(zip(COLUMNS, trade_row(event), strict=True))
                name = f"trade {event.match_id}"
                self._compare("trade of event", name, row, booked_trades)
            elif isinstance(event, TradeBusted | TradeCorrected):
                self._changed[event.match_id] = changed_row(event)
        for rows, table in (
            (booked_entries, "entry"), (booked_lines, "posting of entry"),
            (booked_trades, "trade of event"),
        ):  # fmt: skip
            for row in rows.rest():
                self._extra(table, row)
        self._compare_accounts()
        self._compare_balances()
        self._compare_changed()
        return LedgerVerdict(
            booked.event_seq, self._first, counted["entries"], counted["trades"], self._breaks
        )

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
            self._breaks.append(Break("position", booked.event_seq, "row", str(error), None))
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

    def _entries(self, event: AnyEvent) -> list[Entry]:
        try:
            return entries_of(event)
        except EventNotPostable as error:  # clearing halts in front of it
            self._breaks.append(Break("entries", event.event_seq, "row", None, str(error)))
            return []

    def _compare_entry(self, entry: Entry, booked: OrderedRows, lines: OrderedRows) -> None:
        event_seq = entry.event_seq
        row = dict(zip(map(str, entries.c.keys()), entry[:4], strict=True))
        self._compare("entry", f"entry {event_seq}", row, booked)
        for line, (account, amount) in enumerate(entry.postings):
            self._sums[account] = EXACT.add(self._sums[account], amount)
            name = f"entry {event_seq} line {line}"
            said = {"event_seq": event_seq, "line": line, "amount": amount}
            found = self._compare("posting of entry", name, said, lines)
            if found is None:
                continue
            self._used[found.account_id][account] += 1
            if self._accounts.get(found.account_id) != account:
                self._lines[found.account_id].append((event_seq, line, account))

    def _compare(self, table: str, name: str, said: dict[str, Any], booked: OrderedRows) -> Any:
        """The booked row of this key, each column compared; None where there is none."""
        event_seq = said["event_seq"]
        key = tuple(said[column] for column in booked.key)
        for row in booked.before(key):
            self._extra(table, row)
        found = booked.at(key)
        if found is None:
            self._break(name, event_seq, "row", None, _told(said))
            return None
        for column, value in said.items():
            if not column.startswith("current_") and not _equal(getattr(found, column), value):
                self._break(name, event_seq, column, getattr(found, column), value)
        return found

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
            for column, value in now.items():
                found = getattr(row, column)
                if not _equal(found, value):
                    self._break(f"trade {row.match_id}", row.event_seq, column, found, value)
        for match_id, now in self._changed.items():
            name = f"trade {match_id}"
            self._break(name, now["changed_seq"], "status", "executed", now["status"])

    def _compare_accounts(self) -> None:
        """Name an account that the table gives to another owner, else the lines booked wrongly."""
        for account_id, lines in sorted(self._lines.items()):
            used = self._used[account_id]
            there = self._accounts.get(account_id)
            meant, _ = used.most_common(1)[0]
            if there is None or not used[there]:
                said = None if there is None else _name(there)
                self._break(f"account {account_id}", 0, "owner", said, _name(meant))
                self._accounts[account_id] = meant
                lines = [each for each in lines if each[2] != meant]
            for event_seq, line, account in lines:
                found = _name(self._accounts[account_id])
                name = f"entry {event_seq} line {line}"
                self._break(name, event_seq, "account", found, _name(account))

    def _compare_balances(self) -> None:
        """Balances are the sums of what the journal says, behind what was booked before it."""
        sums: defaultdict[LedgerAccount, Decimal] = defaultdict(Decimal, self._sums_before())
        for account, amount in self._sums.items():
            sums[account] = EXACT.add(sums[account], amount)
        for row in self._rows(select(balances).order_by(balances.c.account_id)):
            owner = self._accounts.get(row.account_id)
            expected = sums.pop(owner, Decimal(0)) if owner is not None else Decimal(0)
            if row.balance != expected:
                name = _name(owner) if owner is not None else f"account {row.account_id}"
                self._break(f"balance of {name}", 0, "balance", row.balance, expected)
        for account, expected in sorted(sums.items()):
            if expected:
                self._break(f"balance of {_name(account)}", 0, "row", None, f"{expected:f}")

    def _sums_before(self) -> dict[LedgerAccount, Decimal]:
        """Balances before the journal's first event: as they are booked."""
        before = (
            select(postings.c.account_id, func.sum(postings.c.amount).label("total"))
            .where(postings.c.event_seq < self._first)
            .group_by(postings.c.account_id)
        )
        return {self._accounts[row.account_id]: row.total for row in self._rows(before)}

    def _after_first(self, table: Table) -> Select[Any]:
        keys = list(table.primary_key.columns)
        return select(table).where(table.c.event_seq >= self._first).order_by(*keys)

    def _in_order(self, table: Table) -> OrderedRows:
        rows = self._rows(self._after_first(table))
        return OrderedRows(iter(rows), tuple(table.primary_key.columns.keys()))

    def _rows(self, query: Select[Any]) -> Any:
        return self._connection.execute(query, execution_options={"yield_per": READ})

    def _extra(self, name: str, row: Any) -> None:
        self._break(f"{name} {row.event_seq}", row.event_seq, "row", _told(row._asdict()), None)

    def _break(self, where: str, event_seq: int, what: str, booked: Any, journal: Any) -> None:
        self._breaks.append(Break(where, event_seq, str(what), _said(booked), _said(journal)))


def _account_of(row: Any) -> LedgerAccount:
    return LedgerAccount(AccountKind(row.kind), row.owner, row.sub_account, row.asset)


def _name(account: LedgerAccount) -> str:
    return f"{account.kind} {account.owner} {account.sub_account} {account.asset}"


def _equal(found: Any, said: Any) -> bool:
    if isinstance(found, Decimal) and said is not None:
        return found == Decimal(str(said))
    return bool(found == said)


def _said(value: Any) -> str | None:
    if value is None:
        return None
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _told(row: dict[str, Any]) -> str:
    """A row's columns in one line, without its key."""
    return ", ".join(f"{name} {_said(value)}" for name, value in row.items() if name != "event_seq")
