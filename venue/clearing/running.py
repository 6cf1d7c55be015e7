"""Lines of the table `postings`: each with the balance before and after it, and its numbers. Pure.

Knows entries. Whoever books loads where accounts and members stand, or begins with nothing; after
that a line costs no question to the database.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from venue.clearing.postings import EXACT, OF_MEMBERS, AccountKind, Entry, LedgerAccount, value_date

LINE = (
    "event_seq", "line", "account_id", "amount", "balance_before", "balance_after", "version",
    "value_date", "wallet_number",
)  # fmt: skip
"""Columns of a line, in order."""
Line = tuple[int, int, int, Decimal, Decimal, Decimal, int, str, int | None]


class Standing:
    """An account's number, and what its last line says."""

    __slots__ = ("account_id", "balance", "version")

    def __init__(self, account_id: int, balance: Decimal = Decimal(0), version: int = 0) -> None:
        self.account_id = account_id
        self.balance = balance
        self.version = version


class Counts(NamedTuple):
    """How many trades were ever executed, and how many of them busted."""

    trades: int = 0
    busted: int = 0

    def after(self, entry: Entry) -> "Counts":
        """The counts once this entry is booked."""
        if entry.kind == "TradeExecuted":
            return self._replace(trades=self.trades + 1)
        if entry.kind == "TradeBusted":
            return self._replace(busted=self.busted + 1)
        return self


class Running:
    """Where each account and each member stands behind the last line."""

    def __init__(self) -> None:
        self.accounts: dict[LedgerAccount, Standing] = {}
        self.wallets: dict[str, int] = {}

    def clear(self) -> None:
        """Forget all: a transaction was not committed, or somebody else has booked."""
        self.accounts.clear()
        self.wallets.clear()

    def lines(self, entry: Entry) -> Iterator[Line]:
        """The rows of an entry's postings, which the accounts then stand behind.

        All of its accounts and members have to be here: KeyError.
        """
        seq = entry.event_seq
        for line, (account, amount) in enumerate(entry.postings):
            standing = self.accounts[account]
            before = standing.balance
            standing.balance = after = EXACT.add(before, amount)
            standing.version = version = standing.version + 1
            number = None
            if account.kind in OF_MEMBERS:
                self.wallets[account.owner] = number = self.wallets[account.owner] + 1
            yield (
                seq, line, standing.account_id, amount, before, after, version,
                value_date(entry, account), number,
            )  # fmt: skip


def members_of(accounts: Iterator[LedgerAccount]) -> set[str]:
    """Members that own one of the accounts."""
    return {each.owner for each in accounts if each.kind in OF_MEMBERS}


def account_of(kind: str, owner: str, sub_account: str, asset: str) -> LedgerAccount:
    """The ledger account of a row of the table `accounts`."""
    return LedgerAccount(AccountKind(kind), owner, sub_account, asset)
