"""Lines of the table `postings`: each with the balance before and after it, and its numbers. Pure.

Knows entries. Whoever books loads where accounts and members stand, or begins with nothing; after
that a line costs no question to the database.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from venue.clearing.postings import (
    EXACT,
    OF_MEMBERS,
    AccountKind,
    Entry,
    LedgerAccount,
    booking_date,
    is_owed,
)

LINE = (
    "event_seq", "line", "account_id", "amount", "balance_before", "balance_after", "version",
    "value_date", "wallet_number",
)  # fmt: skip
"""Columns of a line, in order."""
Line = tuple[int, int, int, Decimal, Decimal, Decimal, int, str, int | None]


class Standing:
    """An account's number, and what its last line says. What follows from the account is here, too:

    whether it is for what is owed; the member whose lines are counted, None where it has no such.
    """

    __slots__ = ("account_id", "balance", "is_owed", "member", "version")

    def __init__(
        self,
        account: LedgerAccount,
        account_id: int = 0,
        balance: Decimal = Decimal(0),
        version: int = 0,
    ) -> None:
        self.account_id = account_id
        self.balance = balance
        self.version = version
        self.is_owed = is_owed(account)
        self.member = account.owner if account.kind in OF_MEMBERS else None


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

    def stand(self, account: LedgerAccount, standing: Standing) -> None:
        """Take over where an account stands."""
        self.accounts[account] = standing
        if standing.member is not None:
            self.wallets.setdefault(standing.member, 0)

    def clear(self) -> None:
        """Forget all: a transaction was not committed, or somebody else has booked."""
        self.accounts.clear()
        self.wallets.clear()

    def lines(self, entry: Entry) -> Iterator[Line]:
        """The rows of an entry's postings, which the accounts then stand behind.

        All of its accounts and members have to be here: KeyError.
        """
        seq, accounts, wallets, add = entry.event_seq, self.accounts, self.wallets, EXACT.add
        booked_on = booking_date(entry)
        owed_on = entry.due or booked_on
        for line, (account, amount) in enumerate(entry.postings):
            standing = accounts[account]
            before = standing.balance
            standing.balance = after = add(before, amount)
            standing.version = version = standing.version + 1
            number = None
            member = standing.member
            if member is not None:
                wallets[member] = number = wallets[member] + 1
            yield (
                seq, line, standing.account_id, amount, before, after, version,
                owed_on if standing.is_owed else booked_on, number,
            )  # fmt: skip


def account_of(kind: str, owner: str, sub_account: str, asset: str) -> LedgerAccount:
    """The ledger account of a row of the table `accounts`."""
    return LedgerAccount(AccountKind(kind), owner, sub_account, asset)
