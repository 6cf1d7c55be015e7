"""What a listener is told unasked: whose reports, and which of them. Pure."""

from typing import Literal, NamedTuple

from venue.domain.order_state import OrderState
from venue.fixdc.copies import Copy

Level = Literal["trades", "orders", "both"]


class Sources(NamedTuple):
    """members: whose reports. accounts: of which Account(1); none named: of all.

    levels: trades (with busts and corrections), orders (all other reports), or both.
    """

    members: frozenset[str]
    accounts: frozenset[str] = frozenset()
    levels: Level = "both"

    def has(self, copy: Copy) -> bool:
        """Whether the listener may see this copy at all: whatever its level, it may ask for it."""
        return copy.member in self.members and self._has_account(copy.account)

    def wants(self, copy: Copy) -> bool:
        """Whether the listener is told this copy unasked."""
        if self.levels != "both" and (self.levels == "trades") != copy.is_trade:
            return False
        return self.has(copy)

    def has_order(self, order: OrderState) -> bool:
        """Whether the listener may see this order."""
        terms = order.terms
        return terms.member in self.members and self._has_account(terms.account or "")

    def may_ask_of(self, member: str, account: str) -> bool:
        """Whether the listener may see this account of a member; empty: orders without one."""
        return member in self.members and self._has_account(account)

    def _has_account(self, account: str) -> bool:
        return not self.accounts or account in self.accounts


__all__ = ["Level", "Sources"]
