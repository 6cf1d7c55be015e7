"""A ledger in memory: balances from entries, to check the one in PostgreSQL, and for tests.

Pure. Must never take an entry twice, nor one that does not balance.
"""

from collections.abc import Mapping
from decimal import Decimal

from venue.clearing.postings import EXACT, Entry, LedgerAccount, ensure_balanced


class EntryOutOfOrder(ValueError):
    """An entry's event_seq is not above the last one: it was posted before."""


class Ledger:
    """Running balances per ledger account."""

    def __init__(self) -> None:
        self._balances: dict[LedgerAccount, Decimal] = {}
        self._event_seq = 0

    def post(self, entry: Entry) -> None:
        """Book all postings of an entry. Raises EntryOutOfOrder, EventNotPostable."""
        if entry.event_seq <= self._event_seq:
            raise EntryOutOfOrder(f"event {entry.event_seq} after event {self._event_seq}")
        ensure_balanced(entry)
        for account, amount in entry.postings:
            self._balances[account] = EXACT.add(self.balance(account), amount)
        self._event_seq = entry.event_seq

    def balance(self, account: LedgerAccount) -> Decimal:
        """The balance of an account; zero if nothing was ever posted to it."""
        return self._balances.get(account, Decimal(0))

    def balances(self) -> Mapping[LedgerAccount, Decimal]:
        """Every account that was ever posted to."""
        return self._balances

    def sums(self) -> dict[str, Decimal]:
        """Total of all accounts by asset: zero, always."""
        sums: dict[str, Decimal] = {}
        for account, amount in self._balances.items():
            sums[account.asset] = EXACT.add(sums.get(account.asset, Decimal(0)), amount)
        return sums
