"""Roles of operators: each may do all that those before it may. Pure."""

from enum import StrEnum


class Role(StrEnum):
    """What an operator may do: look; run the market; change risk; change who and what there is."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    RISK = "risk"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        """Whether whoever has this role may do what needs `other`."""
        order = list(Role)
        return order.index(self) >= order.index(other)
