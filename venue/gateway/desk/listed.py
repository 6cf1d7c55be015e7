"""Which pages there are, and who may see each. Pure."""

from enum import Enum, auto
from typing import NamedTuple

from venue.gateway.desk.logins import Login


class Who(Enum):
    """Who may see a page. TRADER: users of a member. OPERATOR: the venue's own, with `operate`."""

    ANYBODY = auto()
    TRADER = auto()
    OPERATOR = auto()

    def may(self, login: Login | None) -> bool:
        """Whether this login is one of them."""
        if self is Who.ANYBODY:
            return True
        if login is None:
            return False
        return login.is_trader if self is Who.TRADER else login.is_operator


class Listed(NamedTuple):
    """A page in the navigation."""

    path: str
    title: str
    who: Who
