"""What a member owns of one asset, and how much of it open orders have reserved. Pure.

Counted in 10^-8 units, as the ledger does; the ledger shows the same balance once it has caught up.
"""


class Purse:
    """One asset of one ledger account. Of a prefunded member never reserved > balance."""

    __slots__ = ("account", "asset", "balance", "reserved")

    def __init__(self, account: str, asset: str) -> None:
        self.account = account
        self.asset = asset
        self.balance = 0
        self.reserved = 0

    @property
    def free(self) -> int:
        """What new orders and withdrawals may use."""
        return self.balance - self.reserved


class Purses:
    """All purses of a member by account and asset; account is empty for orders that name none."""

    __slots__ = ("_purses",)

    def __init__(self) -> None:
        self._purses: dict[tuple[str, str], Purse] = {}

    def of(self, account: str | None, asset: str) -> Purse:
        """The purse, made at the first asking."""
        key = (account or "", asset)
        purse = self._purses.get(key)
        if purse is None:
            purse = self._purses[key] = Purse(*key)
        return purse

    def seen(self, account: str | None, asset: str) -> Purse:
        """The same to look at only: an empty one that is not kept where there is none yet."""
        key = (account or "", asset)
        return self._purses.get(key) or Purse(*key)

    def all(self) -> list[Purse]:
        """In the order in which they were first used."""
        return list(self._purses.values())

    def is_used(self) -> bool:
        """Whether anything was ever paid in, traded or reserved."""
        return any(purse.balance or purse.reserved for purse in self._purses.values())
