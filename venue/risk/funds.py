"""Purses: what a member owns of an asset, and how much of it open orders have reserved. Pure.

Amounts are counted in 10^-8 units, as in the ledger. The ledger has the same balance once it has
booked all events.
"""


class Purse:
    """One asset in one account of a member. A prefunded member never reserves more than it has.

    balance: with all trades, settled or not. pending: the part of it that is still to settle, net;
    below zero: more is still to go out than to come in.
    """

    __slots__ = ("account", "asset", "balance", "pending", "reserved")

    def __init__(self, account: str, asset: str) -> None:
        self.account = account
        self.asset = asset
        self.balance = 0
        self.reserved = 0
        self.pending = 0

    @property
    def free(self) -> int:
        """What new orders may still use."""
        return self.balance - self.reserved

    @property
    def settled(self) -> int:
        """What is there for good: the ledger's settled balance."""
        return self.balance - self.pending


class Purses:
    """A member's purses by account and asset. Orders that name no account use the account ""."""

    __slots__ = ("_purses",)

    def __init__(self) -> None:
        self._purses: dict[tuple[str, str], Purse] = {}

    def of(self, account: str | None, asset: str) -> Purse:
        """The purse; the first call makes it."""
        key = (account or "", asset)
        purse = self._purses.get(key)
        if purse is None:
            purse = self._purses[key] = Purse(*key)
        assert purse.asset == asset
        return purse

    def seen(self, account: str | None, asset: str) -> Purse:
        """The purse for reading only: where there is none yet, an empty one that is not kept."""
        key = (account or "", asset)
        return self._purses.get(key) or Purse(*key)

    def all(self) -> list[Purse]:
        """All purses, in the order in which they were made."""
        return list(self._purses.values())

    def is_used(self) -> bool:
        """Whether any purse has a balance, a reservation or something to settle now."""
        return any(
            purse.balance or purse.reserved or purse.pending for purse in self._purses.values()
        )
