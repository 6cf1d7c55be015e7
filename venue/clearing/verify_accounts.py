"""Verifies whose ledger accounts are, and where each and each member stands behind its last line.

May know SQL and the postings. Read-only, on the connection that it is given.
"""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, func, select

from venue.clearing.breaks import Breaks
from venue.clearing.ordered_rows import OrderedRows
from venue.clearing.postings import Entry, LedgerAccount
from venue.clearing.running import LINE, Counts, Running, Standing, account_of
from venue.clearing.schema import accounts, balances, entries, postings, wallets

READ = 1_000


class AccountsCheck:
    """Goes on from where the ledger stood before the journal's first event."""

    def __init__(self, connection: Connection, breaks: Breaks, first: int) -> None:
        self._connection = connection
        self._breaks = breaks
        self._accounts = {
            row.account_id: account_of(row.kind, row.owner, row.sub_account, row.asset)
            for row in rows_of(connection, select(accounts))
        }
        self._running = Running()
        self._last_seq: dict[LedgerAccount, int] = {}
        self._used: defaultdict[int, Counter[LedgerAccount]] = defaultdict(Counter)
        """Account ids, and the accounts for which the journal's lines say that they are booked."""
        self._lines: defaultdict[int, list[tuple[int, int, LedgerAccount]]] = defaultdict(list)
        """Account ids, and their lines that the table of accounts gives to another account."""
        self.counts = Counts()
        if first > 1:
            self._begin_at(first)

    def compare_lines(self, entry: Entry, booked: OrderedRows) -> None:
        """Compare an entry's lines with those that are booked."""
        self.counts = self.counts.after(entry)
        for account, _ in entry.postings:
            if account not in self._running.accounts:
                self._running.stand(account, Standing(account))
        for posting, line in zip(entry.postings, self._running.lines(entry), strict=True):
            account = posting.account
            self._last_seq[account] = entry.event_seq
            said = dict(zip(LINE, line, strict=True))
            del said["account_id"]  # whose it is, is asked of the account
            name = f"entry {entry.event_seq} line {said['line']}"
            found = self._breaks.compare_next("posting of entry", name, said, booked)
            if found is None:
                continue
            self._used[found.account_id][account] += 1
            if self._accounts.get(found.account_id) != account:
                self._lines[found.account_id].append((found.event_seq, found.line, account))

    def compare_owners(self) -> None:
        """Name an account that the table gives to another owner, else the lines booked wrongly."""
        for account_id, lines in sorted(self._lines.items()):
            used = self._used[account_id]
            there = self._accounts.get(account_id)
            meant, _ = used.most_common(1)[0]
            if there is None or not used[there]:
                said = None if there is None else _name(there)
                self._breaks.add(f"account {account_id}", 0, "owner", said, _name(meant))
                self._accounts[account_id] = meant
                lines = [each for each in lines if each[2] != meant]
            for event_seq, line, account in lines:
                found = _name(self._accounts[account_id])
                name = f"entry {event_seq} line {line}"
                self._breaks.add(name, event_seq, "account", found, _name(account))

    def compare_balances(self) -> None:
        """Balances are the sums of what the journal says, behind what was booked before it."""
        expected = dict(self._running.accounts)
        for row in self._rows(select(balances).order_by(balances.c.account_id)):
            owner = self._accounts.get(row.account_id)
            standing = None if owner is None else expected.pop(owner, None)
            said = {
                "balance": Decimal(0) if standing is None else standing.balance,
                "version": 0 if standing is None else standing.version,
                "event_seq": 0 if owner is None else self._last_seq.get(owner, 0),
            }
            name = _name(owner) if owner is not None else f"account {row.account_id}"
            self._breaks.compare(f"balance of {name}", 0, row, said)
        for account, standing in sorted(expected.items()):
            self._breaks.add(
                f"balance of {_name(account)}", 0, "row", None, f"{standing.balance:f}"
            )

    def compare_wallets(self) -> None:
        """Each member has as many lines as the journal says."""
        expected = dict(self._running.wallets)
        for row in self._rows(select(wallets).order_by(wallets.c.member)):
            said = {"wallet_number": expected.pop(row.member, 0)}
            self._breaks.compare(f"wallet of {row.member}", 0, row, said)
        for member, number in sorted(expected.items()):
            self._breaks.missing(f"wallet of {member}", 0, {"wallet_number": number})

    def _begin_at(self, first: int) -> None:
        """Take what was booked before the journal's first event as it stands."""
        before = (
            select(
                postings.c.account_id,
                func.sum(postings.c.amount).label("total"),
                func.max(postings.c.version).label("version"),
                func.max(postings.c.wallet_number).label("number"),
                func.max(postings.c.event_seq).label("event_seq"),
            )
            .where(postings.c.event_seq < first)
            .group_by(postings.c.account_id)
        )
        for row in self._rows(before):
            account = self._accounts[row.account_id]
            standing = Standing(account, row.account_id, row.total, row.version)
            self._running.stand(account, standing)
            self._last_seq[account] = row.event_seq
            if standing.member is not None:
                number = max(self._running.wallets[standing.member], row.number or 0)
                self._running.wallets[standing.member] = number
        counted = self._connection.execute(
            select(entries.c.trades, entries.c.busted)
            .where(entries.c.event_seq < first)
            .order_by(entries.c.event_seq.desc())
            .limit(1)
        ).one_or_none()
        if counted is not None:
            self.counts = Counts(*counted)

    def _rows(self, query: Select[Any]) -> Any:
        return rows_of(self._connection, query)


def rows_of(connection: Connection, query: Select[Any]) -> Any:
    """Rows of a query, a few at a time."""
    return connection.execute(query, execution_options={"yield_per": READ})


def _name(account: LedgerAccount) -> str:
    return f"{account.kind} {account.owner} {account.sub_account} {account.asset}"
